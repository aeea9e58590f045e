/**
 * What a verified bundle says, and what it does not prove, in words.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import { fingerprint, type PeerId } from '@folkmoot/identity'
import type { Rule } from '@folkmoot/validation'
import type { Answer } from '../answer.ts'
import type { Manifest } from '../manifest.ts'
import type { StudyId } from '../study-id.ts'

export interface BundleReport {
  readonly fed: string
  /** First 16 characters of the federation's id, for people to compare. */
  readonly fingerprint: string
  readonly federation: string
  readonly founder: PeerId
  readonly study: StudyId
  readonly title: string
  readonly question: string
  readonly author: string
  readonly rule: Rule
  /** Who made the last batch final: one founder, or so many voters in this epoch. */
  readonly engine: 'solo' | 'bft' | 'raft'
  readonly voters: number
  readonly epoch: number
  readonly units: number
  /** Units with a recorded output. */
  readonly final: number
  readonly complete: boolean
  readonly results: number
  /** Peers, and trust roots, whose results count. */
  readonly workers: number
  readonly roots: number
  /** Heights of the ledger at which the study was opened and its last batch recorded. */
  readonly openedAt: number
  readonly recordedAt: number
  /** Time of the last batch's entry. */
  readonly recordedTime: Millis
  readonly answer: Answer
  readonly reference?: { readonly text: string; readonly source: string }
  /** Units that were computed again here, with the same output. */
  readonly recomputed: readonly number[]
  /** What the bundle does not prove, each a sentence without a full stop. */
  readonly notes: readonly string[]
}

export interface ReportFacts
  extends Omit<
    BundleReport,
    | 'fingerprint'
    | 'title'
    | 'question'
    | 'author'
    | 'rule'
    | 'units'
    | 'complete'
    | 'notes'
    | 'reference'
  > {
  readonly manifest: Manifest
  /** True when the caller named the federation. */
  readonly anchored: boolean
  /** Units accepted by their worker's window alone. */
  readonly byWindow: number
}

/** What a reader has to know beside "verified". */
export function limitsOfProof(facts: ReportFacts): string[] {
  const { manifest, final, byWindow, anchored } = facts
  const notes: string[] = []
  if (!anchored)
    notes.push('the federation is the one that the bundle names: compare its fingerprint')
  if (final < manifest.units) {
    notes.push(`partial: ${final} of ${manifest.units} units are recorded`)
  }
  if (manifest.validation.distinct === 'peer') notes.push('independence of volunteers not checked')
  const { engine, voters } = facts
  if (engine === 'solo') notes.push('one voter: the founder decided alone what is final')
  else if (voters === 1) notes.push('one voter: it decided alone what is final')
  else if (engine === 'raft') notes.push('its voters trust each other: none of them may lie')
  else if (voters < 4) notes.push(`${voters} voters: all of them together decided`)
  if (byWindow > 0) {
    notes.push(`${byWindow} units rest on one worker each and on checks that only the recorder saw`)
  }
  return notes
}

export function writeReport(facts: ReportFacts): BundleReport {
  const { manifest, anchored: _anchored, byWindow: _byWindow, ...shown } = facts
  const { title, question, author, validation, units, answer } = manifest
  return {
    ...shown,
    fingerprint: fingerprint(facts.fed),
    title,
    question,
    author,
    rule: validation,
    units,
    complete: facts.final === units,
    ...(answer.reference === undefined ? {} : { reference: answer.reference }),
    notes: limitsOfProof(facts),
  }
}
