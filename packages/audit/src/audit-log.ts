/**
 * One peer's audit log, as those who act and those who read see it.
 *
 * What an action is, and which actions are logged in full, is decided where actions happen
 * (`federation`).
 *
 * @module
 */
import type {
  AppendLog,
  Clock,
  Fault,
  KeyValueStore,
  Millis,
  Randomness,
  Timers,
  Verdict,
} from '@folkmoot/base'
import type { Checker, FederationId, NoteSigner, PeerId, Signer } from '@folkmoot/identity'
import type { AuditEntry, Channel, CommittedEntry, Direction } from './entry.ts'
import type { LogStatement } from './log-statement.ts'
import type { AuditFilter } from './query.ts'
import type { AuditReport } from './verify-export.ts'

export interface AuditInit {
  /** Used by this log alone. */
  readonly log: AppendLog
  /** Shared; keys start with `audit/`. */
  readonly store: KeyValueStore
  readonly signer: Signer
  /** Signs checkpoints. */
  readonly note: NoteSigner
  /** Checks them in {@link AuditLog.verify}. */
  readonly checker: Checker
  readonly fed: FederationId
  readonly clock: Clock
  readonly randomness: Randomness
  /** Drives {@link AuditLog.tick}; without it, somebody else must. */
  readonly timers?: Timers
  /** Leaves and contents together; default 1 GiB, about a million calls of 1 KB. */
  readonly quotaBytes?: number
  /** Called with each new checkpoint, after it is durable. */
  readonly onCheckpoint?: (note: Uint8Array, size: number) => void
}

/** What is about to happen. `content` is kept with `salt`; both are random and whole, or absent. */
export interface IntentInit {
  readonly direction: Direction
  readonly peer: PeerId | null
  readonly action: CommittedEntry['action']
  readonly capability?: string | null
  /** Id of the envelope or record, in hex. */
  readonly envelope?: string | null
  /** Hex SHA-256(salt ‖ content); computed where it is absent and there is content. */
  readonly contentHash?: string | null
  /** 16 random bytes; made where it is absent and there is content. */
  readonly salt?: Uint8Array
  /** As sent, after scrubbing. */
  readonly content?: Uint8Array
  readonly decision?: 'allowed'
  readonly reason?: string | null
  readonly guard?: Readonly<Record<string, number>> | null
  readonly micros?: Readonly<Record<string, number>> | null
  readonly channel?: Channel | null
}

/** How it ended. */
export interface OutcomeInit {
  readonly decision: 'done' | 'failed'
  readonly reason?: string | null
  readonly contentHash?: string | null
  readonly salt?: Uint8Array
  readonly content?: Uint8Array
  readonly guard?: Readonly<Record<string, number>> | null
  readonly micros?: Readonly<Record<string, number>> | null
}

export interface RefusalInit {
  readonly direction: Direction
  /** Null before an identity is proven: then the refusal is only counted. */
  readonly peer: PeerId | null
  readonly capability?: string | null
  readonly code: string
  readonly envelope?: string | null
  readonly channel?: Channel | null
}

/** What opening found. */
export interface AuditRecovery {
  /** Bytes of a torn write that the append log dropped; they were never acknowledged. */
  readonly droppedBytes: number
  /** Why this opening began a new log; undefined where the old one goes on. */
  readonly replaced: LogStatement['reason'] | undefined
  /** Intents that a crash left open; each got an outcome `failed`, `audit/interrupted`. */
  readonly interrupted: number
}

export interface AuditLog {
  /** 32 hex characters. */
  readonly logId: string
  /** `folkmoot/<fed>/<peer>/<logId>`, the name under which checkpoints are known. */
  readonly origin: string
  /** Entries that are durable. */
  readonly size: number
  /** Leaves and contents, against the quota. */
  readonly bytes: number
  /** Whether intents are refused for want of room. */
  readonly full: boolean
  /** Why the last write failed; undefined once one has succeeded again. */
  readonly failing: Fault | undefined
  readonly recovery: AuditRecovery
  /** Root over the first `size` entries, by default all. @throws RangeError */
  root(size?: number): Uint8Array
  /**
   * Logs what is about to happen; resolves with its sequence number when that is durable. Where it
   * throws, the action must not happen.
   *
   * @throws FederationError `audit/full`, `storage/*`
   */
  intent(intent: IntentInit): Promise<number>
  /**
   * Logs how the action of intent `of` ended; resolves when that is durable, which may be a moment
   * later, with the next intent. Accepted over the quota: the intent reserved its room.
   *
   * @throws FederationError `audit/no-intent`, `storage/*`
   */
  outcome(of: number, outcome: OutcomeInit): Promise<void>
  /** The first per peer, code and minute in full; the rest, and all when the log is full, counted. */
  refusal(refusal: RefusalInit): Promise<void>
  /** Counts something that is not worth an entry; lost when the process dies within the minute. */
  counter(name: string): void
  /** Writes the counts of past minutes and a checkpoint where one is due. */
  tick(): Promise<void>
  /** The checkpoint of all that is durable: a C2SP tlog-checkpoint note in UTF-8. */
  checkpoint(): Promise<Uint8Array>
  /** The last checkpoint that was made, if any. */
  latestCheckpoint(): Promise<Uint8Array | undefined>
  /** Entries in order, with their content where it is kept. */
  query(filter?: AuditFilter): AsyncIterable<AuditEntry>
  /** The bytes that the tree commits to at `seq`. */
  leaf(seq: number): Promise<Uint8Array | undefined>
  /** RFC 6962 proofs, as `@folkmoot/codec` verifies them. */
  inclusion(seq: number, size?: number): Uint8Array[]
  consistency(from: number, to?: number): Uint8Array[]
  /** Erases salt and content of everything before the instant `before`; answers how many. */
  erase(before: Millis): Promise<number>
  /** Everything, for {@link verifyAuditExport}; makes a checkpoint first. */
  export(): Promise<Uint8Array>
  /** One JSON object per line, for reading; it proves nothing. */
  exportJsonl(): Promise<string>
  /** Reads everything back from storage and checks it as a stranger would. */
  verify(): Promise<Verdict<AuditReport>>
  /** Writes what was counted and a last checkpoint; log and store stay open. */
  close(): Promise<void>
}
