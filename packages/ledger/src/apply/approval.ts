/**
 * Who approves what: the rules that a charter's `approval` names, counted without any judgement.
 *
 * While the founder alone decides (epoch 0), its word is enough for everything: every entry is the
 * founder's. From the first set of voters on the founder is bound by the charter's rules as well,
 * and alone has a say only where there is none.
 *
 * @module
 */
import type { Charter, PeerId } from '@folkmoot/identity'
import type { ActionKind } from '../action.ts'
import type { Facts } from '../fact-store.ts'
import { type Context, isActive } from './context.ts'
import { currentEpoch } from './epochs.ts'

export type Rule =
  | { readonly kind: 'founder' | 'member' | 'inviter' | 'evidence' }
  /** So many organisations, each by more yes than no. */
  | { readonly kind: 'orgs'; readonly count: number }

const ORGS = /^([1-9][0-9]{0,2}) of orgs$/

/** A rule as the charter writes it. Without one, or with one that this version does not know, the founder alone decides. */
export function parseRule(text: string | undefined): Rule {
  const orgs = ORGS.exec(text ?? '')
  if (orgs) return { kind: 'orgs', count: Number(orgs[1]) }
  return text === 'member' || text === 'inviter' || text === 'evidence'
    ? { kind: text }
    : { kind: 'founder' }
}

export function ruleFor(charter: Charter, kind: string): Rule {
  return parseRule(Object.hasOwn(charter.approval, kind) ? charter.approval[kind] : undefined)
}

type Scope = Pick<Context, 'facts' | 'charter'>

/** Whether the founder's word alone is enough. */
export function founderDecides({ facts, charter }: Scope, kind: string): boolean {
  return currentEpoch(facts) === 0 || ruleFor(charter, kind).kind === 'founder'
}

/** Whether a peer may do this without asking anybody. */
export function isApproved(context: Context, kind: ActionKind, peer: PeerId): boolean {
  if (context.approved) return true
  return isCarried(context, { kind, subject: undefined, ballots: [[peer, true]] })
}

/**
 * Whether a link by this peer may carry a seat: only where its word alone is enough to offer one, so
 * that an approved invitation does not go around a stricter rule. Whoever joins by it is its guest.
 */
export function mayInviteVoters(context: Context, peer: PeerId): boolean {
  if (!mayBallot(context, peer)) return false
  const { kind } = ruleFor(context.charter, 'voter.offer')
  return kind === 'inviter' || isApproved({ ...context, approved: false }, 'voter.offer', peer)
}

export interface Question {
  readonly kind: ActionKind
  /** The peer that the action is about, if it is about one. */
  readonly subject: PeerId | undefined
  readonly ballots: readonly (readonly [PeerId, boolean])[]
}

/** Whether the ballots reach the rule. Those of peers that are no members any more do not count. */
export function isCarried(context: Scope, question: Question): boolean {
  const { facts, charter } = context
  const { kind, subject } = question
  const ballots = question.ballots.filter(([peer]) => mayBallot(context, peer))
  const saysYes = (peer: PeerId) => ballots.some(([by, yes]) => by === peer && yes)
  if (saysYes(charter.founder) && founderDecides(context, kind)) return true
  const rule = ruleFor(charter, kind)
  switch (rule.kind) {
    case 'founder':
      return false
    case 'member':
      return ballots.some(([, yes]) => yes)
    case 'inviter': {
      const inviter = subject && inviterOf(context, subject)
      return inviter !== undefined && saysYes(inviter)
    }
    case 'evidence': {
      const accused = subject !== undefined && facts.evidence.get(subject) !== undefined
      return accused && ballots.some(([, yes]) => yes)
    }
    case 'orgs':
      return countOrgs(context, ballots) >= rule.count
  }
}

export interface Tally {
  readonly yes: number
  readonly no: number
  /** Organisations of which more said yes than no. */
  readonly orgs: number
}

/** The ballots that count, as the rules count them: those of members of today. */
export function tallyOf(context: { readonly facts: Facts }, all: Question['ballots']): Tally {
  const ballots = all.filter(([peer]) => mayBallot(context, peer))
  const yes = ballots.filter(([, said]) => said).length
  return { yes, no: ballots.length - yes, orgs: countOrgs(context, ballots) }
}

/** Members say yes or no; observers look on. */
export function mayBallot(context: { readonly facts: Facts }, peer: PeerId): boolean {
  return isActive(context, peer) && context.facts.member.get(peer)?.role === 'member'
}

function inviterOf({ facts }: Scope, peer: PeerId): PeerId | undefined {
  const invitation = facts.member.get(peer)?.invitation
  return invitation ? facts.invitation.get(invitation)?.inviter : undefined
}

function countOrgs(context: { readonly facts: Facts }, ballots: Question['ballots']): number {
  const balance = new Map<string, number>()
  for (const [peer, yes] of ballots) {
    const org = orgOf(context, peer)
    balance.set(org, (balance.get(org) ?? 0) + (yes ? 1 : -1))
  }
  return [...balance.values()].filter((more) => more > 0).length
}

/**
 * Whom a member speaks for: the organisation it votes for, else what the first invitation on its
 * chain from the founder was made for, else that invitation itself. Members cannot choose it.
 */
export function orgOf({ facts }: { readonly facts: Facts }, peer: PeerId): string {
  const seat = facts.role.get(peer)
  if (seat?.org && seat.state !== 'offered') return seat.org
  const root = facts.member.get(peer)?.root ?? ''
  return facts.invitation.get(root)?.cohort || root
}
