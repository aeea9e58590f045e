/**
 * Frames on a byte stream: an unsigned varint length, then that many bytes. The decoder is pure
 * and judges hostile input before it buffers it.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'

/** Default bound on a received frame, in bytes. */
export const DEFAULT_MAX_FRAME = 1024 * 1024

/** Longest length prefix: 5 bytes hold 35 bits, more than any bound we allow. */
const MAX_PREFIX = 5

/** The prefix and the frame as one buffer. */
export function encodeFrame(frame: Uint8Array): Uint8Array {
  const prefix: number[] = []
  let rest = frame.byteLength
  while (rest >= 0x80) {
    prefix.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  prefix.push(rest)
  const out = new Uint8Array(prefix.length + frame.byteLength)
  out.set(prefix)
  out.set(frame, prefix.length)
  return out
}

export interface FrameDecoder {
  /** Takes the next bytes; a refusal is final. The frames do not alias `chunk`. */
  push(chunk: Uint8Array): Verdict<{ frames: Uint8Array[] }>
  /** Whether the bytes so far end between two frames. */
  readonly atBoundary: boolean
  /** Changes the bound for the frames whose prefix has not been read yet. */
  raise(maxFrame: number): void
}

/** Cuts a byte stream into frames of at most `maxFrame` bytes. */
export function createFrameDecoder(maxFrame: number = DEFAULT_MAX_FRAME): FrameDecoder {
  let bound = maxFrame
  let prefixBytes = 0
  let length = 0
  let body: Uint8Array | undefined
  let filled = 0
  let broken = false

  const fail = (message: string) => {
    broken = true
    return refuse('transport/frame', message)
  }

  return {
    get atBoundary() {
      return !broken && body === undefined && prefixBytes === 0
    },
    raise(to) {
      bound = to
    },
    push(chunk) {
      if (broken) return fail('the stream already broke its framing')
      const frames: Uint8Array[] = []
      let at = 0
      while (at < chunk.byteLength) {
        if (body === undefined) {
          const byte = chunk[at++]!
          // Multiplication, not shifts: the fifth byte passes 32 bits.
          length += (byte & 0x7f) * 2 ** (7 * prefixBytes)
          prefixBytes += 1
          if (byte >= 0x80) {
            if (prefixBytes === MAX_PREFIX) return fail('a length prefix is longer than 5 bytes')
            continue
          }
          if (byte === 0 && prefixBytes > 1) return fail('a length prefix is not minimal')
          if (length > bound) return fail(`a frame of ${length} bytes is over ${bound}`)
          body = new Uint8Array(length)
          filled = 0
        }
        const take = Math.min(length - filled, chunk.byteLength - at)
        body.set(chunk.subarray(at, at + take), filled)
        filled += take
        at += take
        if (filled === length) {
          frames.push(body)
          body = undefined
          prefixBytes = 0
          length = 0
        }
      }
      return { ok: true, frames }
    },
  }
}
