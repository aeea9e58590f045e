/**
 * A peer's part in agreement: passes on what voters say by gossip, and takes up a voter's duties
 * once it is one, or will be.
 *
 * @module
 */
import {
  type Clock,
  type ConsensusDatabase,
  errorMessage,
  type KeyValueStore,
  type Logger,
  type Metrics,
  type Randomness,
  type Timers,
} from '@folkmoot/base'
import type { Crossed } from '@folkmoot/consensus'
import type { Checker, FederationId, PeerId, Signer } from '@folkmoot/identity'
import type { RegisteredVoteKey } from '@folkmoot/ledger'
import type { Transport } from '@folkmoot/transport'
import type { Exchange } from '../exchange/exchange.ts'
import type { SharedLedger } from '../ledger/shared-ledger.ts'
import { consensusMessage } from '../services.ts'
import type { ForkHearing } from './ask-for-forks.ts'
import type { DeferredNetwork } from './deferred-network.ts'
import type { VoterAddresses } from './voter-addresses.ts'
import type { VoterDuties } from './voter-duties.ts'
import { admitVoters } from './voter-topic.ts'

export interface VotingPartInit extends ForkHearing {
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
  /** Where this peer listens; empty where it does not listen for everybody. */
  readonly own: () => readonly string[]
}

export interface VotingPart {
  onEvidence(evidence: Uint8Array): void
  /** By what certificate the history here crossed a view, where this voter knows. */
  crossing(crossed: Crossed): Promise<Uint8Array | undefined>
  /** Makes or finds this peer's vote key for an epoch, with the proof that it is held. */
  claim(epoch: number): Promise<RegisteredVoteKey>
  /** Somebody said where it listens. */
  look(): void
  stop(): void
}

export function startVotingPart(init: VotingPartInit): VotingPart {
  const { ledger, signer, logger } = init
  const me = signer.peer

  /** Everyone who votes now or next, or voted in the epoch before. */
  const around = (): readonly PeerId[] => {
    const { sets } = ledger.anchor()
    const { epoch } = ledger.status()
    const { voting } = ledger.state.state()
    const peers = new Set<PeerId>()
    for (const set of [sets?.setOf(epoch - 1), sets?.setOf(epoch), voting.nextVoters]) {
      for (const { peer } of set?.voters ?? []) peers.add(peer)
    }
    // Those who will be seated have to be in step before.
    for (const peer of voting.seats.peers) peers.add(peer)
    for (const [peer, { state }] of voting.roles) if (state !== 'offered') peers.add(peer)
    return [...peers]
  }
  /** Asked for every message, so it is worked out only when the state has changed. */
  let voters: ReadonlySet<PeerId> = new Set(around())
  const isVoter = (peer: PeerId) => voters.has(peer)
  /** Those too who decide before there are voters, and who was offered a seat. */
  const candidates = () => {
    const offered = ledger.state.state().voting.roles.keys()
    return [...new Set([...voters, ...ledger.voters(), ...offered])]
  }

  let duties: Promise<VoterDuties> | undefined
  let started: VoterDuties | undefined
  let stopped = false
  // Who does not vote passes on what voters say: links may lead through it alone.
  const unhear = init.exchange.hear(
    init.topic,
    consensusMessage,
    async () => ({ ok: true }),
    admitVoters(isVoter),
  )
  let addresses: VoterAddresses | undefined
  const loadParts = async () => {
    const parts = await import('./bft-engine.ts')
    addresses ??= parts.keepVoterAddresses({
      ...init,
      candidates,
      isMember: (peer) => ledger.state.isMember(peer),
      changed: () => started?.look(),
    })
    if (stopped) addresses.stop()
    return { ...parts, addresses }
  }
  const failed = (error: unknown) =>
    logger.log('error', 'this peer cannot vote', { reason: errorMessage(error) })
  const begin = (): Promise<VoterDuties> => {
    if (duties) return duties
    duties = loadParts().then((parts) => {
      unhear()
      const { addresses } = parts
      started = parts.startVoterDuties({ ...init, isVoter, around: () => [...voters], addresses })
      if (stopped) started.stop()
      return started
    })
    duties.catch((error: unknown) => {
      // The code could not be loaded this time: the next look asks again.
      duties = undefined
      failed(error)
    })
    return duties
  }
  const look = () => {
    if (stopped) return
    if (started) started.look()
    else if (isVoter(me)) void begin()
  }
  const unfinal = ledger.onFinal(() => {
    voters = new Set(around())
    look()
  })
  look()
  // A relay may be offered a seat, and is asked by those who were: it tells before it votes.
  if (init.own().length > 0) {
    loadParts().catch(failed)
  }

  return {
    onEvidence: (evidence) => started?.onEvidence(evidence),
    crossing: async (crossed) => started?.crossing(crossed),
    claim: async (epoch) => (await begin()).claim(epoch),
    look,
    stop: () => {
      stopped = true
      unfinal()
      addresses?.stop()
      if (started) started.stop()
      else unhear()
    },
  }
}
