/**
 * Bounds what checking costs of the operations that other voters pass on: of each voter a few at a
 * time, and what it sends meanwhile waits its turn. Honest voters check before they pass anything
 * on, so each false operation is its sender's fault, and of who sends many nothing is looked at
 * until time has forgiven some.
 *
 * @module
 */
import type { Clock, Verdict } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { Forgeries } from '../core/forgeries.ts'
import { type ForwardedOperation, parseOperations } from './operations-message.ts'

export interface PassedOnInit {
  readonly clock: Clock
  /** Whether operations are taken from this peer. */
  mayPass(from: PeerId): boolean
  /** Those of a message that are worth checking at this moment. */
  wanted(from: PeerId, operations: readonly ForwardedOperation[]): readonly ForwardedOperation[]
  /** A false one is its sender's fault. */
  check(operation: ForwardedOperation): Promise<Verdict>
  /** These are well-formed and correctly signed. */
  take(from: PeerId, operations: readonly ForwardedOperation[]): void
  failed(cause: unknown): void
}

/** Checked at once: as many as one sender may get wrong before it is not heard. */
const CHECKED_AT_ONCE = 32
/** Messages that wait to be checked of one sender: twice what it passes on in one turn. */
const MAX_QUEUED_BYTES = 2 * 1024 * 1024

interface Queue {
  readonly messages: Uint8Array[]
  bytes: number
}

export class PassedOn {
  readonly #init: PassedOnInit
  readonly #forgeries = new Forgeries()
  /** Of those whose messages are being checked. */
  readonly #queues = new Map<PeerId, Queue>()
  #isStopped = false

  constructor(init: PassedOnInit) {
    this.#init = init
  }

  /** What finds no room is dropped: who passed it on repeats it. */
  receive(from: PeerId, message: Uint8Array): void {
    if (!this.#isHeard(from)) return
    const known = this.#queues.get(from)
    const queue = known ?? { messages: [], bytes: 0 }
    if (queue.bytes + message.length > MAX_QUEUED_BYTES && queue.bytes > 0) return
    queue.messages.push(message)
    queue.bytes += message.length
    if (known) return
    this.#queues.set(from, queue)
    this.#work(from, queue).catch(this.#init.failed)
  }

  /** Looks at nothing any more. */
  stop(): void {
    this.#isStopped = true
  }

  #isHeard(from: PeerId): boolean {
    const { clock, mayPass } = this.#init
    return !this.#isStopped && mayPass(from) && !this.#forgeries.isMuted(from, clock.now())
  }

  async #work(from: PeerId, queue: Queue): Promise<void> {
    try {
      for (let next = queue.messages.shift(); next; next = queue.messages.shift()) {
        await this.#look(from, next)
        // Only now: the one under way counts as well.
        queue.bytes -= next.length
      }
    } finally {
      this.#queues.delete(from)
    }
  }

  async #look(from: PeerId, message: Uint8Array): Promise<void> {
    const { check, take, wanted } = this.#init
    if (!this.#isHeard(from)) return
    const operations = parseOperations(message)
    if (!operations) this.#blame(from, 1)
    for (let at = 0; operations && at < operations.length; at += CHECKED_AT_ONCE) {
      if (!this.#isHeard(from)) return
      const some = wanted(from, operations.slice(at, at + CHECKED_AT_ONCE))
      const verdicts = await Promise.all(some.map(check))
      const good = some.filter((_, i) => verdicts[i]!.ok)
      this.#blame(from, some.length - good.length)
      if (good.length > 0 && !this.#isStopped) take(from, good)
    }
  }

  #blame(from: PeerId, times: number): void {
    const { clock } = this.#init
    for (let i = 0; i < times; i++) {
      this.#forgeries.from(from, () => this.#forgeries.blame(clock.now()))
    }
  }
}
