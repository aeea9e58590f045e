/**
 * Decides whether a history is linearizable: whether each call can be given one instant between
 * its call and its answer, so that the object, asked in that order, answers what the clients saw.
 *
 * The search of Wing and Gong with Lowe's memory of configurations already seen, each part of the
 * state on its own (Lowe, *Testing for linearizability*, 2017; the locality of Herlihy and Wing).
 *
 * @module
 */
import type { Model, Operation } from './history.ts'

/** A call or an answer, in a list by time from which linearized operations are lifted out. */
interface Node {
  readonly operation: number
  /** The answer that belongs to this call; undefined where this is an answer. */
  readonly answer: Node | undefined
  previous: Node | undefined
  next: Node | undefined
}

/** Whether the whole history is linearizable. Takes time exponential in the calls open at once. */
export function isLinearizable<State extends string | number | null, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
): boolean {
  const parts = new Map<string, Operation<Input, Output>[]>()
  for (const operation of history) {
    const part = model.part?.(operation.input) ?? ''
    const known = parts.get(part)
    if (known) known.push(operation)
    else parts.set(part, [operation])
  }
  // In turns: one part that is plainly wrong answers for all, however long another would take.
  let searches = [...parts.values()].map((part) => search(model, part))
  while (searches.length > 0) {
    const results = searches.map((each) => each.next())
    if (results.some(({ done, value }) => done === true && value === false)) return false
    searches = searches.filter((_, i) => results[i]!.done !== true)
  }
  return true
}

/** Calls tried before the next part has its turn. */
const TURN = 10_000

/** Answers at its end whether the part is linearizable; gives way in between. */
function* search<State extends string | number | null, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
): Generator<undefined, boolean> {
  let tries = 0
  const head = eventList(history)
  const seen = new Configurations<State>(history.length)
  const taken: { node: Node; state: State; forced: boolean }[] = []
  let state = model.initial
  let node: Node | undefined = head.next
  const take = (call: Node, after: State, forced: boolean) => {
    if (!seen.add(call.operation, after)) return false
    taken.push({ node: call, state, forced })
    state = after
    lift(call)
    return true
  }
  while (head.next !== undefined) {
    tries += 1
    if (tries % TURN === 0) yield
    if (node?.answer !== undefined) {
      const { input, output } = history[node.operation]!
      const after = model.step(state, input, output)
      node = after !== undefined && take(node, after, false) ? look() : node.next
      continue
    }
    // An answer whose call could not be placed before it: take back the last choice.
    let last: (typeof taken)[number] | undefined
    do {
      last = taken.pop()
      if (last === undefined) return false
      seen.remove(last.node.operation)
      state = last.state
      unlift(last.node)
    } while (last.forced)
    node = last.node.next
  }
  return true

  /** Takes all calls that only look and saw this state: they may go first, and nothing is lost by it. */
  function look(): Node | undefined {
    let call = model.looks ? head.next : undefined
    while (call?.answer !== undefined) {
      const { next } = call
      const { input, output } = history[call.operation]!
      if (model.looks!(input, output) && model.step(state, input, output) !== undefined) {
        // Where the search was before, nothing is left to find.
        if (!take(call, state, true)) return undefined
      }
      call = next
    }
    return head.next
  }
}

/** Calls and answers by time; at one instant calls come first, which allows the most. */
function eventList(history: readonly Operation<unknown, unknown>[]): Node {
  const events = history.flatMap(({ call, answer }, operation) => [
    { at: call, order: 0, operation },
    { at: answer, order: 1, operation },
  ])
  // Two answers at infinity differ by nothing, not by NaN.
  const compare = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1)
  events.sort((a, b) => compare(a.at, b.at) || a.order - b.order || a.operation - b.operation)
  const head: Node = { operation: -1, answer: undefined, previous: undefined, next: undefined }
  const answers = new Map<number, Node>()
  let following: Node | undefined
  for (const { order, operation } of events.reverse()) {
    const answer = order === 0 ? answers.get(operation) : undefined
    const node: Node = { operation, answer, previous: undefined, next: following }
    if (order === 1) answers.set(operation, node)
    if (following) following.previous = node
    following = node
  }
  head.next = following
  if (following) following.previous = head
  return head
}

function lift(call: Node): void {
  for (const node of [call, call.answer!]) {
    node.previous!.next = node.next
    if (node.next) node.next.previous = node.previous
  }
}

function unlift(call: Node): void {
  for (const node of [call.answer!, call]) {
    node.previous!.next = node
    if (node.next) node.next.previous = node
  }
}

/** Which sets of linearized operations were met with which state. */
class Configurations<State> {
  readonly #bits: Int32Array
  /** By state first: one set of appends can lead to as many texts as it has orders. */
  readonly #seen = new Map<State, Map<number, Int32Array[]>>()
  #hash = 0

  constructor(operations: number) {
    this.#bits = new Int32Array((operations + 31) >>> 5)
  }

  /** Marks an operation as linearized, unless that leads where the search was before. */
  add(operation: number, state: State): boolean {
    this.#flip(operation)
    const sets = this.#seen.get(state) ?? new Map<number, Int32Array[]>()
    const bucket = sets.get(this.#hash) ?? []
    if (bucket.some((bits) => this.#isAt(bits))) {
      this.#flip(operation)
      return false
    }
    bucket.push(this.#bits.slice())
    sets.set(this.#hash, bucket)
    this.#seen.set(state, sets)
    return true
  }

  remove(operation: number): void {
    this.#flip(operation)
  }

  #flip(operation: number): void {
    this.#bits[operation >>> 5]! ^= 1 << (operation & 31)
    this.#hash ^= scatter(operation)
  }

  #isAt(bits: Int32Array): boolean {
    return bits.every((word, i) => word === this.#bits[i])
  }
}

/** 32 bits that look random, so that sets of operations rarely share an exclusive-or. */
function scatter(operation: number): number {
  let x = Math.imul(operation + 1, 0x9e3779b1)
  x = Math.imul(x ^ (x >>> 15), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}
