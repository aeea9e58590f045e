/**
 * The shape of every pure core: one input in, the next state and its effects out.
 *
 * @module
 */

export interface Step<State, Effect> {
  readonly state: State
  readonly effects: readonly Effect[]
}
