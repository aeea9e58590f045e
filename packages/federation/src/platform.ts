/**
 * What a peer needs of the machine it runs on. `node/` and `web/` make one; nothing else in this
 * package knows which.
 *
 * @module
 */
import type {
  AppendLog,
  BlockStore,
  Clock,
  ConsensusDatabase,
  Ed25519Verifier,
  KeyValueStore,
  Logger,
  Metrics,
  Randomness,
  RawSigner,
  Timers,
} from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Sandbox } from '@folkmoot/sandbox'
import type { Transport, TransportPreset } from '@folkmoot/transport'

export interface TransportRequest {
  readonly signer: RawSigner
  readonly preset: TransportPreset
  /** Relays to stay connected to, multiaddrs that end in a peer id. */
  readonly relays: readonly string[]
  readonly allow: (peer: PeerId) => 'member' | 'unknown' | 'revoked'
  readonly randomness: Randomness
  readonly log: Logger
  readonly metrics: Metrics
}

export interface Platform {
  readonly signer: RawSigner
  readonly signerFromSeed: (seed: Uint8Array) => Promise<RawSigner>
  readonly verifier: Ed25519Verifier
  readonly randomness: Randomness
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly metrics: Metrics
  readonly store: KeyValueStore
  readonly log: (name: string) => Promise<AppendLog>
  readonly blocks: BlockStore
  /** Votes and vote keys, made at the first call: only voters ask. */
  readonly consensus: () => Promise<ConsensusDatabase>
  /** Under which engines this machine takes a seat. A tab comes and goes, so never in a Raft group. */
  readonly engines: readonly ('bft' | 'raft')[]
  /** Null where this peer runs nobody's code. */
  readonly sandbox: Sandbox | null
  readonly transport: (request: TransportRequest) => Promise<Transport>
  /** Frees stores, sandbox and locks; the last thing a stopping peer does. */
  readonly close: () => Promise<void>
}
