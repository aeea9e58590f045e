/**
 * Batches: what a recorder puts on the ledger about newly accepted units. The ledger holds the
 * Merkle root alone; the batch itself travels beside it and is checked against that root.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import {
  contentIdSchema,
  encode,
  equalBytes,
  hashSchema,
  intSchema,
  leafHash,
  merkleRoot,
  parse,
} from '@folkmoot/codec'
import type { PeerId } from '@folkmoot/identity'
import type { Acceptance } from '@folkmoot/validation'
import * as v from 'valibot'
import { maxUnits } from './limits.ts'
import type { StudyId } from './study-id.ts'

/** Most units in one batch: it fits one ledger operation and one gossip message. */
const maxBatchUnits = 1_000

/** Most results that stand behind one unit; more are left out, in the order of their ids. */
export const maxLeafResults = 64

/** A batch travels in one message; each unit takes about this much beside its result ids. */
const maxBatchBytes = 512 * 1024
const unitBytes = 72
const resultIdBytes = 66

/** One final unit: its output and the ids of the results that agree on it, sorted. */
export interface BatchUnit {
  readonly unit: number
  readonly output: string
  readonly results: readonly string[]
}

export interface Batch {
  readonly study: StudyId
  /** In order of their numbers; the order of the leaves. */
  readonly units: readonly BatchUnit[]
}

/** A batch with what its ledger operation says about it. */
export interface RecordedBatch extends Batch {
  readonly root: Uint8Array
  /** Final results of each peer in this batch, in order of peers. */
  readonly credits: ReadonlyArray<readonly [peer: PeerId, count: number]>
}

/** The Merkle leaf of one final unit: `leafHash(encode([study, unit, output, results]))`. */
function batchLeaf(study: StudyId, unit: BatchUnit): Uint8Array {
  return leafHash(encode([study, unit.unit, unit.output, unit.results]))
}

export function batchRoot(batch: Batch): Uint8Array {
  return merkleRoot(batch.units.map((unit) => batchLeaf(batch.study, unit)))
}

/**
 * The next batch: accepted units that are not final yet, lowest first, at most
 * {@link maxBatchUnits}; undefined when there are none.
 */
export function nextBatch(
  study: StudyId,
  acceptance: Acceptance,
  isFinal: (unit: number) => boolean,
  limit = maxBatchUnits,
): RecordedBatch | undefined {
  const units: BatchUnit[] = []
  const credits = new Map<PeerId, number>()
  let bytes = 0
  for (const [unit, state] of acceptance.units.entries()) {
    if (units.length >= limit) break
    if (state.state !== 'accepted' || isFinal(unit)) continue
    const results = state.results.toSorted().slice(0, maxLeafResults)
    bytes += unitBytes + results.length * resultIdBytes
    if (bytes > maxBatchBytes) break
    units.push({ unit, output: state.output!, results })
    for (const peer of state.supporters) credits.set(peer, (credits.get(peer) ?? 0) + 1)
  }
  if (units.length === 0) return undefined
  const batch = { study, units }
  return {
    ...batch,
    root: batchRoot(batch),
    credits: [...credits].sort(([a], [b]) => (a < b ? -1 : 1)),
  }
}

const ascending = (list: readonly (string | number)[]) =>
  list.every((item, index) => index === 0 || list[index - 1]! < item)

/** A unit of a batch on the wire: `[unit, output, results]`. */
export const batchUnitSchema = v.strictTuple([
  intSchema(0, maxUnits - 1),
  contentIdSchema,
  v.pipe(
    v.array(hashSchema),
    v.minLength(1),
    v.maxLength(maxLeafResults),
    v.check((ids) => ascending(ids), 'result ids in order, each once'),
  ),
])

const batchSchema = v.strictObject({
  study: hashSchema,
  units: v.pipe(
    v.array(batchUnitSchema),
    v.minLength(1),
    v.maxLength(maxBatchUnits),
    v.check((units) => ascending(units.map(([unit]) => unit)), 'units in order, each once'),
  ),
})

export function encodeBatch({ study, units }: Batch): Uint8Array {
  return encode({ study, units: units.map(({ unit, output, results }) => [unit, output, results]) })
}

/** Reads a batch and checks it against the root on the ledger. Refuses with `studies/batch-root`. */
export function openBatch(bytes: Uint8Array, root: Uint8Array): Verdict<{ batch: Batch }> {
  const parsed = parse(batchSchema, bytes, { maxBytes: 8 * 1024 * 1024 })
  if (!parsed.ok) return parsed
  const units = parsed.value.units.map(([unit, output, results]) => ({ unit, output, results }))
  const batch: Batch = { study: parsed.value.study as StudyId, units }
  if (!equalBytes(batchRoot(batch), root)) {
    return refuse('studies/batch-root', 'the batch is not the one that the ledger recorded')
  }
  return { ok: true, batch }
}
