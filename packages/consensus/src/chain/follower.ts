/**
 * Follows a log that others decide: verifies each entry on its own, whatever engine decided it,
 * learns the voters of each epoch from the entries, and keeps its own copy.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import type { EpochLink } from '../bft/epoch-chain.ts'
import type { ConsensusCode } from '../codes.ts'
import type { FinalityAnchor } from '../finality.ts'
import type { HistoryProof } from '../history.ts'
import type { EngineStatus, FinalEntry, Height, Snapshot } from '../replicated-log.ts'
import { createSerial } from '../serial.ts'
import { Chain, type ChainInit } from './chain.ts'

export interface FollowerInit extends ChainInit {
  /** Entries that may wait to be verified at once. Default 64. */
  readonly maxWaiting?: number
}

export interface Follower {
  readonly height: Height
  /** Proof that two histories were decided; set once that has been seen. */
  readonly evidence: Uint8Array | undefined
  /** Whose proofs count, as far as this copy has come: for `verifyFinality` and `verifyEvidence`. */
  readonly anchor: FinalityAnchor
  /** The last entry of every epoch that is over, for those who follow from the charter alone. */
  epochLinks(): readonly EpochLink[]
  /**
   * Takes the next entry. One that is known already is accepted again; `consensus/gap` asks for
   * those between. In place of an entry also proof of a fork: where it holds, this copy keeps it
   * and stops.
   */
  accept(entry: Uint8Array): Promise<Verdict<{ height: Height }>>
  onFinal(listener: (entry: FinalEntry) => void): () => void
  entries(from: Height, max: number): Promise<Uint8Array[]>
  entryAt(height: Height): Promise<FinalEntry | undefined>
  /** By default under the newest entry. */
  proveHistory(height: Height, under?: Height): Promise<HistoryProof>
  status(): EngineStatus
  snapshot(): Promise<Snapshot>
  install(snapshot: Snapshot): Promise<void>
  /** Takes no more and hands the chain over, to an engine that goes on with it. */
  release(): Promise<Chain>
}

/** An entry is up to 1 MiB, so this bounds what waits to 64 MiB. */
const DEFAULT_MAX_WAITING = 64

/**
 * Opens a follower's copy and replays it.
 *
 * @throws FederationError `consensus/corrupt-log`
 */
export async function createFollower(init: FollowerInit): Promise<Follower> {
  return followChain(await Chain.open(init), init)
}

/** Follows on a chain that is open already: one that an engine has released. */
export function followChain(chain: Chain, init: Pick<FollowerInit, 'maxWaiting'> = {}): Follower {
  const serial = createSerial()
  const maxWaiting = init.maxWaiting ?? DEFAULT_MAX_WAITING
  let waiting = 0
  let released = false
  const over = () => refuse('consensus/closed' satisfies ConsensusCode, 'an engine has taken over')

  async function accept(entry: Uint8Array): Promise<Verdict<{ height: Height }>> {
    if (waiting >= maxWaiting) {
      return refuse('consensus/busy' satisfies ConsensusCode, 'too many entries wait')
    }
    waiting += 1
    try {
      return await serial(async () => (released ? over() : chain.accept(entry)))
    } finally {
      waiting -= 1
    }
  }

  return {
    get height() {
      return chain.tip.height
    },
    get evidence() {
      return chain.evidence
    },
    get anchor() {
      return chain.epochs.anchor
    },
    epochLinks: () => [...chain.epochs.links],
    accept,
    onFinal: (listener) => chain.onFinal(listener),
    entries: (from, max) => chain.entries(from, max),
    entryAt: (height) => chain.entryAt(height),
    proveHistory: (height, under) => chain.proveHistory(height, under),
    status: () => chainStatus(chain, 'follower', waiting),
    snapshot: () => serial(async () => chain.snapshot()),
    install: (snapshot) => serial(() => chain.install(snapshot)),
    release: () =>
      serial(async () => {
        released = true
        return chain
      }),
  }
}

/** How a chain stands, by the engine of the epoch that runs. */
export function chainStatus(
  chain: Chain,
  role: EngineStatus['role'],
  waiting: number,
): EngineStatus {
  const { current } = chain.epochs
  const set = chain.epochs.setOf(current)
  return {
    kind: set?.engine ?? 'solo',
    role,
    epoch: current,
    height: chain.tip.height,
    time: chain.tip.time,
    voters: set?.voters.length ?? 1,
    waiting,
    halted: chain.halted,
  }
}
