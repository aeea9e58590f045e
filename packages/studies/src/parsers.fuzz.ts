/**
 * Fuzz targets for everything that this package reads from others, seeded from the wire fixtures.
 * The verifier of these runs accepts every signature, so that the search gets past them.
 *
 * @module
 */
import { type ContentId, fromHex, leafHash } from '@folkmoot/codec'
import { createChecker } from '@folkmoot/identity'
import { openAnswer } from './answer.ts'
import { openBatch } from './batch.ts'
import { verifyBundle } from './bundle/verify-bundle.ts'
import { parseBundle } from './bundle/wire.ts'
import kept from './fixtures/wire.json' with { type: 'json' }
import { type Manifest, openManifest } from './manifest.ts'
import { parseDigest } from './results/digest.ts'
import { createResultSet } from './results/result-set.ts'
import type { StudyId } from './study-id.ts'
import { openStudyRecord, peekStudyRecord } from './work-result.ts'

const checker = createChecker({ kind: 'node', verify: async () => true })

const manifest: Manifest = {
  v: 1,
  fed: 'ab'.repeat(32),
  title: '',
  purpose: '',
  question: '',
  author: '',
  contact: '',
  licence: '',
  code: '' as ContentId,
  reduce: '' as ContentId,
  params: new Uint8Array([0xa0]),
  inputs: [],
  units: 2,
  comparator: { kind: 'exact' },
  validation: { kind: 'quorum', m: 2, distinct: 'root' },
  limits: { stepMs: 1, unitMs: 1, memoryPages: 1, outputBytes: 64 },
  dataIn: '',
  dataOut: { hits: { type: 'int', min: 0, max: 1_000_000 } },
  answer: { kind: 'estimate', label: '' },
  expires: 0,
}

function studyOf(record: Uint8Array): StudyId {
  const peeked = peekStudyRecord(record)
  return peeked.ok ? peeked.study : ('00'.repeat(32) as StudyId)
}

const seedRecord = fromHex(kept['study record'])
const study = studyOf(seedRecord)

const manifestTarget = {
  name: 'studies/manifest',
  seeds: [fromHex(kept.manifest)],
  run: (bytes: Uint8Array) => openManifest(checker, bytes, { now: 0 }),
}

const recordTarget = {
  name: 'studies/record',
  seeds: [seedRecord],
  run: async (bytes: Uint8Array) => {
    peekStudyRecord(bytes)
    const opened = await openStudyRecord(checker, { study, manifest }, bytes)
    if (opened.ok) createResultSet(manifest, study).add(opened.opened)
    return opened
  },
}

const digestTarget = {
  name: 'studies/digest',
  seeds: [fromHex(kept['digest, all']), fromHex(kept['digest, part'])],
  run: async (bytes: Uint8Array) => {
    const set = createResultSet(manifest, study)
    const opened = await openStudyRecord(checker, { study, manifest }, seedRecord)
    if (opened.ok) set.add(opened.opened)
    set.missing(bytes)
    return parseDigest(bytes)
  },
}

const batchTarget = {
  name: 'studies/batch',
  seeds: [fromHex(kept.batch)],
  run: (bytes: Uint8Array) => openBatch(bytes, leafHash(bytes)),
}

const answerTarget = {
  name: 'studies/answer',
  seeds: [],
  run: (bytes: Uint8Array) => openAnswer(bytes),
}

const bundleTarget = {
  name: 'studies/bundle',
  seeds: [fromHex(kept.bundle)],
  run: async (bytes: Uint8Array) => {
    const verdict = await verifyBundle(bytes, {
      checker,
      run: async () => ({ ok: true, output: new Uint8Array() }),
    })
    // A bundle that parses is worth more to the search than one that does not.
    return verdict.ok ? verdict : parseBundle(bytes)
  },
}

export const targets = [
  manifestTarget,
  recordTarget,
  digestTarget,
  batchTarget,
  answerTarget,
  bundleTarget,
]
