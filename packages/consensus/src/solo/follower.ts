/**
 * Engine `solo`, following side: verifies each entry of the founder's log on its own, with one
 * signature check and hashes, and keeps its own copy.
 *
 * @module
 */
import { type AppendLog, type Logger, refuse, type Verdict } from '@folkmoot/base'
import type { Checker, FederationId, PeerId } from '@folkmoot/identity'
import type { ConsensusCode } from '../codes.ts'
import type { HistoryProof } from '../history.ts'
import type { Application, EngineStatus, FinalEntry, Height, Snapshot } from '../replicated-log.ts'
import { createSerial } from '../serial.ts'
import { Chain } from './chain.ts'

export interface SoloFollowerInit {
  readonly instance: FederationId
  readonly founder: PeerId
  readonly checker: Checker
  /** In its initial state: the stored log is replayed into it. */
  readonly application: Application
  readonly log: AppendLog
  readonly logger?: Logger
  /** Also check every operation's own signature, so that the founder cannot make one up. Default false. */
  readonly checkOperations?: boolean
  /** Entries that may wait to be verified at once. Default 64. */
  readonly maxWaiting?: number
}

export interface Follower {
  readonly height: Height
  /** Proof that the founder signed two histories; set once that has been seen. */
  readonly evidence: Uint8Array | undefined
  /** Takes the next entry. One that is known already is accepted again; `consensus/gap` asks for those between. */
  accept(entry: Uint8Array): Promise<Verdict<{ height: Height }>>
  onFinal(listener: (entry: FinalEntry) => void): () => void
  entries(from: Height, max: number): Promise<Uint8Array[]>
  entryAt(height: Height): Promise<FinalEntry | undefined>
  proveHistory(height: Height): Promise<HistoryProof>
  status(): EngineStatus
  snapshot(): Promise<Snapshot>
  install(snapshot: Snapshot): Promise<void>
}

/** An entry is up to 1 MiB, so this bounds what waits to 64 MiB. */
const DEFAULT_MAX_WAITING = 64

/**
 * Opens a follower's copy and replays it.
 *
 * @throws FederationError `consensus/corrupt-log`
 */
export async function createSoloFollower(init: SoloFollowerInit): Promise<Follower> {
  const chain = await Chain.open(init)
  const serial = createSerial()
  const maxWaiting = init.maxWaiting ?? DEFAULT_MAX_WAITING
  let waiting = 0

  async function accept(entry: Uint8Array): Promise<Verdict<{ height: Height }>> {
    if (waiting >= maxWaiting) {
      return refuse('consensus/busy' satisfies ConsensusCode, 'too many entries wait')
    }
    waiting += 1
    try {
      return await serial(() => chain.accept(entry))
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
    accept,
    onFinal: (listener) => chain.onFinal(listener),
    entries: (from, max) => chain.entries(from, max),
    entryAt: (height) => chain.entryAt(height),
    proveHistory: (height) => chain.proveHistory(height),
    status: () => ({
      kind: 'solo',
      role: 'follower',
      epoch: 0,
      height: chain.tip.height,
      time: chain.tip.time,
      voters: 1,
      waiting,
      halted: chain.halted,
    }),
    snapshot: () => serial(async () => chain.snapshot()),
    install: (snapshot) => serial(() => chain.install(snapshot)),
  }
}
