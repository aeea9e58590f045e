/**
 * Operations on their way into the ledger: those that were submitted here, and, while this member
 * leads, those of others.
 *
 * @module
 */
import { type Clock, errorMessage, FederationError, type Millis } from '@folkmoot/base'
import { equalBytes } from '@folkmoot/codec'
import {
  type Application,
  answerFinal,
  assertAdmissible,
  assertSubmittable,
  type Chain,
  type ConsensusCode,
  type FinalEntry,
  type Height,
  idConflict,
  MAX_ENTRY_OPERATIONS,
  MAX_PAYLOAD_BYTES,
  operationIdSchema,
  type Receipt,
  recordedReceipt,
  type SubmitOptions,
  type Submitter,
  tooLate,
  tooManyWait,
  wireDeadline,
} from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import * as v from 'valibot'
import type { RaftCode } from '../codes.ts'
import type { BatchOperation } from './batch.ts'
import type { EngineMessage, Forwarded } from './engine-message.ts'

interface Pending extends Submitter {
  readonly bytes: Uint8Array
  readonly deadlineMs: Millis | null
  readonly since: Millis
  readonly receipt: Promise<Receipt>
  /** Passed the application's check, so it may be proposed. */
  checked: boolean
  /** In an entry of the log, or with another member: it may be decided whatever happens here. */
  handedOn: boolean
}

interface Queued extends Forwarded {
  /** Null where it was submitted here. */
  readonly from: PeerId | null
}

export interface SubmissionsInit {
  readonly chain: Chain
  readonly application: Application
  readonly clock: Clock
  readonly maxWaiting: number
  readonly maxWaitingBytes: number
  /** Without a leader for so long, whoever waits is told. */
  readonly patienceMs: Millis
  /**
   * As `patienceMs`, for whoever led until nobody answered any more: it knows that a majority is away,
   * and no other one may have to be elected first.
   */
  readonly deposedMs: Millis
  leader(): PeerId | undefined
  me: PeerId
  send(to: PeerId, message: EngineMessage): void
  /** There is something to propose. */
  wake(): void
}

/** Nobody leads. What was forwarded before may be decided all the same. */
export function noLeader(message: string, leader?: PeerId): FederationError<RaftCode> {
  const details = leader === undefined ? {} : { details: { leader } }
  return new FederationError('consensus-raft/no-leader', message, details)
}

/** Nobody led who could have proposed it, and it is forgotten: it will not be decided. */
function notProposed(): FederationError<RaftCode> {
  return new FederationError('consensus-raft/not-proposed', NOT_PROPOSED)
}

/** Final below the snapshot that this member's chain begins with: the receipt is with others. */
function recordedBelow(height: Height): FederationError<RaftCode> {
  const message = 'an operation of this id is final already, below what is kept here'
  return new FederationError('consensus-raft/recorded-below', message, { details: { height } })
}

export function failure(code: ConsensusCode, message: string, cause?: unknown): FederationError {
  return new FederationError(code, message, cause === undefined ? {} : { cause })
}

export class Submissions {
  readonly #init: SubmissionsInit
  readonly #pending = new Map<string, Pending>()
  /** As the leader: what goes into the next entries, by id. */
  #queue = new Map<string, Queued>()
  /** As the leader: ids in entries that are not executed yet. */
  readonly #inLog = new Set<string>()
  #bytes = 0
  /** Of those in the queue that others passed on. */
  #queuedBytes = 0
  /** Since when nobody leads; undefined while somebody does. */
  #aloneSince: Millis | undefined
  /** Whether this member led last, and nobody answered it any more. */
  #deposed = false

  constructor(init: SubmissionsInit) {
    this.#init = init
  }

  get waiting(): number {
    return this.#pending.size
  }

  get queued(): number {
    return this.#queue.size
  }

