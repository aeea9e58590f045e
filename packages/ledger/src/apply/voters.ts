/**
 * Voters: offered the role, accepting or giving it up, registering their keys.
 *
 * @module
 */
import { equalBytes } from '@folkmoot/codec'
import { type PeerId, peerIdOf } from '@folkmoot/identity'
import type { ActionOf } from '../action.ts'
import { MAX_KEY_REGISTRATIONS, MAX_ROLES } from '../limits.ts'
import type { OperationOf } from '../operation.ts'
import { mayBallot } from './approval.ts'
import { type Applied, type Context, done, isActive, refused } from './context.ts'
import { currentEpoch, currentVoters, isVoter } from './epochs.ts'
import { breaksOrgs, decideNext, freeSeat, seat, setSeats, voteKeyId } from './seats.ts'

/** Offers a member the role of voter; it becomes one by accepting. */
export function offerVoter(
  context: Context,
  { peer, org, seat }: ActionOf<'voter.offer'>['body'],
): Applied {
  const { facts, at } = context
  const able = checkAble(context, peer)
  if (!able.ok) return able
  const role = facts.role.get(peer)
  if (role && role.state !== 'offered') {
    return refused('ledger/voter-exists', 'this peer votes or stands by already')
  }
  if (!role && facts.role.entries.size >= MAX_ROLES) {
    return refused('ledger/full', 'no more roles fit')
  }
  facts.role.set(peer, { org, state: 'offered', seat, height: at.height })
  return done
}

function checkAble(context: Context, peer: PeerId): Applied {
  if (!mayBallot(context, peer)) return refused('ledger/not-member', 'only members become voters')
  return context.facts.evidence.get(peer)
    ? refused('ledger/evicted', 'there is evidence against this peer')
    : done
}

/** The volunteer's own word, with its key for the next epoch. */
export function acceptOffer(context: Context, body: OperationOf<'voter.accept'>['body']): Applied {
  const { facts, signer, at } = context
  const role = facts.role.get(signer)
  if (role?.state !== 'offered') return refused('ledger/no-offer', 'nothing was offered')
  const able = checkAble(context, signer)
  if (!able.ok) return able
  const fits = checkKey(context, body)
  if (!fits.ok) return fits
  const seats = facts.seats.get('')?.peers ?? []
  // In epoch 0 the change of engine names the first voters.
  const seatNow = role.seat && currentEpoch(facts) > 0
  if (seatNow && breaksOrgs(context, [...seats, signer])) {
    return refused('ledger/orgs', 'with this voter the organisations would be fewer than four')
  }
  storeKey(context, body)
  facts.role.set(signer, { ...role, state: 'standby', height: at.height })
  return seatNow ? seat(context, signer) : done
}

/** Gives up a seat, a place among those who stand by, or an offer. */
export function resignVoter(context: Context): Applied {
  return dropRole(context, context.signer)
}

export function removeVoter(context: Context, { peer }: ActionOf<'voter.remove'>['body']): Applied {
  return dropRole(context, peer)
}

/** Frees a seat, and forgets the role and any notice to its peer. */
export function dropRole(context: Context, peer: PeerId): Applied {
  if (!context.facts.role.get(peer)) {
    return refused('ledger/voter-unknown', 'this peer neither votes nor stands by')
  }
  const freed = freeSeat(context, peer)
  if (!freed.ok) return freed
  context.facts.role.delete(peer)
  forgetNotice(context, peer)
  return freed
}

/** Ends the role of a peer that is no member any more. A last voter keeps it: somebody has to decide. */
export function endRole(context: Context, peer: PeerId): void {
  if (context.facts.role.get(peer)) dropRole(context, peer)
}

/** Asks for a new epoch with the same voters and new keys. */
export function rotateKeys(context: Context): Applied {
  const seats = context.facts.seats.get('')
  if (!seats) return refused('ledger/epoch', 'there are no voters yet')
  setSeats(context, seats.peers)
  return done
}

