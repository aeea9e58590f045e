/**
 * The admin paths about voters and proposals: what waits for whom, and this member's own word. They
 * sign with the peer's key; vote keys stay where they are.
 *
 * @module
 */
import { FederationError, type Verdict } from '@folkmoot/base'
import { requiredWeight, totalWeight, type VoterSet } from '@folkmoot/consensus'
import type { Peer } from '@folkmoot/federation'
import { actionSchema, type ProposalState } from '@folkmoot/ledger'
import type { Context, Hono } from 'hono'
import * as v from 'valibot'
import { newBallotSchema, type Proposal, type Voting } from '../admin-api.ts'
import type { CliCode } from '../codes.ts'
import { describeAction } from './describe-ledger.ts'

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
  app.get('/v1/voting', (context) => data(context, describeVoting(peer)))
  app.post('/v1/proposals', async (context) => {
    const { action } = await body(context, v.strictObject({ action: actionSchema }))
    const before = new Set(voting().proposals.map(({ id }) => id))
    must(await peer.agreement.propose(action))
    const made = voting().proposals.findLast(({ id, by }) => by === peer.me && !before.has(id))
    // A proposal that was carried makes room for others at once, so it may be forgotten already.
    return data(context, made ? describeProposal(peer, made) : null)
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
    must(await peer.agreement.ballot(proposal.id, yes))
    const after = voting().proposals.find(({ id }) => id === proposal.id)
    return data(context, after ? describeProposal(peer, after) : null)
  })
  app.post('/v1/voter/accept', async (context) => {
    must(await peer.agreement.accept())
    return data(context, describeVoting(peer))
  })
  app.post('/v1/voter/resign', async (context) => {
    must(await peer.agreement.resign())
    return data(context, describeVoting(peer))
  })
}

function must(verdict: Verdict): void {
  if (!verdict.ok) throw new FederationError(verdict.fault.code, verdict.fault.message)
}

function describeProposal(peer: Peer, proposal: ProposalState): Proposal {
  const { id, by, kind, action, rule, state, expires, ballots } = proposal
  const said = (wanted: boolean) => ballots.filter(([, yes]) => yes === wanted).map(([who]) => who)
  const own = ballots.find(([who]) => who === peer.me)
  return {
    id,
    by,
    kind,
    what: action ? describeAction(action) : kind,
    rule,
    state: state === 'open' && expires <= peer.ledger.status().height ? 'ran out' : state,
    expiresHeight: expires,
    yes: said(true),
    no: said(false),
    mine: own ? (own[1] ? 'yes' : 'no') : null,
  }
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
