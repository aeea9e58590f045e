/**
 * Operations that wait to become final: those submitted here, whose submitters want an answer, and
 * those that others passed on.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import { MAX_ENTRY_OPERATIONS, MAX_PAYLOAD_BYTES, type Submitter } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { ForwardedOperation } from './operations-message.ts'

/** Whose an operation is: one of the two. */
interface Origin {
  /** Somebody here. */
  readonly submitter?: Submitter
  /** The peer that passed it on. */
  readonly from?: PeerId
}

type Waiting = ForwardedOperation & Origin

interface Held {
  readonly operations: number
  readonly bytes: number
}

const nothing: Held = { operations: 0, bytes: 0 }

export class Pool {
  readonly #waiting = new Map<string, Waiting>()
  /** What waits of each who passed something on. */
  readonly #held = new Map<PeerId, Held>()
  #bytes = 0
  readonly #maxOperations: number
  readonly #maxBytes: number

  constructor(maxOperations: number, maxBytes: number) {
    this.#maxOperations = maxOperations
    this.#maxBytes = maxBytes
  }

  get size(): number {
    return this.#waiting.size
  }

  has(id: string): boolean {
    return this.#waiting.has(id)
  }

  hasRoom(bytes: number): boolean {
    return this.#waiting.size < this.#maxOperations && this.#bytes + bytes <= this.#maxBytes
  }

  /**
   * How many more operations are taken from one of `passers` who pass some on. Half of the room is
   * for those, in equal parts, so that no one of them keeps out what comes from elsewhere.
   */
  shareLeft(from: PeerId, passers: number): number {
    const { operations } = this.#held.get(from) ?? nothing
    const share = Math.max(1, Math.floor(this.#maxOperations / 2 / passers))
    return Math.max(0, share - operations)
  }

  /** Whether there is room for an operation that was passed on; the first may have any size. */
  hasShare(from: PeerId, bytes: number, passers: number): boolean {
    const held = this.#held.get(from) ?? nothing
    const isSmall = held.bytes === 0 || held.bytes + bytes <= this.#maxBytes / 2 / passers
    return isSmall && this.shareLeft(from, passers) > 0 && this.hasRoom(bytes)
  }

  /** Our own submitter takes the place of an operation that was passed on to us before. */
  add(operation: ForwardedOperation, origin: Origin): void {
    this.delete(operation.id)
    this.#waiting.set(operation.id, { ...operation, ...origin })
    this.#count(origin, 1, operation.bytes.length)
  }

  delete(id: string): Waiting | undefined {
    const known = this.#waiting.get(id)
    if (!known) return undefined
    this.#waiting.delete(id)
    this.#count(known, -1, -known.bytes.length)
    return known
  }

  #count({ from }: Origin, operations: number, bytes: number): void {
    this.#bytes += bytes
    if (from === undefined) return
    const before = this.#held.get(from) ?? nothing
    const held = { operations: before.operations + operations, bytes: before.bytes + bytes }
    if (held.operations === 0) this.#held.delete(from)
    else this.#held.set(from, held)
  }

  /** What a block may hold, oldest first, without what its ancestors hold. */
  batch(taken: (id: string) => boolean): ForwardedOperation[] {
    const batch: ForwardedOperation[] = []
    let size = 0
    for (const operation of this.#waiting.values()) {
      if (taken(operation.id)) continue
      size += operation.bytes.length
      if (batch.length === MAX_ENTRY_OPERATIONS || size > MAX_PAYLOAD_BYTES) break
      batch.push(operation)
    }
    return batch
  }

  /** Operations submitted here, to be passed on. */
  own(): Waiting[] {
    return [...this.#waiting.values()].filter(({ submitter }) => submitter !== undefined)
  }

  /** Takes out what is too late to be proposed. */
  takeLate(now: Millis, isUnderWay: (id: string) => boolean): Waiting[] {
    const late = [...this.#waiting.values()].filter(({ id, deadlineMs }) => {
      return deadlineMs !== undefined && deadlineMs < now && !isUnderWay(id)
    })
    for (const { id } of late) this.delete(id)
    return late
  }

  /** Takes out everything. */
  clear(): Waiting[] {
    const all = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#held.clear()
    this.#bytes = 0
    return all
  }
}
