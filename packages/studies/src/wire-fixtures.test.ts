import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { encode, sha256, toHex } from '@folkmoot/codec'
import { beforeAll, describe, expect, it } from 'vitest'
import { signerNamed } from '../test/keys.ts'
import { createWorld, manifestOf } from '../test/world.ts'
import { encodeBatch, nextBatch } from './batch.ts'
import { sealManifest } from './manifest.ts'
import { bucketCount, encodeDigest, shortBytes } from './results/digest.ts'
import { reduceInput, unitInput } from './unit-input.ts'
import { encodeStudyRecord } from './work-result.ts'

/** Bytes as they travel and are kept. A change here breaks peers that have not been updated. */
const path = new URL('./fixtures/wire.json', import.meta.url)
const names = [
  'manifest',
  'study record',
  'unit input',
  'reduce input',
  'batch',
  'digest, all',
  'digest, part',
  'digest, buckets (hash)',
  'bundle',
] as const

let made: Record<string, string>

beforeAll(async () => {
  const rule = { kind: 'quorum', m: 2, distinct: 'root' } as const
  const world = await createWorld({
    rule,
    units: 2,
    links: [{ workers: ['ann'] }, { workers: ['bob'] }],
    computes: () => ['ann', 'bob'],
  })
  const { study, manifest, results, acceptance } = world
  const ids = new Uint8Array(shortBytes)
  const bytes: Record<(typeof names)[number], Uint8Array> = {
    manifest: await sealManifest(signerNamed('author'), manifestOf('ab'.repeat(32), rule, 90)),
    'study record': encodeStudyRecord(results.ofUnit(1)[0]!),
    'unit input': unitInput(manifest, study, 1, [new Uint8Array([1, 2, 3])]),
    'reduce input': reduceInput(manifest, study, [{ unit: 0, output: encode({ hits: 0 }) }]),
    batch: encodeBatch(nextBatch(study, acceptance, () => false)!),
    'digest, all': results.digest(),
    'digest, part': encodeDigest({ kind: 'part', buckets: [0, 2_047], ids }),
    'digest, buckets (hash)': sha256(
      encodeDigest({ kind: 'buckets', hashes: new Uint8Array(bucketCount * shortBytes) }),
    ),
    bundle: await world.bundle(),
  }
  made = Object.fromEntries(names.map((name) => [name, toHex(bytes[name])]))
  if (process.env.FOLKMOOT_WRITE_FIXTURES === '1') {
    mkdirSync(new URL('.', path), { recursive: true })
    writeFileSync(path, `${JSON.stringify(made, null, 2)}\n`)
  }
})

describe('the bytes on the wire have not changed', () => {
  it.each(names)('%s', (name) => {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>
    expect(made[name]).toBe(kept[name])
  })
})