/** From one founder to voters: they take over once each has registered a key for epoch 1. */
export function changeEngine(
  context: Context,
  { voters, engine }: ActionOf<'engine.change'>['body'],
): Applied {
  const { facts, at } = context
  if (currentEpoch(facts) > 0) return refused('ledger/epoch', 'voters decide already')
  for (const { peer } of voters) {
    const able = checkAble(context, peer)
    if (!able.ok) return able
  }
  const others = facts.role.entries.size + voters.length
  if (others > MAX_ROLES) return refused('ledger/full', 'no more roles fit')
  const orgs = new Set(voters.map(({ org }) => org))
  if (context.charter.crossOrg && voters.length >= 4 && orgs.size < 4) {
    return refused('ledger/orgs', 'four voters across organisations are of four organisations')
  }
  if (context.charter.crossOrg && engine === 'raft') {
    return refused('ledger/orgs', 'across organisations members may lie, and raft trusts them')
  }
  const peers = voters.map(({ peer }) => peer)
  const seats = { peers, changed: true, height: at.height }
  facts.seats.set('', engine === 'raft' ? { ...seats, engine } : seats)
  for (const { peer, org } of voters) {
    facts.role.set(peer, { org, state: 'seated', seat: true, height: at.height })
  }
  setSeats(context, peers)
  return done
}

/**
 * Registers a key for an epoch to come. Doing so again means that the key before is lost: the peer
 * cannot vote with it any more, so a voter thereby asks for a new epoch.
 */
export function registerKey(context: Context, body: OperationOf<'voter.key'>['body']): Applied {
  const { facts, signer, charter } = context
  const early =
    currentEpoch(facts) === 0 && (signer === charter.founder || charter.voters.includes(signer))
  if (!facts.role.get(signer) && !early) {
    return refused('ledger/voter-unknown', 'this peer neither votes nor stands by')
  }
  const fits = checkKey(context, body)
  if (!fits.ok) return fits
  const again = storeKey(context, body)
  const seats = facts.seats.get('')
  if (seats && isVoter(facts, signer) && (again || body.lost === true)) {
    setSeats(context, seats.peers)
  } else {
    decideNext(context)
  }
  return done
}

type KeyBody = Pick<OperationOf<'voter.key'>['body'], 'epoch' | 'key'>

function checkKey({ facts, signer }: Context, { epoch, key }: KeyBody): Applied {
  const now = currentEpoch(facts)
  // The one after next as well, so that a set can change again as soon as it has changed.
  if (epoch <= now || epoch > now + 2) {
    return refused('ledger/epoch', `keys are registered for epochs ${now + 1} and ${now + 2}`)
  }
  const before = facts.voteKey.get(voteKeyId(epoch, signer))
  if (before && before.times >= MAX_KEY_REGISTRATIONS) {
    return refused('ledger/full', 'no more keys for this epoch')
  }
  // A peer's own key is in its backups, where no vote key may be. Members of a Raft set do not lie.
  const isBft = facts.epoch.get('')?.engine !== 'raft'
  if (isBft && facts.member.get(peerIdOf(key))) {
    return refused('ledger/vote-key', 'the key of a peer signs no votes')
  }
  const voting = currentVoters(facts)?.voters.map((voter) => voter.voteKey) ?? []
  const registered = [...facts.voteKey.entries.values()].map((fact) => fact.key)
  return [...voting, ...registered].some((known) => equalBytes(known, key))
    ? refused('ledger/vote-key', 'a vote key is used once')
    : done
}

/** Whether the peer had registered one for this epoch before. */
function storeKey(context: Context, { epoch, key }: KeyBody): boolean {
  const { facts, signer, at } = context
  // Bounded by how often a key may be registered, so nobody keeps a seat by doing it over and over.
  if (epoch === currentEpoch(facts) + 1) forgetNotice(context, signer)
  const id = voteKeyId(epoch, signer)
  const times = (facts.voteKey.get(id)?.times ?? 0) + 1
  facts.voteKey.set(id, { key, times, height: at.height })
  return times > 1
}

function forgetNotice({ facts }: Context, peer: PeerId): void {
  if (facts.overdue.get(peer)) facts.overdue.delete(peer)
}

/** Whether a peer may hand in evidence: members, and voters whatever else they are. */
export function mayAccuse(context: Context, peer: PeerId): boolean {
  return isActive(context, peer) || isVoter(context.facts, peer)
}
