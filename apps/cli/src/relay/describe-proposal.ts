/**
 * A proposal as the command shows it: what exactly would change, from what to what.
 *
 * @module
 */
import {
  type CharterChange,
  type Peer,
  type ProposedChange,
  proposedChange,
} from '@folkmoot/federation'
import type { ProposalState } from '@folkmoot/ledger'
import type { Proposal } from '../admin-api.ts'
import { shortId, textInstant } from '../text-table.ts'

type Detail = Proposal['details'][number]

export function describeProposal(peer: Peer, proposal: ProposalState): Proposal {
  const { id, by, kind, action, rule, state, expires, ballots, tally } = proposal
  const said = (wanted: boolean) => ballots.filter(([, yes]) => yes === wanted).map(([who]) => who)
  const own = ballots.find(([who]) => who === peer.me)
  const change = proposedChange(action, peer.ledger.state.state())
  const nicknames = new Map(peer.present().map((each) => [each.peer as string, each.nickname]))
  const named = (who: string) => `${nicknames.get(who) ?? ''} ${who}`.trim()
  return {
    id,
    by,
    byNickname: nicknames.get(by) ?? '',
    kind,
    what: change === null ? kind : summary(change),
    details: change === null ? [] : details(change, named),
    rule,
    state: state === 'open' && expires <= peer.ledger.status().height ? 'ran out' : state,
    expiresHeight: expires,
    decisionsLeft: Math.max(0, expires - peer.ledger.status().height),
    yes: said(true),
    no: said(false),
    orgs: tally.orgs,
    mine: own ? (own[1] ? 'yes' : 'no') : null,
  }
}

/** In one line, without personal data. */
function summary(change: ProposedChange): string {
  switch (change.kind) {
    case 'invitation.create':
      return `an invitation for ${change.uses}`
    case 'study.open':
      return `open the study “${change.title ?? change.study.slice(0, 8)}”`
    case 'study.close':
      return `close the study “${change.title ?? change.study.slice(0, 8)}”`
    case 'member.revoke':
      return `revoke the key of ${shortId(change.peer)}: “${change.reason}”`
    case 'voter.offer':
      return change.seat
        ? `offer ${shortId(change.peer)} a seat`
        : `ask ${shortId(change.peer)} to stand by`
    case 'voter.remove':
      return `take ${taken[change.state ?? 'seated']} of ${shortId(change.peer)} away`
    case 'voter.rotate':
      return 'new vote keys'
    case 'charter.amend':
      return change.changes.length === 0
        ? 'nothing that the charter does not say already'
        : `the charter: ${change.changes.map(fieldOf).join(', ')}`
    case 'engine.change':
      return `let ${change.voters.length} voters decide in place of the founder alone`
  }
}

const taken = {
  offered: 'the offer',
  standby: 'the place to stand by',
  seated: 'the seat',
} as const

function details(change: ProposedChange, named: (peer: string) => string): Detail[] {
  switch (change.kind) {
    case 'invitation.create':
      return [
        ['lets in', `${change.uses} as ${change.role}`],
        ['cohort', change.cohort],
        ['until', textInstant(change.expires)],
        ['invited by', named(change.inviter)],
      ]
    case 'study.open':
    case 'study.close':
      return [
        ['title', change.title ?? 'not readable here'],
        ['study', change.study],
      ]
    case 'member.revoke':
      return [
        ['whose key', named(change.peer)],
        ['reason', change.reason],
      ]
    case 'voter.offer':
      return [
        ['who', named(change.peer)],
        ['votes for', change.org],
        ['as', change.seat ? 'voter' : 'one who stands by'],
      ]
    case 'voter.remove':
      return [['who', named(change.peer)]]
    case 'voter.rotate':
      return []
    case 'charter.amend':
      return change.changes.map((each) => [fieldOf(each), fromTo(each)])
    case 'engine.change':
      return [
        ['engine', change.engine],
        ...change.voters.map(({ peer, org }): Detail => ['voter', `${named(peer)} ${org}`.trim()]),
      ]
  }
}

function fieldOf(change: CharterChange): string {
  switch (change.part) {
    case 'text':
      return change.field
    case 'limit':
      return `limit ${change.name}`
    case 'rule':
      return `rule for ${change.action}`
  }
}

function fromTo({ part, before, after }: CharterChange): string {
  if (part === 'text') return `“${before}” → “${after}”`
  return `${before ?? 'none'} → ${after ?? 'none'}`
}
