import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrameDecoder, encodeFrame } from './frame-codec.ts'

/** Cuts `bytes` at the given places, in order. */
function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [0, ...at.map((n) => n % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end))
}

describe('frames', () => {
  it('come out as they went in, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }),
        fc.array(fc.nat(3_000), { maxLength: 12 }),
        (frames, places) => {
          const bytes = Buffer.concat(frames.map(encodeFrame))
          const decoder = createFrameDecoder(300)
          const out: Uint8Array[] = []
          for (const chunk of cut(new Uint8Array(bytes), places)) {
            const verdict = decoder.push(chunk)
            if (!verdict.ok) throw new Error(verdict.fault.message)
            out.push(...verdict.frames)
          }
          expect(out).toEqual(frames)
          expect(decoder.atBoundary).toBe(true)
        },
      ),
    )
  })

  it('are refused when too long, when the prefix never ends, and when it is padded', () => {
    for (const bytes of [
      [0xe9, 0x07],
      [0xff, 0xff, 0xff, 0xff, 0xff],
      [0x80, 0x00],
      [0x81, 0x80, 0x00],
    ]) {
      const decoder = createFrameDecoder(1_000)
      expect(decoder.push(new Uint8Array(bytes))).toMatchObject({
        ok: false,
        fault: { code: 'transport/frame' },
      })
      expect(decoder.push(new Uint8Array([1, 1])).ok).toBe(false)
    }
  })
})
