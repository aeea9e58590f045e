/**
 * What clients of a replicated object saw: which call they made, what it answered, and when.
 *
 * @module
 */

/** One call of one client. */
export interface Operation<Input, Output> {
  readonly input: Input
  /** What it answered; undefined where the client never learned, so that anything may be true. */
  readonly output: Output | undefined
  /** When it was called, on one clock for the whole history. */
  readonly call: number
  /** When it answered; `Infinity` where it never did: it may take effect at any later time. */
  readonly answer: number
}

/** The object that the history is judged against, one client at a time. */
export interface Model<State extends string | number | null, Input, Output> {
  readonly initial: State
  /** The state after the call; undefined where the object could not have answered so. */
  step(state: State, input: Input, output: Output | undefined): State | undefined
  /** Whether a call that answered so changed nothing, in whatever state it was made. */
  looks?(input: Input, output: Output | undefined): boolean
  /** Calls with different parts never touch the same state, and are judged on their own. */
  part?(input: Input): string
}
