/**
 * Fuzz target: the frame decoder and the block request parser.
 *
 * @module
 */
import { parseRequest } from './block-exchange.ts'
import { createFrameDecoder, encodeFrame } from './frame-codec.ts'

export const name = 'transport/frames'

export const seeds: readonly Uint8Array[] = [
  encodeFrame(new Uint8Array([1, 2, 3])),
  encodeFrame(new Uint8Array(200)),
  new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x0f]),
]

const MAX_FRAME = 4_096

/**
 * Throws when a parser throws, when the cut of the bytes matters, or when a bound is passed; answers
 * with what each made of it.
 */
export function run(bytes: Uint8Array): string {
  const request = parseRequest(bytes)
  const whole = decodeAll([bytes])
  const byByte = decodeAll(Array.from(bytes, (byte) => new Uint8Array([byte])))
  if (whole !== byByte) throw new Error('the cut of the bytes changed the frames')
  const frames = whole === 'refused' ? whole : `${Math.min(4, whole.split('|').length)} frames`
  return `${frames}; ${request === undefined ? 'no request' : 'a request'}`
}

function decodeAll(chunks: readonly Uint8Array[]): string {
  const decoder = createFrameDecoder(MAX_FRAME)
  const frames: string[] = []
  for (const chunk of chunks) {
    const verdict = decoder.push(chunk)
    // What precedes a fault in the same chunk is dropped with it, so only the fault compares.
    if (!verdict.ok) return 'refused'
    for (const frame of verdict.frames) {
      if (frame.byteLength > MAX_FRAME) throw new Error('a frame over the bound')
      frames.push(String(frame))
    }
  }
  return frames.join('|')
}
