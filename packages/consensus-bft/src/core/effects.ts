/**
 * What the BFT core asks of its driver, and what it is told, beyond what every core needs
 * (`consensus/core.ts`). Executing operations is the engine's business: the core asks for it.
 *
 * @module
 */
import type { Fault, Millis } from '@folkmoot/base'
import type {
  CoreEffect,
  CoreInput,
  Height,
  Position,
  RecordedOperation,
} from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'

/** A block that became final. Ids, headers and hashes are 32 bytes where nothing else is said. */
export interface FinalBlock {
  readonly id: Uint8Array
  readonly header: Uint8Array
  readonly height: Height
  readonly payload: readonly RecordedOperation[]
  /** Audit path of the block in the history of the certified one; null where it is that one. */
  readonly path: readonly Uint8Array[] | null
}

export type BftEffect =
  /**
   * Execute waiting operations on top of the block `parent`; answered by `built`. What is waiting
   * and already in `parent` or before it does not count.
   */
  | {
      readonly type: 'build'
      readonly token: number
      readonly parent: Uint8Array
      readonly position: Position
    }
  /** Execute a leader's payload on top of `parent`; answered by `executed`. Never for empty blocks. */
  | {
      readonly type: 'execute'
      readonly token: number
      readonly id: Uint8Array
      readonly parent: Uint8Array
      readonly position: Position
      readonly payload: readonly RecordedOperation[]
      /** The state that the leader claims. */
      readonly stateRoot: Uint8Array
    }
  /**
   * From now on this id is the state that `built` with this token led to; without a token it is the
   * state of `parent`, because the block is empty. Later blocks name it as their parent.
   */
  | {
      readonly type: 'named'
      readonly id: Uint8Array
      readonly parent: Uint8Array
      readonly height: Height
      readonly token: number | undefined
    }
  /**
   * These blocks are final, ascending, each the parent of the next; make them durable in the log
   * and answer `delivered`. May hold blocks that were never executed here. `certified` is the header
   * that `certificate` (an encoded F certificate) is about: the last block, or a void one above it.
   */
  | {
      readonly type: 'deliver'
      readonly blocks: readonly FinalBlock[]
      readonly certified: Uint8Array
      readonly certificate: Uint8Array
    }
  /** Final entries with their proofs, checked and in order; append them as they are, answer `delivered`. */
  | { readonly type: 'adopt'; readonly entries: readonly Uint8Array[] }
  /** Send `to` entries of the log from height `from` on, as one message made by `entriesMessage`. */
  | { readonly type: 'serve'; readonly to: PeerId; readonly from: Height }
  /** Tell every member, observers too. */
  | { readonly type: 'publish'; readonly message: Uint8Array }
  /** Somebody lied; the bytes prove it (`verifyEvidence`). */
  | { readonly type: 'evidence'; readonly bytes: Uint8Array }
  /** Answered by `noted` at once. In the `then` of a `persist`: the record is durable. */
  | { readonly type: 'note'; readonly token: number }
  /** Everything acknowledged before the `barrier` input of this token is at or below this height. */
  | { readonly type: 'passed'; readonly token: number; readonly height: Height }
  /** A new epoch has begun; `set` is its encoded voter set. */
  | { readonly type: 'epoch'; readonly epoch: number; readonly set: Uint8Array }
  /** The core will vote no more. */
  | { readonly type: 'halt'; readonly fault: Fault }

export type BftInput =
  /** The first input, once. */
  | { readonly type: 'start'; readonly at: Millis }
  /** Whether submitted operations wait that are not final; again whenever there are new ones. */
  | { readonly type: 'pending'; readonly waiting: boolean; readonly at: Millis }
  | {
      readonly type: 'built'
      readonly token: number
      /** Undefined when nothing is waiting that `parent` does not hold. */
      readonly block: BuiltBlock | undefined
      readonly at: Millis
    }
  | {
      readonly type: 'executed'
      readonly token: number
      /** Whether every operation is admissible and leads to the outcomes and state claimed. */
      readonly ok: boolean
      /** The encoded next voter set in the state after the block; null where none is decided. */
      readonly nextSet: Uint8Array | null
      readonly at: Millis
    }
  /** The log is durable up to here. */
  | {
      readonly type: 'delivered'
      readonly height: Height
      /** The encoded next voter set in the state at `height`; null where none is decided. */
      readonly nextSet: Uint8Array | null
      readonly at: Millis
    }
  | { readonly type: 'noted'; readonly token: number; readonly at: Millis }
  /** Answered by `passed`. */
  | { readonly type: 'barrier'; readonly token: number; readonly at: Millis }

export interface BuiltBlock {
  /** At least one operation. */
  readonly payload: readonly RecordedOperation[]
  readonly stateRoot: Uint8Array
  readonly nextSet: Uint8Array | null
}

export type Effect = CoreEffect<BftEffect>
export type Input = CoreInput<BftInput>
