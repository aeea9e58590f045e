import { encode } from '@folkmoot/codec'
import { sealRecord } from '@folkmoot/identity'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signerNamed } from '../test/keys.ts'
import { checker, manifestOf, start } from '../test/world.ts'
import { type Manifest, openManifest, sealManifest } from './manifest.ts'

const fed = 'ab'.repeat(32)
const author = signerNamed('author')
const manifest = manifestOf(fed, { kind: 'quorum', m: 2, distinct: 'root' }, 90)

const open = async (value: unknown) =>
  openManifest(checker, await sealRecord(author, 'manifest', value), { fed, now: start })

describe('a manifest', () => {
  it('opens as it was sealed, with the author and an id that is the hash of what was signed', async () => {
    const bytes = await sealManifest(author, manifest)
    const opened = await openManifest(checker, bytes, { fed, now: start })
    expect(opened).toMatchObject({ ok: true, manifest, author: author.peer })
    const again = await openManifest(checker, await sealManifest(author, manifest))
    expect(again.ok && again.study).toBe(opened.ok && opened.study)
  })

  it('for another federation, or expired, is refused', async () => {
    expect(await open({ ...manifest, fed: 'cd'.repeat(32) })).toMatchObject({
      fault: { code: 'studies/manifest-fed' },
    })
    expect(await open({ ...manifest, expires: start })).toMatchObject({
      fault: { code: 'studies/manifest-expired' },
    })
  })

  it('with params that are not canonical is refused', async () => {
    const params = new Uint8Array([0x18, 0x01])
    expect(await open({ ...manifest, params })).toMatchObject({
      fault: { code: 'studies/manifest-params' },
    })
  })

  const wrong: [string, Partial<Record<keyof Manifest, unknown>>][] = [
    ['no units', { units: 0 }],
    ['more units than 100,000', { units: 100_001 }],
    ['half a unit', { units: 1.5 }],
    ['a long title', { title: 'x'.repeat(121) }],
    ['no content id for its code', { code: 'module.wasm' }],
    ['a rule nobody knows', { validation: { kind: 'trust-me' } }],
    ['a quorum of none', { validation: { kind: 'quorum', m: 0, distinct: 'root' } }],
    ['outputs past 64 KiB', { limits: { ...manifest.limits, outputBytes: 65_537 } }],
    ['no declaration of what leaves', { dataOut: {} }],
    ['free text among what leaves', { dataOut: { note: { type: 'text' } } }],
    ['another comparator', { comparator: { kind: 'tolerance' } }],
    ['a field that nobody declared', { surprise: 1 } as object],
    ['too many inputs', { inputs: Array(257).fill(manifest.code) }],
    ['params past their size', { params: encode('x'.repeat(16_384)) }],
  ]
  it.each(wrong)('with %s is refused', async (_, change) => {
    expect((await open({ ...manifest, ...change })).ok).toBe(false)
  })

  it('with any byte altered is refused', async () => {
    const bytes = await sealManifest(author, manifest)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, mask) => {
          const altered = bytes.slice()
          altered[at]! ^= mask
          expect((await openManifest(checker, altered)).ok).toBe(false)
        },
      ),
      { numRuns: 200 },
    )
  })
})