  async submit(op: Uint8Array, { id, deadlineMs }: SubmitOptions): Promise<Receipt> {
    const { chain, maxWaiting, maxWaitingBytes } = this.#init
    assertSubmittable(id, op)
    const known = this.#pending.get(id)
    if (known) {
      if (!equalBytes(known.bytes, op)) throw idConflict(id)
      return known.receipt
    }
    if (chain.heights.has(id)) {
      const receipt = await recordedReceipt(chain, id, op)
      if (receipt) return receipt
    }
    const now = this.#init.clock.now()
    const endMs = wireDeadline(deadlineMs)
    if (endMs !== null && endMs < now) throw tooLate()
    if (this.#pending.size >= maxWaiting || this.#bytes + op.length > maxWaitingBytes) {
      throw tooManyWait()
    }
    const { promise, resolve, reject } = Promise.withResolvers<Receipt>()
    const bytes = op.slice()
    const pending = {
      bytes,
      deadlineMs: endMs,
      since: now,
      receipt: promise,
      resolve,
      reject,
      checked: false,
      handedOn: false,
    }
    this.#pending.set(id, pending)
    this.#bytes += bytes.length
    void this.#check(id, pending).catch((error: unknown) => {
      if (this.#pending.get(id) === pending) this.#settle(id)?.reject(error)
    })
    return promise
  }

  /** As the leader: takes what another member was asked to get decided. */
  take(from: PeerId, ops: readonly Forwarded[]): void {
    const { chain, maxWaiting, maxWaitingBytes, send } = this.#init
    for (const op of ops) {
      const height = chain.heights.get(op.id)
      if (height !== undefined) send(from, { type: 'recorded', id: op.id, height })
      if (this.#isTaken(op.id) || this.#queue.has(op.id)) continue
      if (!v.is(operationIdSchema, op.id)) continue
      const bytes = this.#queuedBytes + op.bytes.length
      if (this.#queue.size >= maxWaiting || bytes > maxWaitingBytes) {
        send(from, { type: 'refused', id: op.id, code: 'consensus/busy' })
        continue
      }
      this.#queue.set(op.id, { ...op, from })
      this.#queuedBytes = bytes
    }
    this.#init.wake()
  }

  refused(id: string, code: string): void {
    this.#settle(id)?.reject(new FederationError(code, 'the leader refused the operation'))
  }

  /** The leader has it: so does this member's own chain, or will, unless it begins above. */
  recorded(id: string, height: Height): void {
    const { chain } = this.#init
    if (height > chain.tip.height || chain.heights.has(id)) return
    this.#settle(id)?.reject(recordedBelow(height))
  }

  /** Sends to the leader, or queues where this member leads, everything that is not decided yet. */
  again(): void {
    const { clock, leader, me } = this.#init
    this.#dropLate()
    const to = leader()
    if (to === undefined) {
      this.#aloneSince ??= clock.now()
      this.#giveUp(this.#aloneSince)
      return
    }
    this.#aloneSince = undefined
    this.#deposed = false
    const ops = [...this.#pending]
      .filter(([, { checked }]) => checked)
      .map(([id, { bytes, deadlineMs }]) => ({ id, bytes, deadlineMs }))
    if (to !== me) {
      for (const part of parts(ops)) this.#forward(to, part)
      return
    }
    for (const op of ops) this.#queueOwn(op)
    this.#init.wake()
  }

  /** Nobody leads: whoever has waited long enough is told, and whether it may still be decided. */
  #giveUp(aloneSince: Millis): void {
    const { clock, patienceMs, deposedMs } = this.#init
    const limitMs = this.#deposed ? deposedMs : patienceMs
    for (const [id, { since, handedOn, reject }] of this.#pending) {
      if (clock.now() - Math.max(since, aloneSince) <= limitMs) continue
      this.#settle(id)
      reject(handedOn ? noLeader(ALONE) : notProposed())
    }
  }

  /**
   * What nobody has who could propose it, and may not be proposed any more. Where somebody has it, the
   * answer should come soon: who says nothing for so long will not.
   */
  #dropLate(): void {
    const now = this.#init.clock.now()
    for (const [id, { deadlineMs, handedOn }] of this.#pending) {
      if (deadlineMs === null || deadlineMs >= now) continue
      if (!handedOn) {
        this.#unqueue(id)
        this.#late(id)
      } else if (deadlineMs + this.#init.patienceMs < now) {
        this.#settle(id)?.reject(noLeader(NO_ANSWER))
      }
    }
  }

  /** A term as the leader begins: what its log holds already is not taken again. */
  lead(inLog: readonly string[]): void {
    this.#inLog.clear()
    for (const id of inLog) this.#inLog.add(id)
  }

  /** The lead is over: whoever asked asks the next leader. `deposed` where there may be none. */
  yield(deposed: boolean): void {
    this.#deposed ||= deposed
    this.#queue.clear()
    this.#queuedBytes = 0
    this.#inLog.clear()
  }

  /** The operations of the next entry. */
  batch(): BatchOperation[] {
    const now = this.#init.clock.now()
    const batch: BatchOperation[] = []
    let size = 0
    for (const [id, op] of this.#queue) {
      const late = op.deadlineMs !== null && op.deadlineMs < now
      const full =
        batch.length === MAX_ENTRY_OPERATIONS || size + op.bytes.length > MAX_PAYLOAD_BYTES
      if (!late && full) break
      this.#unqueue(id)
      // Queued before this member knew that its log holds it.
      if (this.#isTaken(id)) {
        this.#handOn(id)
        continue
      }
      if (late) {
        if (op.from) this.#init.send(op.from, { type: 'refused', id, code: 'consensus/deadline' })
        else this.#late(id)
        continue
      }
      this.#inLog.add(id)
      this.#handOn(id)
      batch.push({ id, bytes: op.bytes })
      size += op.bytes.length
    }
    return batch
  }

  /** An entry became final and durable here. */
  decided(entry: FinalEntry): void {
    for (const op of entry.ops) {
      this.#inLog.delete(op.id)
      this.#unqueue(op.id)
      const pending = this.#settle(op.id)
      if (pending) answerFinal(entry, op, { submitter: pending, bytes: pending.bytes })
    }
  }

  /** Nothing will be decided here any more. */
  failAll(error: unknown): void {
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(error)
  }

  receipts(): Promise<unknown>[] {
    return [...this.#pending.values()].map(({ receipt }) => receipt)
  }

  async #check(id: string, pending: Pending): Promise<void> {
    const { application, leader, me } = this.#init
    const refusal = await assertAdmissible(application, pending.bytes).catch((error) => error)
    // Decided by another way, or given up, while it was checked.
    if (this.#pending.get(id) !== pending) return
    if (refusal !== undefined) {
      this.#settle(id)?.reject(refusal)
      return
    }
    pending.checked = true
    const to = leader()
    const op = { id, bytes: pending.bytes, deadlineMs: pending.deadlineMs }
    if (to === me) {
      this.#queueOwn(op)
      this.#init.wake()
    } else if (to !== undefined) {
      this.#forward(to, [op])
    }
  }

  #forward(to: PeerId, ops: readonly Forwarded[]): void {
    for (const { id } of ops) this.#handOn(id)
    this.#init.send(to, { type: 'forward', ops })
  }

  #handOn(id: string): void {
    const pending = this.#pending.get(id)
    if (pending) pending.handedOn = true
  }

  /** In an entry already, so that another one would be a second time. */
  #isTaken(id: string): boolean {
    return this.#inLog.has(id) || this.#init.chain.heights.has(id)
  }

  #queueOwn(op: Forwarded): void {
    if (this.#isTaken(op.id)) {
      this.#handOn(op.id)
      return
    }
    // Another may have been asked for it as well.
    this.#unqueue(op.id)
    this.#queue.set(op.id, { ...op, from: null })
  }

  #unqueue(id: string): void {
    const queued = this.#queue.get(id)
    if (!queued) return
    this.#queue.delete(id)
    if (queued.from !== null) this.#queuedBytes -= queued.bytes.length
  }

  #late(id: string): void {
    this.#settle(id)?.reject(tooLate())
  }

  #settle(id: string): Pending | undefined {
    const pending = this.#pending.get(id)
    if (!pending) return undefined
    this.#pending.delete(id)
    this.#bytes -= pending.bytes.length
    return pending
  }
}

const ALONE = 'a majority of the voters is not in reach; what waits may still be decided when it is'
const NO_ANSWER = 'the deadline passed without an answer; it may still be decided'
const NOT_PROPOSED =
  'a majority of the voters is not in reach; this was not proposed and will not be decided'

/** Messages that a frame holds. */
function parts(ops: readonly Forwarded[]): Forwarded[][] {
  const result: Forwarded[][] = []
  let size = 0
  for (const op of ops) {
    const last = result.at(-1)
    size += op.bytes.length
    if (last && last.length < MAX_ENTRY_OPERATIONS && size <= MAX_PAYLOAD_BYTES) {
      last.push(op)
    } else {
      result.push([op])
      size = op.bytes.length
    }
  }
  return result
}

/** What stopped the engine, as what is thrown to those who wait. */
export function stoppedBy(fault: { code: string; message: string }, error: unknown): unknown {
  if (error instanceof FederationError) return error
  const message = error === undefined ? fault.message : errorMessage(error)
  return new FederationError(fault.code, message)
}
