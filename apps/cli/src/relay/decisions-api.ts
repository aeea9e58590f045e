/**
 * The admin paths about voters and proposals: what waits for whom, and this member's own word. They
 * sign with the peer's key; vote keys stay where they are.
 *
 * @module
 */
import { FederationError, type Verdict } from '@folkmoot/base'
import { requiredWeight, totalWeight, type VoterSet } from '@folkmoot/consensus'
import type { Peer } from '@folkmoot/federation'
import { actionSchema } from '@folkmoot/ledger'
import type { Context, Hono } from 'hono'
import * as v from 'valibot'
import { newBallotSchema, type Proposal, type Voting } from '../admin-api.ts'
import type { CliCode } from '../codes.ts'
import { checkSeat } from './check-seat.ts'
import { describeProposal } from './describe-proposal.ts'
import { andHeard, untilDecided } from './until-decided.ts'

export interface DecisionsApi {
  readonly app: Hono
  readonly peer: Peer
  readonly data: (context: Context, value: unknown) => Response
  readonly body: <T>(context: Context, schema: v.GenericSchema<unknown, T>) => Promise<T>
}

export function addDecisions({ app, peer, data, body }: DecisionsApi): void {
  const voting = () => peer.ledger.state.state().voting

  app.get('/v1/ledger/check', async (context) => {
    const verdict = await peer.agreement.verify()
    must(verdict)
    const { ok: _, ...checked } = verdict as Extract<typeof verdict, { ok: true }>
    return data(context, checked)
  })
  app.get('/v1/ledger/prove', async (context) => {
    const verdict = await peer.agreement.prove(context.req.query('key') ?? '')
    must(verdict)
    const { bytes } = verdict as Extract<typeof verdict, { ok: true }>
    return context.body(new Uint8Array(bytes), 200, { 'content-type': 'application/cbor' })
  })
  app.get('/v1/voting', (context) => data(context, describeVoting(peer)))
  app.post('/v1/proposals', async (context) => {
    const { action } = await body(context, v.strictObject({ action: actionSchema }))
    checkSeat(peer, action)
    const { proposal } = await proposedBy(peer, async () =>
      must(await untilDecided(peer, peer.agreement.propose(action))),
    )
    return data(context, proposal)
  })
  app.post('/v1/proposals/:id/ballot', async (context) => {
    const { yes } = await body(context, newBallotSchema)
    const wanted = context.req.param('id')
    const found = voting().proposals.filter(({ id }) => id.startsWith(wanted))
    const [proposal] = found
    if (!proposal || found.length > 1) {
      const message = proposal ? 'several proposals begin so' : 'there is no such proposal'
      throw new FederationError<CliCode>('cli/not-found', message)
    }
    await andHeard(peer, async () =>
      must(await untilDecided(peer, peer.agreement.ballot(proposal.id, yes))),
    )
    const after = voting().proposals.find(({ id }) => id === proposal.id)
    return data(context, after ? describeProposal(peer, after) : null)
  })
  app.post('/v1/voter/accept', async (context) => {
    must(await untilDecided(peer, peer.agreement.accept()))
    return data(context, describeVoting(peer))
  })
  app.post('/v1/voter/resign', async (context) => {
    must(await untilDecided(peer, peer.agreement.resign()))
    return data(context, describeVoting(peer))
  })
}

/** @throws FederationError the code of a refusal */
export function must(verdict: Verdict): void {
  if (!verdict.ok) throw new FederationError(verdict.fault.code, verdict.fault.message)
}

/** Proposes something, and answers with the proposal; null is one that was carried and is forgotten. */
export async function proposedBy<T>(
  peer: Peer,
  propose: () => Promise<T>,
): Promise<{ answer: T; proposal: Proposal | null }> {
  const proposals = () => peer.ledger.state.state().voting.proposals
  const before = new Set(proposals().map(({ id }) => id))
  const answer = await andHeard(peer, propose)
  const made = proposals().findLast(({ id, by }) => by === peer.me && !before.has(id))
  // A proposal that was carried makes room for others at once, so it may be gone already.
  return { answer, proposal: made ? describeProposal(peer, made) : null }
}

function describeVoting(peer: Peer): Voting {
  const { voting } = peer.ledger.state.state()
  const set = peer.ledger.voterSet()
  const epoch = set?.epoch ?? 0
  // The state enters an epoch with the first operation in it, maybe long after its voters took over.
  const isEntered = voting.epoch === epoch
  const rows = (of: VoterSet | null) =>
    of?.voters.map(({ peer: id, org, weight }) => ({ peer: id, org, weight })) ?? []
  const changed = isEntered && voting.seats.changed
  return {
    epoch,
    tolerates: set === null ? 0 : totalWeight(set) - requiredWeight(set),
    engine: peer.ledger.status().kind,
    voters: rows(set),
    next: isEntered && voting.nextVoters ? rows(voting.nextVoters) : null,
    changing: changed,
    keysMissing: changed ? [...voting.keysMissing] : [],
    roles: [...voting.roles].map(([id, { org, state }]) => ({ peer: id, org, state })),
    evicted: [...voting.evidence.keys()],
    approval: { ...voting.charterInForce.approval },
    proposals: voting.proposals.map((one) => describeProposal(peer, one)),
  }
}
