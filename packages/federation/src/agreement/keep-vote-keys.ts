/**
 * Registers this peer's vote keys ahead of time, by itself: for the next epoch where it has a seat
 * or stands by, and anew where its consensus database was lost. A voter that lost its votes never
 * votes again in that epoch; it asks for the next one.
 *
 * @module
 */
import {
  type ConsensusDatabase,
  errorMessage,
  type Logger,
  type Millis,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import { equalBytes, parse } from '@folkmoot/codec'
import type { VoterSet } from '@folkmoot/consensus'
import { voteKeyName } from '@folkmoot/consensus'
import { createSigner, type FederationId, type PeerId } from '@folkmoot/identity'
import {
  factKey,
  type Ledger,
  type RegisteredVoteKey,
  sealVoteKey,
  type VoteKeyFact,
  voteKeyFactSchema,
} from '@folkmoot/ledger'
import type { Intent } from '../ledger/shared-ledger.ts'

export interface KeepVoteKeysInit {
  readonly fed: FederationId
  readonly me: PeerId
  readonly state: Ledger
  readonly database: () => Promise<ConsensusDatabase>
  /** The epoch that runs, and its voters; null while the founder decides alone. */
  readonly epoch: () => number
  readonly voterSet: () => VoterSet | null
  readonly submit: (intent: Intent) => Promise<Verdict>
  readonly timers: Timers
  readonly logger: Logger
}

export interface VoteKeys {
  /** The state has changed. */
  look(): void
  /** Makes or finds the key for an epoch, with the proof that it is held. */
  claim(epoch: number): Promise<RegisteredVoteKey>
  stop(): void
}

/** A registration that nobody could make final is tried again. */
const againMs: Millis = 10_000

export function keepVoteKeys(init: KeepVoteKeysInit): VoteKeys {
  const { fed, me, state, logger } = init
  let stopped = false
  let busy = false

  const claim = async (epoch: number): Promise<RegisteredVoteKey> => {
    const key = await (await init.database()).createKey(voteKeyName(epoch))
    return sealVoteKey(createSigner(key), { fed, epoch, peer: me })
  }

  /** What the state says of our key for an epoch. */
  const registered = (epoch: number): VoteKeyFact | undefined => {
    const bytes = state.fact(factKey.voteKey(epoch, me))
    const parsed = bytes && parse(voteKeyFactSchema, bytes)
    return parsed?.ok ? parsed.value : undefined
  }

  /** Whether the key that the present epoch counts on is here. */
  const holdsSeatKey = async (set: VoterSet): Promise<boolean> => {
    const seat = set.voters.find(({ peer }) => peer === me)
    if (!seat) return true
    const key = await (await init.database()).key(voteKeyName(set.epoch))
    return key !== undefined && equalBytes(key.publicKey, seat.voteKey)
  }

  const register = async (): Promise<void> => {
    const { voting } = state.state()
    const role = voting.roles.get(me)?.state
    const set = init.voterSet()
    const isSeated = set?.voters.some(({ peer }) => peer === me) === true
    const early = voting.seats.peers.includes(me)
    if (role === undefined && !isSeated && !early) return
    if (role === 'offered') return
    const next = init.epoch() + 1
    const lost = set !== null && !(await holdsSeatKey(set))
    // Its group has to let go of it first: a new key alone would let a forgotten vote count twice.
    if (lost && set.engine === 'raft') return
    const fact = registered(next)
    const key = await (await init.database()).key(voteKeyName(next))
    const matches = fact !== undefined && key !== undefined && equalBytes(fact.key, key.publicKey)
    if (matches && (!lost || voting.seats.changed)) return
    const body = { ...(await claim(next)), ...(lost ? { lost: true } : {}) }
    const verdict = await init.submit({ kind: 'voter.key', body })
    const { ok } = verdict
    logger.log(ok ? 'info' : 'warn', 'a vote key was handed in', {
      epoch: next,
      lost,
      ...(ok ? {} : { code: verdict.fault.code }),
    })
  }

  const look = () => {
    if (busy || stopped) return
    busy = true
    register()
      .catch((error: unknown) =>
        logger.log('warn', 'vote keys could not be kept', { reason: errorMessage(error) }),
      )
      .finally(() => {
        busy = false
      })
  }
  const cancel = init.timers.every(againMs, look)

  return {
    look,
    claim,
    stop: () => {
      stopped = true
      cancel()
    },
  }
}
