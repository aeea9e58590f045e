/**
 * Operations on their way into a block: those that were submitted here, which are passed on to who
 * leads next, and those that other voters passed on.
 *
 * @module
 */
import {
  type Clock,
  errorMessage,
  FederationError,
  type Logger,
  type Millis,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import { equalBytes } from '@folkmoot/codec'
import {
  type Application,
  answerFinal,
  assertSubmittable,
  type Chain,
  type ConsensusNetwork,
  type FinalEntry,
  idConflict,
  type Receipt,
  recordedReceipt,
  refusedAtCheck,
  type SubmitOptions,
  tooLate,
  tooManyWait,
  wireDeadline,
} from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import { createForwarding } from './forwarding.ts'
import type { ForwardedOperation } from './operations-message.ts'
import { PassedOn } from './passed-on.ts'
import { Pool } from './pool.ts'

export interface SubmissionsInit {
  readonly me: PeerId
  readonly chain: Chain
  readonly application: Application
  readonly network: ConsensusNetwork
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly deltaMs: Millis
  readonly maxWaiting: number
  readonly maxWaitingBytes: number
  /** Those who lead this view and the next ones. */
  leaders(): readonly PeerId[]
  voters(): readonly PeerId[]
  /** Whether the application would record it; remembered by whoever answers. */
  check(operation: ForwardedOperation): Promise<Verdict>
  /** Whether it is in a block that may still become final. */
  isUnderWay(id: string): boolean
  /** There is something to decide, or there is nothing any more. */
  announce(waiting: boolean): void
  /** @throws FederationError once nothing is decided here any more. */
  assertRunning(): void
}

export class Submissions {
  readonly #init: SubmissionsInit
  readonly #pool: Pool
  readonly #forwarding: ReturnType<typeof createForwarding>
  readonly #passedOn: PassedOn
  readonly #submitted = new Map<string, { readonly bytes: Uint8Array; receipt: Promise<Receipt> }>()
  /** Those whose operations are taken: voters of this epoch, of the one before and of the next. */
  #passers: ReadonlySet<PeerId> = new Set()
  #announced = 0

  constructor(init: SubmissionsInit) {
    this.#init = init
    this.#pool = new Pool(init.maxWaiting, init.maxWaitingBytes)
    this.#forwarding = createForwarding({
      me: init.me,
      network: init.network,
      timers: init.timers,
      deltaMs: init.deltaMs,
      leaders: init.leaders,
      voters: init.voters,
      waiting: () => {
        this.#rejectLate()
        return this.#pool.own()
      },
    })
    this.#passedOn = new PassedOn({
      clock: init.clock,
      mayPass: (from) => this.#passers.has(from),
      wanted: (from, operations) => this.#wanted(from, operations),
      check: init.check,
      take: (from, operations) => this.#take(from, operations),
      failed: (cause) => {
        const reason = errorMessage(cause)
        const text = 'operations that were passed on could not be checked'
        init.logger.log('error', text, { reason })
      },
    })
  }

  get size(): number {
    return this.#pool.size
  }

  async submit(op: Uint8Array, { id, deadlineMs }: SubmitOptions): Promise<Receipt> {
    this.#init.assertRunning()
    assertSubmittable(id, op)
    const known = this.#submitted.get(id)
    if (known) {
      if (!equalBytes(known.bytes, op)) throw idConflict(id)
      return known.receipt
    }
    if (!this.#pool.hasRoom(op.length)) throw tooManyWait()
    const bytes = op.slice()
    const endMs = wireDeadline(deadlineMs) ?? undefined
    const waiting = this.#enqueue({ id, bytes, deadlineMs: endMs })
    const receipt = waiting.finally(() => this.#submitted.delete(id))
    this.#submitted.set(id, { bytes, receipt })
    return receipt
  }

  async #enqueue(operation: ForwardedOperation): Promise<Receipt> {
    const { me, chain, clock, assertRunning } = this.#init
    const { bytes, deadlineMs, id } = operation
    const before = await recordedReceipt(chain, id, bytes)
    if (before) return before
    // Who gets it passed on takes no message with a time before there was any.
    if (deadlineMs !== undefined && deadlineMs < clock.now()) throw tooLate()
    const verdict = await this.#mayWait(operation)
    if (!verdict.ok) throw refusedAtCheck(verdict.fault)
    assertRunning()
    if (!this.#passers.has(me)) throw noSeat()
    // It may have become final while it was being checked.
    const recorded = await recordedReceipt(chain, id, bytes)
    if (recorded) return recorded
    return new Promise((resolve, reject) => {
      this.#pool.add(operation, { submitter: { resolve, reject } })
      this.#forwarding.forward(operation)
      this.announce()
    })
  }

  /** A message of operations: they wait here as well, where they could have been submitted here. */
  receive(from: PeerId, message: Uint8Array): void {
    this.#passedOn.receive(from, message)
  }

  #isKnown(id: string): boolean {
    return this.#pool.has(id) || this.#init.chain.heights.has(id)
  }

  #wanted(from: PeerId, operations: readonly ForwardedOperation[]) {
    const room = this.#pool.shareLeft(from, this.#passers.size)
    return operations.filter(({ id }) => !this.#isKnown(id)).slice(0, room)
  }

  #take(from: PeerId, operations: readonly ForwardedOperation[]): void {
    const { application } = this.#init
    let added = false
    for (const operation of operations) {
      // Screened by what is so here and now: not its sender's fault.
      if (application.screen?.(operation.bytes).ok === false || this.#isKnown(operation.id))
        continue
      if (!this.#pool.hasShare(from, operation.bytes.length, this.#passers.size)) continue
      this.#pool.add(operation, { from })
      added = true
    }
    if (added) this.announce()
  }

  async #mayWait(operation: ForwardedOperation): Promise<Verdict> {
    const { application, check } = this.#init
    const checked = await check(operation)
    return checked.ok ? (application.screen?.(operation.bytes) ?? checked) : checked
  }

  /** What a block may hold, oldest first, without what its ancestors hold. */
  batch(taken: (id: string) => boolean): readonly ForwardedOperation[] {
    this.#rejectLate()
    return this.#pool.batch(taken)
  }

  /** Tells the core what waits. */
  announce(): void {
    this.#announced = this.#pool.size
    this.#init.announce(this.#pool.size > 0)
  }

  /** An entry became final and durable here. */
  decided(entry: FinalEntry): void {
    for (const op of entry.ops) {
      const waiting = this.#pool.delete(op.id)
      if (waiting?.submitter) {
        answerFinal(entry, op, { submitter: waiting.submitter, bytes: waiting.bytes })
      }
    }
    if (this.#pool.size !== this.#announced) this.announce()
  }

  /** From now on the operations of these peers are taken, and of no others. */
  passedOnBy(peers: readonly PeerId[]): void {
    this.#passers = new Set(peers)
  }

  /** Tells who submitted here, where operations are not taken from us any more. */
  rejectUnseated(): void {
    if (this.#passers.has(this.#init.me)) return
    for (const { id, submitter } of this.#pool.own()) {
      this.#pool.delete(id)
      submitter?.reject(noSeat())
    }
  }

  /** Nothing more will be decided here, or passed on. */
  failAll(error: FederationError): void {
    this.stop()
    for (const { submitter } of this.#pool.clear()) submitter?.reject(error)
  }

  /** Passes nothing on any more, and takes nothing. */
  stop(): void {
    this.#forwarding.stop()
    this.#passedOn.stop()
  }

  #rejectLate(): void {
    const { clock, isUnderWay } = this.#init
    const late = this.#pool.takeLate(clock.now(), isUnderWay)
    for (const { submitter } of late) submitter?.reject(tooLate())
    // Not within the step that asked what waits.
    if (late.length > 0) void Promise.resolve().then(() => this.announce())
  }
}

function noSeat(): FederationError {
  return new FederationError(
    'consensus-bft/no-seat',
    'operations of who does not vote go to a voter',
  )
}
