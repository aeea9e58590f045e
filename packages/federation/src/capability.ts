/**
 * A capability: a named operation that a peer may expose, with the schemas that bound what goes in
 * and what comes out. The federation's own services are capabilities like any other.
 *
 * @module
 */
import type { Millis, Verdict } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Exposure } from '@folkmoot/policy'
import type * as v from 'valibot'

export interface Capability<Input = unknown, Output = unknown> {
  /** `package.operation`, lower case; at most 64 characters. */
  readonly name: string
  readonly input: v.GenericSchema<unknown, Input>
  /** Schema of the answer, or of each item where the capability streams. */
  readonly output: v.GenericSchema<unknown, Output>
  /** `full`: intent and outcome of each; `counted`: a count per minute (protocol.md, "Audit"). */
  readonly logging: 'full' | 'counted'
  /** Largest encoded body either way, in bytes. */
  readonly maxBytes: number
  /** The last look at what leaves, beyond the schema; fails closed. */
  readonly sanitise?: (value: unknown) => Verdict<{ counts: Record<string, number> }>
}

// biome-ignore lint/suspicious/noExplicitAny: a list of capabilities of any input and output
export type AnyCapability = Capability<any, any>

export interface CallContext {
  readonly from: PeerId
  readonly deadline: Millis
  /** Aborts when the caller cancels, the deadline passes, or the link is lost. */
  readonly signal: AbortSignal
}

export type Handler<Input, Output> = (
  input: Input,
  context: CallContext,
) => Promise<Verdict<{ output: Output }>>

/** Answers with items; the consumer's credits set the pace. */
export type StreamHandler<Input, Item> = (input: Input, context: CallContext) => AsyncIterable<Item>

/** What a peer lets others call: the operation, who may, and what it does. */
export type Exposed<Input = unknown, Output = unknown> = {
  readonly capability: Capability<Input, Output>
  readonly exposure: Omit<Exposure, 'capability'>
} & (
  | { readonly handler: Handler<Input, Output> }
  | { readonly stream: StreamHandler<Input, Output> }
)
