/**
 * What every engine offers and what it asks of the state it replicates. Operations are bytes here;
 * their meaning is the application's (`ledger`).
 *
 * @module
 */
import type { Fault, Millis, Verdict } from '@folkmoot/base'
import type { EpochLink } from './bft/epoch-chain.ts'
import type { FinalityProof } from './finality.ts'

/** Number of final entries; the first entry has height 1. */
export type Height = number

/** Where in the agreed order an operation is applied. The only time an application may look at. */
export interface Position {
  readonly height: Height
  /** The header's time in ms; never decreases from one entry to the next. */
  readonly time: Millis
  /**
   * The header's epoch: 0 under one founder. The state learns of a new epoch from the first
   * operation that it applies in it.
   */
  readonly epoch: number
}

/**
 * A point in the order to which the state can go back, for blocks that are applied before they are
 * final and durable. Marks form a queue, the oldest first: what is above the oldest may be undone,
 * so readers of the state are shown what is below it.
 */
export interface Mark {
  /** Undoes everything applied since and drops the marks made later; this one stays. */
  rollback(): void
  /** Forgets this mark and those before it: what was applied up to here stays for good. */
  release(): void
}

/** The replicated state. Everything but `check` and `screen` is deterministic. */
export interface Application {
  /** Whether the operation is well-formed and correctly signed. Does not depend on when it is asked. */
  check(op: Uint8Array): Promise<Verdict>
  /**
   * The id that an operation has by its bytes, undefined where these are none; absent where ids are
   * free. Where it is there, voters of `bft` take and record an operation under no other.
   */
  idOf?(op: Uint8Array): string | undefined
  /** Whether this node wants to propose the operation now. Asked at submission only, never part of validity. */
  screen?(op: Uint8Array): Verdict
  /** Applies one operation. A refusal leaves the state as it was and is recorded with its code. */
  apply(op: Uint8Array, at: Position): Promise<Verdict>
  /** 32 bytes that commit to the whole state. */
  root(): Uint8Array
  /** Begins to remember how to undo. Costs what changes afterwards, until it is released. */
  mark(): Mark
  /**
   * The encoded voter set of the next epoch, once the state has decided one and holds the vote key
   * of each of its members; null until then. It names its epoch: a set whose epoch the log has
   * entered already says nothing new.
   */
  nextSet(): Uint8Array | null
  snapshot(): Uint8Array
  /** Replaces the state and drops all marks. @throws FederationError when the bytes are no snapshot; the state is then unchanged. */
  restore(bytes: Uint8Array): Promise<void>
}

export interface FinalOperation {
  readonly id: string
  readonly bytes: Uint8Array
  readonly outcome: Verdict
}

/** One decided entry. */
export interface FinalEntry extends Position {
  readonly ops: readonly FinalOperation[]
  /** The signed header. */
  readonly header: Uint8Array
  readonly proof: FinalityProof
}

/** What a submitter gets once its operation is final and durable. */
export interface Receipt {
  readonly id: string
  readonly height: Height
  /** What applying it concluded; a refusal is final as well. */
  readonly outcome: Verdict
  readonly proof: FinalityProof
}

export type MemberChange =
  | { readonly kind: 'add' | 'remove'; readonly peer: string }
  /** The last entry of this engine; `set` are the encoded voters who take over, as the state has decided them. */
  | { readonly kind: 'engine'; readonly engine: 'raft' | 'bft'; readonly set: Uint8Array }

export interface EngineStatus {
  readonly kind: 'solo' | 'raft' | 'bft'
  readonly role: 'leader' | 'follower'
  readonly epoch: number
  readonly height: Height
  /** Time of the newest entry in ms; 0 before the first. */
  readonly time: Millis
  readonly voters: number
  /** Submitted operations that are not final yet. */
  readonly waiting: number
  /** Why the engine stopped for good, if it did. */
  readonly halted: Fault | undefined
  /** Why this peer votes no more, where it is its votes alone that stopped. */
  readonly votingHalted?: Fault | undefined
  /** Why nothing can be decided at present, where the engine knows; it goes on by itself. */
  readonly stalled?: string | undefined
}

/** A state at one height, with what proves it. */
export interface Snapshot {
  readonly height: Height
  /** Finality of the entry at `height`. */
  readonly proof: FinalityProof
  /** RFC 6962 leaf hashes of the blocks before `height`, 32 bytes each. */
  readonly history: Uint8Array
  /** The last entry of every epoch before, oldest first, and whom it named; empty under one founder. */
  readonly epochs: readonly EpochLink[]
  readonly application: Uint8Array
}

export interface SubmitOptions {
  /** Names the operation; a repeated submit under one id has one effect. 1 to 128 printable ASCII characters. */
  readonly id: string
  /** Instant in ms after which the operation must not be taken into an entry any more. */
  readonly deadlineMs?: Millis
}

/** An agreed, ordered, durable log, whatever engine agrees on it. */
export interface ReplicatedLog {
  readonly kind: 'solo' | 'raft' | 'bft'
  /**
   * Resolves when the operation is final and durable. Idempotent by id.
   *
   * @throws FederationError the application's own code when `check` or `screen` refuses (nothing is
   * recorded then); `consensus/busy`, `consensus/deadline`, `consensus/id-conflict`,
   * `consensus/operation-too-large`, `consensus/storage-failed`, `consensus/halted`, `consensus/closed`
   */
  submit(op: Uint8Array, options: SubmitOptions): Promise<Receipt>
  /** Calls `listener` with every entry that becomes final from now on: in order, without gaps. */
  onFinal(listener: (entry: FinalEntry) => void): () => void
  /** A height that covers everything acknowledged to anyone before the call. */
  readBarrier(): Promise<Height>
  /** @throws FederationError `consensus/unsupported` */
  reconfigure(change: MemberChange): Promise<Receipt>
  status(): EngineStatus
  /** @throws FederationError `consensus/unsupported` before the first entry */
  snapshot(): Promise<Snapshot>
  /** Starts an empty log from a snapshot. @throws FederationError `consensus/snapshot`, `consensus/not-empty` */
  install(snapshot: Snapshot): Promise<void>
}
