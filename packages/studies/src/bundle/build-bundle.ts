/**
 * Builds a bundle from what a peer holds: its copy of the ledger, the study's results and batches,
 * its blocks, and the answer.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { ContentId } from '@folkmoot/codec'
import type { EpochLink, FinalEntry } from '@folkmoot/consensus'
import { type Checker, type PeerId, publicKeyOf } from '@folkmoot/identity'
import { type BatchUnit, openBatch } from '../batch.ts'
import { maxBundleBytes } from '../limits.ts'
import type { Manifest } from '../manifest.ts'
import type { StudyId } from '../study-id.ts'
import type { UnitOutput } from '../unit-input.ts'
import type { OpenedResult } from '../work-result.ts'
import { compactResult } from './compact-result.ts'
import { gatherEvidence } from './evidence.ts'
import { type BundleUnit, encodeBundle } from './wire.ts'

export interface BundleInit {
  readonly checker: Checker
  readonly charter: Uint8Array
  /** The last entry of every epoch that is over, oldest first; default none. */
  readonly epochs?: readonly EpochLink[]
  /** The whole ledger, oldest first. */
  readonly entries: AsyncIterable<FinalEntry> | Iterable<FinalEntry>
  readonly study: StudyId
  readonly manifest: Manifest
  block(id: ContentId): Promise<Uint8Array | undefined>
  /** The signed result with this id. */
  result(id: string): Promise<OpenedResult | undefined> | OpenedResult | undefined
  /** The batch behind a root on the ledger, as `encodeBatch` wrote it. */
  batch(root: Uint8Array): Promise<Uint8Array | undefined> | Uint8Array | undefined
  /** Runs `reduce` over the recorded outputs; the bytes become the bundle's answer. */
  reduce(outputs: readonly UnitOutput[]): Promise<Uint8Array>
}

function missing(what: string): FederationError {
  return new FederationError('studies/bundle-build', `${what} is not at hand`, {
    hint: 'wait until this peer has fetched all results of the study, then export again',
  })
}

async function blockOf(init: BundleInit, id: ContentId): Promise<Uint8Array> {
  const bytes = await init.block(id)
  if (bytes === undefined) throw missing(`block ${id}`)
  return bytes
}

/**
 * One file that anyone verifies offline. A study that is not complete gives a partial bundle, and
 * its report says so.
 *
 * @throws FederationError `studies/bundle-build` where something is missing or the file is too large
 */
export async function buildBundle(init: BundleInit): Promise<Uint8Array> {
  const { checker, study, manifest } = init
  const evidence = await gatherEvidence(checker, init.entries, study)
  if (!evidence.hasOpening) throw missing('the opening of the study')
  if (evidence.batches.length === 0) throw missing('a recorded batch of the study')
  const workers = new Map<PeerId, number>()
  const workerOf = (peer: PeerId) => {
    const index = workers.get(peer) ?? workers.size
    workers.set(peer, index)
    return index
  }
  const units: BundleUnit[] = []
  for (const { root } of evidence.batches) {
    const bytes = await init.batch(root)
    const opened = bytes && openBatch(bytes, root)
    if (!opened?.ok || opened.batch.study !== study) throw missing('a recorded batch')
    for (const unit of opened.batch.units) units.push(await toBundleUnit(init, unit, workerOf))
  }
  units.sort(([a], [b]) => a - b)
  const outputs = units.map(([unit, output]) => ({ unit, output }))
  const inputs: Uint8Array[] = []
  for (const id of manifest.inputs) inputs.push(await blockOf(init, id))
  const epochs = (init.epochs ?? []).map(({ proof, nextSet }) => ({ proof: { ...proof }, nextSet }))
  const bundle = encodeBundle({
    kind: 'folkmoot-bundle',
    v: 1,
    charter: init.charter,
    ...(epochs.length === 0 ? {} : { epochs }),
    entries: [...evidence.prove(workers.keys())],
    study,
    code: await blockOf(init, manifest.code),
    reduce: await blockOf(init, manifest.reduce),
    inputs,
    workers: [...workers.keys()].map(publicKeyOf),
    units,
    answer: await init.reduce(outputs),
  })
  if (bundle.length > maxBundleBytes) {
    throw new FederationError('studies/bundle-build', 'the bundle is larger than 64 MiB', {
      details: { bytes: bundle.length },
    })
  }
  return bundle
}

async function toBundleUnit(
  { study, result }: BundleInit,
  { unit, results }: BatchUnit,
  workerOf: (peer: PeerId) => number,
): Promise<BundleUnit> {
  let output: Uint8Array | undefined
  const compact: BundleUnit[2] = []
  for (const id of results) {
    const opened = await result(id)
    const short = opened && compactResult(study, opened, workerOf)
    if (opened === undefined || short === undefined) throw missing(`a result of unit ${unit}`)
    output = opened.outputBytes
    compact.push(short)
  }
  return [unit, output!, compact]
}
