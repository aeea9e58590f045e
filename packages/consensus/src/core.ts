/**
 * What a pure agreement core asks of whatever drives it, in Node, in a tab or in the simulator, and
 * what it is told. Time comes with the inputs; signing and checking are asynchronous everywhere, so
 * the core asks for them and goes on when the answer comes.
 *
 * @module
 */
import type { KeyDeletion, Millis, StoreOperation } from '@folkmoot/base'
import type { PeerId, Purpose } from '@folkmoot/identity'

/** One signature to check. `signer` is the peer id form of whichever key signed, a vote key too. */
export interface VerifyItem {
  readonly signer: PeerId
  readonly purpose: Purpose
  readonly signature: Uint8Array
  readonly bytes: Uint8Array
}

/**
 * Performed in order. Everything in `then` happens only once `operations` are durable, so that
 * nothing is sent that a crash could make forgotten. `Own` are the effects of one engine alone.
 */
export type CoreEffect<Own> =
  | {
      readonly type: 'persist'
      readonly operations: readonly (StoreOperation | KeyDeletion)[]
      readonly then: readonly CoreEffect<Own>[]
    }
  | { readonly type: 'send'; readonly to: readonly PeerId[]; readonly message: Uint8Array }
  /** Replaces a timer of the same name. */
  | { readonly type: 'setTimer'; readonly timer: string; readonly at: Millis }
  | { readonly type: 'clearTimer'; readonly timer: string }
  /** By the vote key called `key` in the database; answered by `signed`. */
  | {
      readonly type: 'sign'
      readonly key: string
      readonly purpose: Purpose
      readonly bytes: Uint8Array
      readonly token: number
    }
  /** Answered by `verified`, one answer for each item. */
  | { readonly type: 'verify'; readonly items: readonly VerifyItem[]; readonly token: number }
  | Own

/** An input without its time, which whoever drives the core stamps when it arrives. */
export type Unstamped<Input> = Input extends { readonly at: Millis } ? Omit<Input, 'at'> : Input

/** Inputs that every core takes; `Own` are those of one engine alone. `at` never decreases. */
export type CoreInput<Own> =
  | {
      readonly type: 'message'
      readonly from: PeerId
      readonly bytes: Uint8Array
      readonly at: Millis
    }
  | { readonly type: 'timer'; readonly timer: string; readonly at: Millis }
  | {
      readonly type: 'signed'
      readonly token: number
      readonly signature: Uint8Array
      readonly at: Millis
    }
  | {
      readonly type: 'verified'
      readonly token: number
      readonly ok: readonly boolean[]
      readonly at: Millis
    }
  /** A link to this peer came up. */
  | { readonly type: 'connected'; readonly peer: PeerId; readonly at: Millis }
  | Own
