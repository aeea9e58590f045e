/**
 * The voting rules broken one at a time. A campaign that does not notice one of these proves
 * nothing about the rule.
 *
 * @module
 */
import { refuse } from '@folkmoot/base'
import {
  type certificateItems,
  checkProposal,
  faultWeight,
  type VoterSet,
  voteItem,
  votesOf,
} from '@folkmoot/consensus'
import type { VotingRules } from '@folkmoot/consensus-bft'

/** 2f: one short of what makes two quorums share an honest member. */
const twoF = (set: Pick<VoterSet, 'voters'>) => Math.max(1, 2 * faultWeight(set))

/** `certificateItems` without the question whether the weight is a quorum's. */
const byTwoF: typeof certificateItems = (instance, set, certificate) => {
  const items = votesOf(certificate).map((vote) => voteItem(instance, set, vote))
  const known = items.every((item) => item !== undefined)
  return known ? { ok: true, items } : refuse('mutant', 'a voter is unknown')
}

/** `checkProposal` that takes certificates of any weight: theirs is asked of `byTwoF`. */
const justifiedByTwoF: typeof checkProposal = (instance, set, proposal) => {
  const checked = checkProposal(instance, set, proposal)
  const isWeight = !checked.ok && checked.fault.code === 'consensus/certificate'
  return isWeight ? { ok: true } : checked
}

const broken: Readonly<Record<string, Partial<VotingRules>>> = {
  // Asked twice, of the proposal and of what is held.
  'skip check removed': { skipsHeld: () => true, justified: () => ({ ok: true }) },
  'parent unchecked': { continues: () => true },
  'end block unchecked': { ends: () => true },
  'READY unchecked': { checksReady: false },
  'payload unchecked': { executed: () => true },
  'F after S': { neverSkipped: () => true },
  'S after F': { neverFinalised: () => true },
  'quorum 2f': { quorum: twoF, certified: byTwoF, justified: justifiedByTwoF },
  'double notarise': { saidNothingElse: () => true },
  'send before sync': { persistsFirst: false },
  'F without own N': { notarisedThis: () => true },
  'fetch only on stall': { fetchesAtOnce: false },
  'vote without asking': { asksBeforeVotes: false },
  'read without asking': { asksBeforeReads: false },
}

export const ruleMutants: readonly string[] = Object.keys(broken)

/** @throws RangeError where no mutant has the name */
export function brokenRules(mutant: string | undefined): Partial<VotingRules> | undefined {
  if (mutant === undefined) return undefined
  const rules = broken[mutant]
  if (rules === undefined) throw new RangeError(`there is no mutant ${mutant}`)
  return rules
}
