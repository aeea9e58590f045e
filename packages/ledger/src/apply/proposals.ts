/**
 * Proposals and ballots: a proposal takes effect in the application that brings it to its rule.
 *
 * @module
 */
import { encode, parse } from '@folkmoot/codec'
import type { PeerId } from '@folkmoot/identity'
import { type Action, actionSchema } from '../action.ts'
import {
  MAX_ACTION_BYTES,
  MAX_BALLOTS,
  MAX_OPEN_PROPOSALS,
  MAX_ORG_BALLOTS,
  MAX_PROPOSAL_HEIGHTS,
  MAX_PROPOSALS,
  MAX_ROOT_PROPOSALS,
} from '../limits.ts'
import type { OperationOf } from '../operation.ts'
import type { ProposalFact } from '../voting-facts.ts'
import { applyAction, subjectOf } from './actions.ts'
import { isCarried, mayBallot, orgOf } from './approval.ts'
import { type Applied, type Context, done, refused } from './context.ts'

/** Opens a proposal; who proposes says yes. */
export function propose(
  context: Context,
  { action, expiresHeight }: OperationOf<'propose'>['body'],
): Applied {
  const { facts, signer, at, id } = context
  if (!mayBallot(context, signer)) return refused('ledger/not-member', 'members propose')
  if (expiresHeight <= at.height || expiresHeight > at.height + MAX_PROPOSAL_HEIGHTS) {
    return refused('ledger/expired', 'a proposal is open for 1 to 100,000 heights')
  }
  const encoded = encode(action)
  if (encoded.length > MAX_ACTION_BYTES) return refused('ledger/malformed', 'too long an action')
  const room = checkRoom(context)
  if (!room.ok) return room
  const ballots: ProposalFact['ballots'] = [[signer, true]]
  const question = { kind: action.kind, subject: subjectOf(action), ballots }
  const carried = isCarried(context, question)
  // An action that could not take effect now is refused at once, whoever would agree to it.
  const applied = facts.journal.attempt(
    () => applyAction(context, action),
    ({ ok }) => ok && carried,
  )
  if (!applied.ok) return applied
  makeRoom(context)
  facts.proposal.set(id, {
    by: signer,
    kind: action.kind,
    action: carried ? new Uint8Array() : encoded,
    state: carried ? 'carried' : 'open',
    expires: expiresHeight,
    ballots,
    height: at.height,
  })
  return done
}

/** Says yes or no, or says it anew. */
export function ballot(
  context: Context,
  { proposal: id, yes }: OperationOf<'ballot'>['body'],
): Applied {
  const { facts, signer, at } = context
  if (!mayBallot(context, signer)) return refused('ledger/not-member', 'members cast ballots')
  const proposal = facts.proposal.get(id)
  if (!proposal) return refused('ledger/proposal-unknown', 'there is no such proposal')
  if (proposal.state !== 'open' || proposal.expires < at.height) {
    return refused('ledger/proposal-closed', 'the proposal is closed')
  }
  const ballots = withBallot(context, proposal, yes)
  if (!ballots) return refused('ledger/full', 'no more ballots of this organisation fit')
  const action = readAction(proposal)
  if (!action) return refused('ledger/malformed', 'the action cannot be read')
  const open = { ...proposal, ballots, height: at.height }
  if (!isCarried(context, { kind: action.kind, subject: subjectOf(action), ballots })) {
    facts.proposal.set(id, open)
    return done
  }
  const applied = applyAction({ ...context, id, signer: proposal.by }, action)
  if (applied.ok) facts.proposal.set(id, { ...open, state: 'carried', action: new Uint8Array() })
  return applied
}

/** The action of an open proposal. */
export function readAction(proposal: ProposalFact): Action | undefined {
  const parsed = parse(actionSchema, proposal.action, { maxBytes: MAX_ACTION_BYTES })
  return parsed.ok ? parsed.value : undefined
}

function withBallot(
  context: Context,
  { ballots }: ProposalFact,
  yes: boolean,
): ProposalFact['ballots'] | undefined {
  const { signer } = context
  const known = ballots.findIndex(([peer]) => peer === signer)
  if (known !== -1) return ballots.with(known, [signer, yes])
  const org = orgOf(context, signer)
  const same = ballots.filter(([peer]) => orgOf(context, peer) === org).length
  if (same >= MAX_ORG_BALLOTS || ballots.length >= MAX_BALLOTS) return undefined
  return [...ballots, [signer, yes]]
}

const isOpen = ({ at }: Context, proposal: ProposalFact) =>
  proposal.state === 'open' && proposal.expires >= at.height

function checkRoom(context: Context): Applied {
  const { facts, signer } = context
  const rootOf = (peer: PeerId) => facts.member.get(peer)?.root
  const open = [...facts.proposal.entries.values()].filter((one) => isOpen(context, one))
  if (open.filter(({ by }) => by === signer).length >= MAX_OPEN_PROPOSALS) {
    return refused('ledger/full', `a member has at most ${MAX_OPEN_PROPOSALS} open proposals`)
  }
  const root = rootOf(signer)
  if (open.filter(({ by }) => rootOf(by) === root).length >= MAX_ROOT_PROPOSALS) {
    return refused('ledger/full', 'no more proposals of this trust root fit')
  }
  return open.length < MAX_PROPOSALS ? done : refused('ledger/full', 'no more proposals fit')
}

/** Forgets what ran out, and where that is not enough what was carried longest ago. */
function makeRoom(context: Context): void {
  const { facts, at } = context
  const closed = [...facts.proposal.entries].filter(([, one]) => !isOpen(context, one))
  let size = facts.proposal.entries.size
  closed.sort(([a, x], [b, y]) => x.height - y.height || (a < b ? -1 : 1))
  for (const [id, { expires }] of closed) {
    if (expires >= at.height && size < MAX_PROPOSALS) continue
    facts.proposal.delete(id)
    size -= 1
  }
}
