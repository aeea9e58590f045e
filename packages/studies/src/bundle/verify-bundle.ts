/**
 * Verifies a bundle offline: unit → Merkle root → batch on the ledger → proof of finality →
 * charter, then runs `reduce` again. Nothing in the file is believed before it is checked, and a
 * fault names the place.
 *
 * @module
 */
import { errorMessage, type Verdict } from '@folkmoot/base'
import { type ContentId, contentIdOf, equalBytes, matchesContentId } from '@folkmoot/codec'
import { charterFacts, verifyEpochChain } from '@folkmoot/consensus'
import { type Checker, openCharter, type PeerId, peerIdOf } from '@folkmoot/identity'
import { accept, type Vote } from '@folkmoot/validation'
import { type Answer, openAnswer } from '../answer.ts'
import { type BatchUnit, batchRoot } from '../batch.ts'
import { type Manifest, openManifest, type UnitLimits } from '../manifest.ts'
import type { StudyId } from '../study-id.ts'
import { reduceInput, unitInput } from '../unit-input.ts'
import { checkOutput, openResult } from '../work-result.ts'
import { expandResult } from './compact-result.ts'
import { type LedgerFacts, readLedgerFacts } from './ledger-facts.ts'
import { at, refuseAt } from './place.ts'
import { type BundleReport, writeReport } from './report.ts'
import { type Bundle, type BundleUnit, parseBundle } from './wire.ts'

/** How a module's run ended; what `sandbox` answers fits. */
export type RunOutcome =
  | { readonly ok: true; readonly output: Uint8Array }
  | { readonly ok: false; readonly reason: string; readonly detail?: string }

/** Runs a module of the study on one input, in a sandbox. */
export type RunModule = (
  code: Uint8Array,
  input: Uint8Array,
  limits: UnitLimits,
) => Promise<RunOutcome>

export interface BundleCheck {
  readonly checker: Checker
  readonly run: RunModule
  /** The federation it must come from; without it the report tells its reader to compare. */
  readonly expectFed?: string
  /** Units to compute again. Choose them at random after the bundle is at hand. */
  readonly recompute?: readonly number[]
}

/** Signatures checked at a time, so that a platform may use more than one thread. */
const width = 64

/** Refuses with `studies/bundle`; the message begins with the place, as in `unit 12: result 2: …`. */
export async function verifyBundle(
  bytes: Uint8Array,
  check: BundleCheck,
): Promise<Verdict<BundleReport>> {
  const parsed = at('file', parseBundle(bytes))
  if (!parsed.ok) return parsed
  const bundle = parsed.value
  const { checker } = check
  const charter = at('charter', await openCharter(checker, bundle.charter, check.expectFed))
  if (!charter.ok) return charter
  const { fed } = charter
  const { founder, name } = charter.charter
  const study = bundle.study as StudyId
  const facts = at('charter', charterFacts(charter.charter, fed))
  if (!facts.ok) return facts
  const epochs = at('epochs', await verifyEpochChain(checker, facts.facts, bundle.epochs ?? []))
  if (!epochs.ok) return epochs
  const { anchor } = epochs.sets
  const ledger = await readLedgerFacts(checker, anchor, bundle.entries, study)
  if (!ledger.ok) return ledger
  const opened = at('manifest', await openManifest(checker, ledger.facts.manifest, { fed }))
  if (!opened.ok) return opened
  const { manifest } = opened
  if (opened.study !== study) return refuseAt('manifest', 'it is the manifest of another study')
  const blocks = checkBlocks(manifest, bundle)
  if (!blocks.ok) return blocks
  const counted = await checkUnits(checker, study, manifest, bundle, ledger.facts)
  if (!counted.ok) return counted
  const recorded = checkBatches(study, counted.units, ledger.facts)
  if (!recorded.ok) return recorded
  const judged = checkRule(manifest, counted.votes, ledger.facts)
  if (!judged.ok) return judged
  const answer = await checkAnswer(check.run, study, manifest, bundle)
  if (!answer.ok) return answer
  const again = await recompute(check, study, manifest, bundle)
  if (!again.ok) return again
  const workers = new Set(counted.votes.map((vote) => vote.peer))
  const last = ledger.facts.batches.at(-1)!
  const voters = epochs.sets.setOf(last.epoch)
  return {
    ok: true,
    ...writeReport({
      fed,
      federation: name,
      founder,
      study,
      manifest,
      engine: voters?.engine ?? 'solo',
      voters: voters?.voters.length ?? 1,
      epoch: last.epoch,
      final: bundle.units.length,
      results: counted.votes.length,
      workers: workers.size,
      roots: new Set([...workers].map((peer) => ledger.facts.admissions.get(peer)!.root)).size,
      openedAt: ledger.facts.openedAt,
      recordedAt: last.height,
      recordedTime: last.time,
      answer: answer.answer,
      recomputed: check.recompute ?? [],
      anchored: check.expectFed !== undefined,
      byWindow: judged.byWindow,
    }),
  }
}

function checkBlocks(manifest: Manifest, bundle: Bundle): Verdict {
  if (bundle.inputs.length !== manifest.inputs.length) {
    return refuseAt('inputs', `the manifest names ${manifest.inputs.length}`)
  }
  const named: [string, ContentId, Uint8Array][] = [
    ['code', manifest.code, bundle.code],
    ['reduce', manifest.reduce, bundle.reduce],
    ...manifest.inputs.map((id, index): [string, ContentId, Uint8Array] => [
      `input ${index}`,
      id,
      bundle.inputs[index]!,
    ]),
  ]
  for (const [place, id, block] of named) {
    if (!matchesContentId(id, block))
      return refuseAt(place, 'the block is not the one in the manifest')
  }
  return { ok: true }
}

