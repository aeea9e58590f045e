import fc from 'fast-check'
import { expect, it } from 'vitest'
import { crc32c } from './crc32c.ts'
import { frameBatch, hidesBatch, logHeader, readLogHeader, scanBatches } from './framed-log.ts'

const marker = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
const batches = fc.array(
  fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 5 }),
  {
    maxLength: 6,
  },
)

function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

it('computes the checksums of RFC 3720 §B.4', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e)
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c)
  expect(crc32c(Uint8Array.of(3, 4), crc32c(Uint8Array.of(1, 2)))).toBe(
    crc32c(Uint8Array.of(1, 2, 3, 4)),
  )
})

it('reads back its header, and no other', () => {
  expect(readLogHeader(logHeader(marker))).toEqual({ ok: true, marker })
  expect(readLogHeader(logHeader(marker).subarray(1))).toMatchObject({ ok: false })
  expect(readLogHeader(new Uint8Array(16))).toMatchObject({ ok: false })
})

it('finds every record, and after any cut exactly the whole batches before it', () => {
  fc.assert(
    fc.property(batches, fc.nat(), (all, at) => {
      const frames = all.map((records) => frameBatch(marker, records))
      const bytes = join(frames)
      const cut = bytes.length === 0 ? 0 : at % (bytes.length + 1)
      const kept = bytes.subarray(0, cut)
      const scan = scanBatches(marker, kept)
      let end = 0
      const whole: Uint8Array[] = []
      for (const [i, frame] of frames.entries()) {
        if (end + frame.length > cut) break
        end += frame.length
        whole.push(...all[i]!)
      }
      expect(scan.end).toBe(end)
      expect(scan.records.map(({ start, length }) => kept.subarray(start, start + length))).toEqual(
        whole,
      )
      expect(scan.stop).toBe(end === cut ? 'end' : 'short')
      expect(hidesBatch(marker, kept.subarray(end))).toBe(false)
    }),
  )
})

it('stops at a changed byte, and tells damage from a torn end', () => {
  fc.assert(
    fc.property(batches, fc.nat(), fc.integer({ min: 1, max: 255 }), (all, at, flip) => {
      if (all.length === 0) return
      const frames = all.map((records) => frameBatch(marker, records))
      const bytes = join(frames)
      const hit = at % bytes.length
      bytes[hit]! ^= flip
      const scan = scanBatches(marker, bytes)
      let start = 0
      let i = 0
      while (start + frames[i]!.length <= hit) start += frames[i++]!.length
      expect(scan.end).toBe(start)
      expect(hidesBatch(marker, bytes.subarray(scan.end))).toBe(i < frames.length - 1)
    }),
  )
})
