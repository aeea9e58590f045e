/**
 * The voting rules: the whole of safety. Every vote of this engine passes one of the three
 * functions below; whatever else the core does wrong costs time, not agreement.
 *
 * N notarise, S nullify (skip), F finalise. The rules as the design states them:
 *
 * - `N(v, h)`: at most one h per view; v above the last final view; proposal signed by
 *   `leader(v)`; certificate N or F of the parent held; **certificate S held for every view between
 *   parent and v**; block and ancestors present; payload valid. Allowed after own `S(v)` and below
 *   the current view.
 * - `S(v)`: only in the current view; never after own `F(v)`.
 * - `F(v, h)`: certificate N of (v, h) held; **own `N(v) = h`**; never after own `S(v)`.
 * - Own votes are kept while v is above the last final view; nothing is signed at or below it.
 *   Persist, sync, then send.
 *
 * Source: Chan and Pass, Simplex Consensus (eprint 2023/463), with the skip votes of later work.
 *
 * @module
 */
import { equalBytes } from '@folkmoot/codec'
import {
  type Certificate,
  certificateItems,
  checkProposal,
  quorumWeight,
  type VoterSet,
} from '@folkmoot/consensus'
import { endsRightly, fitsParent } from './block.ts'

/** What this voter has signed, or is about to sign, in one view. */
export interface OwnWords {
  readonly notarise?: { readonly hash: Uint8Array }
  readonly nullify?: object
  readonly finalise?: { readonly hash: Uint8Array }
}

/** Certificates held, as far as the rules ask for them. */
export interface Held {
  /** Highest view that is final: nothing is signed at or below it. */
  readonly finalView: number
  /** The newest final block: its finality certifies it as a parent. */
  readonly tip: { readonly view: number; readonly id: Uint8Array }
  isNotarised(view: number, hash: Uint8Array): boolean
  isNullified(view: number): boolean
}

/** A block whose leader's signature was checked and whose ancestors are present and executed. */
export interface Candidate {
  readonly view: number
  readonly parentView: number
  readonly id: Uint8Array
  readonly parentHash: Uint8Array
  /** Whether leader, ancestors, links and payload are in order. */
  readonly valid: boolean
}

/**
 * The clauses that the mutation campaign breaks, one at a time, to show that the simulator would
 * notice. Nothing else may set them.
 */
export interface VotingRules {
  /** *q*, by which certificates are made. */
  readonly quorum: (set: Pick<VoterSet, 'voters'>) => number
  /** Whether a certificate of somebody else has weight; and which signatures to check. */
  readonly certified: typeof certificateItems
  /** Whether a proposal brings what it rests on. */
  readonly justified: typeof checkProposal
  /** Whether a header continues its parent: height, time, history. */
  readonly continues: typeof fitsParent
  /** Whether an end block names the voters that the state has decided on. */
  readonly ends: typeof endsRightly
  /** READY is verified, in a message and in an end block. */
  readonly checksReady: boolean
  /** Payload valid, given whether it came out as the leader says. */
  readonly executed: (ok: boolean) => boolean
  /** At most one h per view. */
  readonly saidNothingElse: (own: OwnWords, hash: Uint8Array) => boolean
  /** S held for every view between parent and v. */
  readonly skipsHeld: (held: Held, parentView: number, view: number) => boolean
  /** Own N(v) = h. */
  readonly notarisedThis: (own: OwnWords, hash: Uint8Array) => boolean
  /** No own S(v), before F(v). */
  readonly neverSkipped: (own: OwnWords) => boolean
  /** No own F(v), before S(v). */
  readonly neverFinalised: (own: OwnWords) => boolean
  /** Persist, sync, then send. */
  readonly persistsFirst: boolean
  /** Blocks are fetched by a timer of their own, not only while nothing moves. */
  readonly fetchesAtOnce: boolean
  /** After a start a quorum has to know of no vote that the log lacks, before the first one is cast. */
  readonly asksBeforeVotes: boolean
  /** A quorum has to say how far it is, before a reader is told. */
  readonly asksBeforeReads: boolean
}

export const votingRules: VotingRules = {
  quorum: quorumWeight,
  certified: certificateItems,
  justified: checkProposal,
  continues: fitsParent,
  ends: endsRightly,
  checksReady: true,
  executed: (ok) => ok,
  saidNothingElse: (own) => own.notarise === undefined,
  skipsHeld: (held, parentView, view) => {
    for (let between = parentView + 1; between < view; between++) {
      if (!held.isNullified(between)) return false
    }
    return true
  },
  notarisedThis: (own, hash) => own.notarise !== undefined && equalBytes(own.notarise.hash, hash),
  neverSkipped: (own) => own.nullify === undefined,
  neverFinalised: (own) => own.finalise === undefined,
  persistsFirst: true,
  fetchesAtOnce: true,
  asksBeforeVotes: true,
  asksBeforeReads: true,
}

/** Whether a block may be built or voted for on this parent: it is certified, and all between is skipped. */
export function mayFollow(
  rules: VotingRules,
  held: Held,
  block: Pick<Candidate, 'view' | 'parentView' | 'parentHash'>,
): boolean {
  const { view, parentView, parentHash } = block
  const onTip = parentView === held.tip.view && equalBytes(parentHash, held.tip.id)
  const certified = onTip || held.isNotarised(parentView, parentHash)
  return certified && rules.skipsHeld(held, parentView, view)
}

/** N(v, h). */
export function mayNotarise(
  rules: VotingRules,
  held: Held,
  own: OwnWords,
  block: Candidate,
): boolean {
  return (
    block.view > held.finalView &&
    rules.saidNothingElse(own, block.id) &&
    block.valid &&
    mayFollow(rules, held, block)
  )
}

/** S(v). */
export function mayNullify(
  rules: VotingRules,
  held: Held,
  own: OwnWords,
  view: number,
  currentView: number,
): boolean {
  return (
    view === currentView &&
    view > held.finalView &&
    own.nullify === undefined &&
    rules.neverFinalised(own)
  )
}

/** F(v, h), given the certificate N of (v, h). */
export function mayFinalise(
  rules: VotingRules,
  held: Held,
  own: OwnWords,
  notarised: Pick<Certificate, 'view' | 'hash'>,
): boolean {
  return (
    notarised.view > held.finalView &&
    own.finalise === undefined &&
    rules.notarisedThis(own, notarised.hash) &&
    rules.neverSkipped(own)
  )
}
