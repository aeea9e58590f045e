/**
 * Executes blocks before they are final: keeps the one application on the branch that is asked for,
 * by going back to marks and applying again, and makes final what was agreed on.
 *
 * Everything here runs one at a time; the caller sees to that.
 *
 * @module
 */
import { FederationError, type Verdict } from '@folkmoot/base'
import { equalBytes, fromHex, toHex } from '@folkmoot/codec'
import {
  type Application,
  type FinalOperation,
  type Height,
  type Mark,
  type Position,
  type RecordedOperation,
  refusalOf,
} from '@folkmoot/consensus'

/** A block whose execution is known. */
interface Executed {
  readonly hex: string
  readonly parentHex: string
  readonly position: Position
  readonly ops: readonly FinalOperation[]
  readonly nextSet: Uint8Array | null
}

interface Applied {
  readonly hex: string
  /** Before the block. */
  readonly mark: Mark
}

/** A block that was made final. */
export interface Finalised {
  readonly ops: readonly FinalOperation[]
  /** Before the block; whoever makes it durable releases it. */
  readonly mark: Mark
}

/** What executing came to. */
export interface Outcome {
  readonly payload: readonly RecordedOperation[]
  readonly stateRoot: Uint8Array
  readonly nextSet: Uint8Array | null
}

type PlainOperation = Pick<RecordedOperation, 'id' | 'bytes'>

export class Executor {
  readonly #application: Application
  /** Executed and not final, by id in hex or, before it has one, by the token of its building. */
  readonly #known = new Map<string, Executed>()
  /** The branch that the application is on, from the final state up. */
  readonly #branch: Applied[] = []
  #tip: string
  /** Whether marks of final blocks are still to be released by whoever makes them durable. */
  #lent = false
  /** `nextSet` of the final state. */
  tipNextSet: Uint8Array | null

  constructor(application: Application, tip: Uint8Array) {
    this.#application = application
    this.#tip = toHex(tip)
    this.tipNextSet = application.nextSet()
  }

