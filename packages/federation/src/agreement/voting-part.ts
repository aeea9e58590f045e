/**
 * Everything around the engine of a voter: its network, its links with the other voters, its vote
 * keys ahead of time, and reports of those who lied.
 *
 * @module
 */
import type {
  Clock,
  ConsensusDatabase,
  KeyValueStore,
  Logger,
  Metrics,
  Randomness,
  Timers,
} from '@folkmoot/base'
import type { Checker, FederationId, PeerId, Signer } from '@folkmoot/identity'
import type { RegisteredVoteKey } from '@folkmoot/ledger'
import type { Transport } from '@folkmoot/transport'
import type { Exchange } from '../exchange/exchange.ts'
import type { SharedLedger } from '../ledger/shared-ledger.ts'
import type { DeferredNetwork } from './deferred-network.ts'
import { keepVoteKeys } from './keep-vote-keys.ts'
import { reportEvidence } from './report-evidence.ts'
import { keepVoterLinks } from './voter-links.ts'
import { openVoterNetwork } from './voter-network.ts'

export interface VotingPartInit {
  readonly fed: FederationId
  readonly signer: Signer
  readonly checker: Checker
  readonly clock: Clock
  readonly timers: Timers
  readonly randomness: Randomness
  readonly logger: Logger
  readonly metrics: Metrics
  readonly ledger: SharedLedger
  readonly store: KeyValueStore
  readonly database: () => Promise<ConsensusDatabase>
  readonly deferred: DeferredNetwork
  readonly transport: Transport
  readonly exchange: Exchange
  readonly topic: string
  /** Where a peer said that it listens. */
  readonly announced: (peer: PeerId) => readonly string[]
}

export interface VotingPart {
  onEvidence(evidence: Uint8Array): void
  /** Makes or finds this peer's vote key for an epoch, with the proof that it is held. */
  claim(epoch: number): Promise<RegisteredVoteKey>
  /** Everyone who votes now or next, or voted in the epoch before. */
  around(): readonly PeerId[]
  /** Somebody said where it listens. */
  look(): void
  stop(): void
}

export function startVotingPart(init: VotingPartInit): VotingPart {
  const { ledger, signer } = init
  const me = signer.peer
  const submit = ledger.submit
  const epoch = () => ledger.status().epoch

  const around = (): readonly PeerId[] => {
    const { sets } = ledger.anchor()
    const { voting } = ledger.state.state()
    const peers = new Set<PeerId>()
    for (const set of [sets?.setOf(epoch() - 1), sets?.setOf(epoch()), voting.nextVoters]) {
      for (const { peer } of set?.voters ?? []) peers.add(peer)
    }
    // Those who will be seated have to be in step before.
    for (const peer of voting.seats.peers) peers.add(peer)
    return [...peers]
  }
  /** Asked for every message, so it is worked out only when the state has changed. */
  let members: ReadonlySet<PeerId> = new Set(around())

  const network = openVoterNetwork({
    me,
    transport: init.transport,
    exchange: init.exchange,
    topic: init.topic,
    clock: init.clock,
    logger: init.logger,
    metrics: init.metrics,
    isMember: (peer) => ledger.state.isMember(peer),
    isVoter: (peer) => members.has(peer),
  })
  init.deferred.attach(network)
  const links = keepVoterLinks({
    ...init,
    me,
    // Only voters have to reach every voter; everyone else hears by gossip.
    voters: () => (members.has(me) ? [...members] : []),
    announced: init.announced,
  })
  const keys = keepVoteKeys({
    ...init,
    me,
    state: ledger.state,
    epoch,
    voterSet: ledger.voterSet,
    submit,
  })
  const reports = reportEvidence({
    ...init,
    state: ledger.state,
    anchor: ledger.anchor,
    submit,
  })
  const unhear = ledger.onFinal(() => {
    members = new Set(around())
    keys.look()
    links.look()
  })
  keys.look()

  return {
    onEvidence: (evidence) => {
      const [byte = 0] = init.randomness.bytes(1)
      reports.report(evidence, byte / 256)
    },
    claim: (wanted) => keys.claim(wanted),
    around: () => [...members],
    look: links.look,
    stop: () => {
      unhear()
      reports.stop()
      keys.stop()
      links.stop()
      network.stop()
    },
  }
}
