/**
 * Operations that wait to become final: those submitted here, whose submitters want an answer, and
 * those that others passed on.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import { MAX_ENTRY_OPERATIONS, MAX_PAYLOAD_BYTES, type Receipt } from '@folkmoot/consensus'
import type { ForwardedOperation } from './operations-message.ts'

export interface Submitter {
  resolve(receipt: Receipt): void
  reject(error: unknown): void
}

interface Waiting extends ForwardedOperation {
  /** Undefined for what others passed on. */
  readonly submitter: Submitter | undefined
}

export class Pool {
  readonly #waiting = new Map<string, Waiting>()
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

  /** Our own submitter takes the place of an operation that was passed on to us before. */
  add(operation: ForwardedOperation, submitter?: Submitter): void {
    this.delete(operation.id)
    this.#waiting.set(operation.id, { ...operation, submitter })
    this.#bytes += operation.bytes.length
  }

  delete(id: string): Waiting | undefined {
    const known = this.#waiting.get(id)
    if (!known) return undefined
    this.#waiting.delete(id)
    this.#bytes -= known.bytes.length
    return known
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
  own(): ForwardedOperation[] {
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
    this.#bytes = 0
    return all
  }
}
