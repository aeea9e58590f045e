/**
 * Who decides and what is being decided, as readers see it: a live view.
 *
 * @module
 */
import type { VoterSet } from '@folkmoot/consensus'
import type { Charter, PeerId } from '@folkmoot/identity'
import type { Action } from './action.ts'
import { ruleFor, type Tally, tallyOf } from './apply/approval.ts'
import { charterInForce } from './apply/charter-in-force.ts'
import { currentEpoch, currentVoters, readSet } from './apply/epochs.ts'
import { holdingUp, voteKeyMs } from './apply/overdue.ts'
import { readAction } from './apply/proposals.ts'
import { voteKeyId } from './apply/seats.ts'
import type { Facts } from './fact-store.ts'
import type { EvidenceFact, ProposalFact, RoleFact } from './voting-facts.ts'

export interface ProposalState extends Omit<ProposalFact, 'action' | 'kind'> {
  readonly id: string
  /** What it asks for: a kind of {@link Action}. */
  readonly kind: string
  /** Undefined once it was carried. */
  readonly action: Action | undefined
  /** As the charter in force writes it; `founder` where it has none. */
  readonly rule: string
  readonly tally: Tally
}

export interface VotingState {
  /** The charter as amended. */
  readonly charterInForce: Charter
  /**
   * The epoch that the state has entered: 0 under one founder. Follows the log's own epoch with the
   * first operation that takes effect in it.
   */
  readonly epoch: number
  /** Who votes in this epoch; null in epoch 0. */
  readonly voters: VoterSet | null
  /** The set of the next epoch, once it is decided. */
  readonly nextVoters: VoterSet | null
  /** Who should vote from the next epoch on, ascending; `changed` where that needs a new epoch. */
  readonly seats: { readonly peers: readonly PeerId[]; readonly changed: boolean }
  /** Those with a seat and no key for the next epoch: no next set can be decided before they register one. */
  readonly keysMissing: readonly PeerId[]
  /**
   * Those whom a change of seats waits for: the ones without a key, or once nobody lacks one those
   * who are new. With the instant from which their seats may be freed, in ms; null before a notice.
   */
  readonly holdingUp: ReadonlyMap<PeerId, number | null>
  /** Peers that were offered the role, stand by, or have a seat. */
  readonly roles: ReadonlyMap<PeerId, RoleFact>
  /** Evidence by culprit. */
  readonly evidence: ReadonlyMap<PeerId, EvidenceFact>
  readonly proposals: readonly ProposalState[]
  /**
   * The epoch for which a peer should register a vote key now: it has a seat or stands by and none
   * of its keys is for the next epoch. Undefined where nothing is to be done.
   */
  wantsKey(peer: PeerId): number | undefined
}

export function readVoting(current: () => Facts, founding: Charter): VotingState {
  const inForce = () => charterInForce(founding, current())
  return {
    get charterInForce() {
      return inForce()
    },
    get epoch() {
      return currentEpoch(current())
    },
    get voters() {
      return currentVoters(current()) ?? null
    },
    get nextVoters() {
      return readSet(current().next.get('')?.set) ?? null
    },
    get seats() {
      const { peers, changed } = current().seats.get('') ?? { peers: [], changed: false }
      return { peers, changed }
    },
    get keysMissing() {
      const facts = current()
      const epoch = currentEpoch(facts) + 1
      const peers = facts.seats.get('')?.peers ?? []
      return peers.filter((peer) => !facts.voteKey.get(voteKeyId(epoch, peer)))
    },
    get holdingUp() {
      const facts = current()
      const keptMs = voteKeyMs(inForce())
      const until = (peer: PeerId) => {
        const notice = facts.overdue.get(peer)
        return notice ? notice.time + keptMs : null
      }
      return new Map(holdingUp(facts).map((peer) => [peer, until(peer)]))
    },
    get roles() {
      return current().role.entries as ReadonlyMap<PeerId, RoleFact>
    },
    get evidence() {
      return current().evidence.entries as ReadonlyMap<PeerId, EvidenceFact>
    },
    get proposals() {
      const { approval } = inForce()
      return [...current().proposal.entries].map(([id, fact]) => ({
        ...fact,
        id,
        action: fact.state === 'open' ? readAction(fact) : undefined,
        rule: ruleFor(inForce(), fact.kind).kind === 'founder' ? 'founder' : approval[fact.kind]!,
        // Counted for whoever looks: most readers want the ids.
        get tally() {
          return tallyOf({ facts: current() }, fact.ballots)
        },
      }))
    },
    wantsKey: (peer) => {
      const facts = current()
      const role = facts.role.get(peer)
      if (!role || role.state === 'offered') return undefined
      const epoch = currentEpoch(facts) + 1
      return facts.voteKey.get(voteKeyId(epoch, peer)) ? undefined : epoch
    },
  }
}