  get tip(): Uint8Array {
    return fromHex(this.#tip)
  }

  /** Ids of the operations between the final state and this block; undefined where it hangs loose. */
  idsAbove(parent: Uint8Array): ReadonlySet<string> | undefined {
    const path = this.#pathTo(toHex(parent))
    return path && new Set(path.flatMap(({ ops }) => ops.map(({ id }) => id)))
  }

  /** Whether an operation is in any block that was executed and is not final. */
  holds(id: string): boolean {
    return [...this.#known.values()].some(({ ops }) => ops.some((op) => op.id === id))
  }

  /** Executes operations on a block; known under `key` until it is named. */
  async execute(
    key: string,
    parent: Uint8Array,
    position: Position,
    operations: readonly PlainOperation[],
  ): Promise<Outcome> {
    await this.#moveTo(toHex(parent))
    const ops = await this.#apply(key, position, operations)
    const nextSet = this.#application.nextSet()
    this.#known.set(key, { hex: key, parentHex: toHex(parent), position, ops, nextSet })
    return { payload: ops.map(recorded), stateRoot: this.#application.root(), nextSet }
  }

  /** Executes a leader's block; whether it comes out as the leader says. */
  async check(
    id: Uint8Array,
    parent: Uint8Array,
    position: Position,
    payload: readonly RecordedOperation[],
    stateRoot: Uint8Array,
  ): Promise<{ ok: boolean; nextSet: Uint8Array | null }> {
    const hex = toHex(id)
    const outcome = await this.execute(hex, parent, position, payload)
    const ok =
      equalBytes(outcome.stateRoot, stateRoot) &&
      outcome.payload.every(({ refusal }, i) => refusal === payload[i]!.refusal)
    if (!ok) {
      await this.#moveTo(toHex(parent))
      this.#known.delete(hex)
    }
    return { ok, nextSet: outcome.nextSet }
  }

  /** Gives an executed block its id; without a key the block is empty. */
  name(id: Uint8Array, parent: Uint8Array, height: Height, key: string | undefined): void {
    const hex = toHex(id)
    const parentHex = toHex(parent)
    const before = key === undefined ? undefined : this.#known.get(key)
    // Taking it for an empty block would make the next one's state wrong without a word.
    if (key !== undefined && !before) throw new RangeError(`nothing was executed as ${key}`)
    const position = before?.position ?? { height, time: 0, epoch: 0 }
    const nextSet = before ? before.nextSet : this.#nextSetAfter(parentHex)
    this.#known.set(hex, { hex, parentHex, position, ops: before?.ops ?? [], nextSet })
    if (key === undefined) return
    this.#known.delete(key)
    const applied = this.#branch.findIndex((each) => each.hex === key)
    if (applied !== -1) this.#branch[applied] = { ...this.#branch[applied]!, hex }
  }

  /**
   * Makes a block on the tip final and answers its operations with their outcomes; undefined where
   * executing it here leads elsewhere. Call `tidy` once it is durable.
   */
  async finalise(
    id: Uint8Array,
    position: Position,
    payload: readonly RecordedOperation[],
    stateRoot: Uint8Array,
  ): Promise<Finalised | undefined> {
    const hex = toHex(id)
    if (this.#branch[0]?.hex !== hex) await this.#moveTo(this.#tip)
    const known = this.#known.get(hex)
    let ops = known?.ops
    if (this.#branch[0]?.hex !== hex) {
      ops = await this.#apply(hex, position, payload)
      const same = ops.every((op, i) => refusalOf(op.outcome) === payload[i]!.refusal)
      if (!same || !equalBytes(this.#application.root(), stateRoot)) return undefined
    }
    this.tipNextSet = known ? known.nextSet : this.#application.nextSet()
    const { mark } = this.#branch.shift()!
    this.#lent = true
    this.#tip = hex
    this.#known.delete(hex)
    return { ops: ops!, mark }
  }

  /** Undoes whatever is not final. */
  async toTip(): Promise<void> {
    await this.#moveTo(this.#tip)
  }

  /** Somebody else moved the final state, while nothing was applied above it. */
  reset(tip: Uint8Array): void {
    this.#tip = toHex(tip)
    this.tipNextSet = this.#application.nextSet()
  }

  /** Forgets executions that end below the tip; called once the blocks that were made final are durable. */
  tidy(height: number): void {
    this.#lent = false
    for (const [key, { position }] of this.#known) {
      if (position.height < height) this.#known.delete(key)
    }
  }

  #nextSetAfter(hex: string): Uint8Array | null {
    return hex === this.#tip ? this.tipNextSet : (this.#known.get(hex)?.nextSet ?? null)
  }

  #pathTo(hex: string): Executed[] | undefined {
    const path: Executed[] = []
    for (let at = hex; at !== this.#tip; ) {
      const block = this.#known.get(at)
      if (!block) return undefined
      path.unshift(block)
      at = block.parentHex
    }
    return path
  }

  async #moveTo(hex: string): Promise<void> {
    const path = this.#pathTo(hex)
    if (!path) throw new RangeError(`block ${hex} does not rest on the final state`)
    let common = 0
    while (path[common] && this.#branch[common]?.hex === path[common]!.hex) common += 1
    const first = this.#branch[common]
    if (first) {
      first.mark.rollback()
      // Releasing it would release the lent ones too, which are older.
      if (common === 0 && !this.#lent) first.mark.release()
      this.#branch.length = common
    }
    for (const { hex, position, ops } of path.slice(common)) await this.#apply(hex, position, ops)
  }

  async #apply(
    hex: string,
    position: Position,
    operations: readonly PlainOperation[],
  ): Promise<FinalOperation[]> {
    this.#branch.push({ hex, mark: this.#application.mark() })
    const ops: FinalOperation[] = []
    for (const { id, bytes } of operations) {
      ops.push({ id, bytes, outcome: await this.#applyOne(bytes, position) })
    }
    return ops
  }

  async #applyOne(op: Uint8Array, position: Position): Promise<Verdict> {
    try {
      return await this.#application.apply(op, position)
    } catch (cause) {
      const code = 'consensus/application-failed'
      throw new FederationError(code, 'the application failed', { cause })
    }
  }
}

function recorded({ id, bytes, outcome }: FinalOperation): RecordedOperation {
  return { id, bytes, refusal: refusalOf(outcome) }
}