/** Checks every output and signature, and gives the leaves and votes that they make. */
async function checkUnits(
  checker: Checker,
  study: StudyId,
  manifest: Manifest,
  bundle: Bundle,
  facts: LedgerFacts,
): Promise<Verdict<{ units: Map<number, BatchUnit>; votes: Vote[] }>> {
  const workers: { key: Uint8Array; peer: PeerId }[] = []
  for (const [index, key] of bundle.workers.entries()) {
    const peer = peerIdOf(key)
    if (!facts.admissions.has(peer)) {
      return refuseAt(`worker ${index}`, `the bundle holds no admission of ${peer}`)
    }
    workers.push({ key, peer })
  }
  const units = new Map<number, BatchUnit>()
  const votes: Vote[] = []
  let before = -1
  for (const bundleUnit of bundle.units) {
    const [unit, output, results] = bundleUnit
    const place = `unit ${unit}`
    if (unit <= before) return refuseAt(place, 'units stand in order, each once')
    before = unit
    const id = contentIdOf(output, 'raw')
    const sound = at(`${place}: output`, checkOutput(manifest, id, output))
    if (!sound.ok) return sound
    const own: Vote[] = []
    for (let from = 0; from < results.length; from += width) {
      const chunk = results.slice(from, from + width).map(async (compact, offset) => {
        const where = `${place}: result ${from + offset}`
        const worker = workers[compact[0]]
        if (worker === undefined) return refuseAt(where, 'it names a worker that is not listed')
        const record = expandResult(study, unit, output, worker.key, compact)
        return at(where, await openResult(checker, { study, manifest }, record))
      })
      for (const result of await Promise.all(chunk)) {
        if (!result.ok) return result
        own.push(result.vote)
      }
    }
    if (new Set(own.map((vote) => vote.id)).size !== own.length) {
      return refuseAt(place, 'a result stands there twice')
    }
    votes.push(...own)
    units.set(unit, { unit, output: id, results: own.map((vote) => vote.id).sort() })
  }
  return { ok: true, units, votes }
}

/** Each batch on the ledger must be made of exactly these units, and each unit be in one of them. */
function checkBatches(
  study: StudyId,
  units: ReadonlyMap<number, BatchUnit>,
  facts: LedgerFacts,
): Verdict {
  const left = new Set(units.keys())
  for (const batch of facts.batches) {
    const place = `batch at height ${batch.height}`
    const own: BatchUnit[] = []
    for (const number of batch.units) {
      const unit = units.get(number)
      if (unit === undefined) return refuseAt(place, `its unit ${number} is missing`)
      if (!left.delete(number)) return refuseAt(place, `its unit ${number} is in another batch too`)
      own.push(unit)
    }
    if (!equalBytes(batchRoot({ study, units: own }), batch.root)) {
      return refuseAt(place, 'its units do not lead to the recorded root')
    }
  }
  const [stray] = left
  return stray === undefined ? { ok: true } : refuseAt(`unit ${stray}`, 'no batch records it')
}

/** Judges the results again by the study's own rule. */
function checkRule(
  manifest: Manifest,
  votes: readonly Vote[],
  facts: LedgerFacts,
): Verdict<{ byWindow: number }> {
  const rootOf = (peer: PeerId) => facts.admissions.get(peer)?.root
  const acceptance = accept(manifest.validation, manifest.units, rootOf, votes)
  let byWindow = 0
  for (const unit of new Set(votes.map((vote) => vote.unit))) {
    const state = acceptance.units[unit]!
    if (state.state === 'accepted' && state.by === 'quorum') continue
    if (manifest.validation.kind === 'quorum') {
      return refuseAt(`unit ${unit}`, `${state.voices} distinct voices are too few for the rule`)
    }
    byWindow++
  }
  return { ok: true, byWindow }
}

async function runAt(
  place: string,
  run: RunModule,
  code: Uint8Array,
  input: Uint8Array,
  limits: UnitLimits,
): Promise<Verdict<{ output: Uint8Array }>> {
  try {
    const outcome = await run(code, input, limits)
    if (outcome.ok) return outcome
    const why = outcome.detail ? `${outcome.reason}: ${outcome.detail}` : outcome.reason
    return refuseAt(place, `it did not run: ${why}`)
  } catch (error) {
    return refuseAt(place, `it did not run: ${errorMessage(error)}`)
  }
}

async function checkAnswer(
  run: RunModule,
  study: StudyId,
  manifest: Manifest,
  bundle: Bundle,
): Promise<Verdict<{ answer: Answer }>> {
  const outputs = bundle.units.map(([unit, output]: BundleUnit) => ({ unit, output }))
  const input = reduceInput(manifest, study, outputs)
  const reduced = await runAt('reduce', run, bundle.reduce, input, manifest.limits)
  if (!reduced.ok) return reduced
  if (!equalBytes(reduced.output, bundle.answer)) {
    return refuseAt('answer', 'running reduce again gives another answer')
  }
  return at('answer', openAnswer(bundle.answer))
}

async function recompute(
  { run, recompute: chosen = [] }: BundleCheck,
  study: StudyId,
  manifest: Manifest,
  bundle: Bundle,
): Promise<Verdict> {
  const outputs = new Map(bundle.units.map(([unit, output]) => [unit, output]))
  for (const unit of chosen) {
    const place = `unit ${unit}`
    const recorded = outputs.get(unit)
    if (recorded === undefined)
      return refuseAt(place, 'it is not recorded, so it cannot be repeated')
    const input = unitInput(manifest, study, unit, bundle.inputs)
    const again = await runAt(place, run, bundle.code, input, manifest.limits)
    if (!again.ok) return again
    if (!equalBytes(again.output, recorded)) {
      return refuseAt(place, 'computing it again gives another output')
    }
  }
  return { ok: true }
}
