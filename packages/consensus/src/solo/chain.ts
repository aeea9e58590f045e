/**
 * The hash-linked log below leader and follower: replays what is stored, checks and applies what
 * follows, and makes it durable before anyone hears of it. Knows nothing of queues or of signing.
 *
 * @module
 */
import {
  type AppendLog,
  errorMessage,
  type Fault,
  FederationError,
  type Logger,
  type Millis,
  refuse,
  silentLogger,
  type Verdict,
} from '@folkmoot/base'
import { equalBytes } from '@folkmoot/codec'
import type { Checker } from '@folkmoot/identity'
import type { ConsensusCode } from '../codes.ts'
import { encodeEntry, type ParsedEntry, parseEntry } from '../entry.ts'
import { type FinalityAnchor, type FinalityProof, verifyFinality } from '../finality.ts'
import { encodeForkEvidence, verifyForkEvidence } from '../fork-evidence.ts'
import { blockId, type Header, NO_PARENT } from '../header.ts'
import type { HistoryProof } from '../history.ts'
import { payloadRoot, type RecordedOperation, refusalOf } from '../payload.ts'
import type {
  Application,
  FinalEntry,
  FinalOperation,
  Height,
  Position,
  Snapshot,
} from '../replicated-log.ts'
import { encodeSnapshot, parseSnapshot } from '../snapshot.ts'
import { HistoryLeaves } from './history-leaves.ts'
import { corruptLog, READ_CHUNK, StoredEntries } from './stored-entries.ts'

export interface ChainInit extends FinalityAnchor {
  readonly checker: Checker
  readonly application: Application
  readonly log: AppendLog
  readonly logger?: Logger
  /** Run `check` on each operation too, instead of trusting the founder's signature over them. Default false. */
  readonly checkOperations?: boolean
}

/** The newest entry, or the place before the first. */
export interface Tip {
  readonly height: Height
  readonly time: Millis
  readonly id: Uint8Array
  readonly proof: FinalityProof | undefined
}

function fault(code: ConsensusCode, message: string): Fault {
  return { code, message }
}

function rejected(code: ConsensusCode, message: string, evidence?: Uint8Array) {
  return refuse(code, message, evidence)
}

/** Methods that change the chain must not overlap; leader and follower run them one at a time. */
export class Chain {
  tip: Tip = { height: 0, time: 0, id: NO_PARENT, proof: undefined }
  halted: Fault | undefined
  /** The evidence that stopped this chain, if a fork did. */
  evidence: Uint8Array | undefined
  /** Where each operation was recorded. */
  readonly heights = new Map<string, Height>()

  readonly #init: ChainInit
  readonly #logger: Logger
  readonly #genesis: Uint8Array
  readonly #listeners = new Set<(entry: FinalEntry) => void>()
  readonly #stored: StoredEntries
  #history = new HistoryLeaves()

  private constructor(init: ChainInit) {
    this.#init = init
    this.#logger = init.logger ?? silentLogger
    this.#genesis = init.application.snapshot()
    this.#stored = new StoredEntries(init.log)
  }

  /**
   * Replays the stored log into the application, which must be in its initial state.
   *
   * @throws FederationError `consensus/corrupt-log`
   */
  static async open(init: ChainInit): Promise<Chain> {
    const chain = new Chain(init)
    await chain.#replay()
    return chain
  }

  onFinal(listener: (entry: FinalEntry) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Stops for good: nothing is signed, applied or answered after this. */
  halt(reason: Fault): void {
    this.halted ??= reason
    this.#logger.log('error', 'the ledger engine stopped', { code: reason.code })
  }

  /** Applies operations as the next entry, as far as a header; the caller signs it and calls `commit`. */
  async execute(
    ops: readonly { readonly id: string; readonly bytes: Uint8Array }[],
    time: Millis,
  ): Promise<{ header: Header; ops: readonly FinalOperation[] }> {
    const epoch = 0
    const at = {
      height: this.tip.height + 1,
      time: Math.max(Math.trunc(time), this.tip.time),
      epoch,
    }
    const outcomes: FinalOperation[] = []
    for (const { id, bytes } of ops) {
      outcomes.push({ id, bytes, outcome: await this.#apply(bytes, at) })
    }
    return {
      header: {
        instance: this.#init.instance,
        ...at,
        parentHash: this.tip.id,
        payloadHash: payloadRoot(recorded(outcomes)),
        stateRoot: this.#init.application.root(),
        historyRoot: this.#history.root(),
      },
      ops: outcomes,
    }
  }

  /** Makes an applied entry durable, then tells the listeners. */
  async commit(
    at: Position,
    proof: FinalityProof,
    ops: readonly FinalOperation[],
  ): Promise<FinalEntry> {
    await this.#append(encodeEntry(proof, recorded(ops)))
    this.#advance(at, proof, ops)
    const { height, time, epoch } = at
    const entry = { height, time, epoch, ops, header: proof.header, proof }
    for (const listener of [...this.#listeners]) {
      try {
        listener(entry)
      } catch (error) {
        this.#logger.log('error', 'a listener failed', { message: errorMessage(error) })
      }
    }
    return entry
  }

  /** Takes an entry from somebody else: checks, applies, persists. */
  async accept(bytes: Uint8Array): Promise<Verdict<{ height: Height }>> {
    if (this.halted) return refuse('consensus/halted', this.halted.message)
    const parsed = parseEntry(bytes)
    if (!parsed.ok) return parsed
    const { header, proof } = parsed.entry
    if (header.height > this.tip.height + 1) {
      return rejected(
        'consensus/gap',
        `entry ${this.tip.height + 1} comes next, not ${header.height}`,
      )
    }
    if (this.#history.holds(header.height, proof.header)) return { ok: true, height: header.height }
    const final = await verifyFinality(this.#init.checker, this.#init, proof)
    if (!final.ok) return final
    if (header.height <= this.tip.height) {
      const ours = await this.entryAt(header.height)
      // Below a snapshot only the leaf is kept: enough to see a fork, too little to prove it.
      if (!ours) return rejected('consensus/parent', 'another entry is final at this height')
      return this.#fork(ours.proof, proof)
    }
    if (!equalBytes(header.parentHash, this.tip.id)) {
      if (this.tip.proof) return this.#fork(this.tip.proof, proof)
      return rejected('consensus/parent', 'the entry does not continue the block before it')
    }
    const linked = this.#checkLink(header)
    if (!linked.ok) return linked
    return this.#applyAndCommit(parsed.entry, bytes)
  }

  entryAt(height: Height): Promise<FinalEntry | undefined> {
    return this.#stored.at(height)
  }

  entries(from: Height, max: number): Promise<Uint8Array[]> {
    return this.#stored.read(from, max)
  }

  /** Proves that the entry at `height` is in the history of the newest one. */
  async proveHistory(height: Height): Promise<HistoryProof> {
    const entry = height < this.tip.height ? await this.entryAt(height) : undefined
    if (!entry) throw new RangeError(`no stored entry at ${height} below the newest`)
    const under = this.tip.height
    return { header: entry.header, under, path: this.#history.inclusion(height, under) }
  }

  snapshot(): Snapshot {
    const { proof, height } = this.tip
    if (!proof) {
      throw new FederationError('consensus/unsupported', 'there is no entry to take a snapshot of')
    }
    const application = this.#init.application.snapshot()
    return { height, proof, history: this.#history.pack(height), application }
  }

  async install(snapshot: Snapshot): Promise<void> {
    if (this.tip.height > 0) {
      throw new FederationError('consensus/not-empty', 'a snapshot starts an empty log only')
    }
    await this.#load(snapshot)
    await this.#append(encodeSnapshot(snapshot))
  }

  async #applyAndCommit(
    entry: ParsedEntry,
    bytes: Uint8Array,
  ): Promise<Verdict<{ height: Height }>> {
    if (this.#init.checkOperations) {
      for (const op of entry.ops) {
        const checked = await this.#init.application.check(op.bytes)
        if (!checked.ok && op.refusal === null) return checked
      }
    }
    const ops = await this.#outcomes(entry)
    if (!ops) {
      const reason = fault(
        'consensus/state-mismatch',
        `entry ${entry.header.height} leads to another state than its signed one`,
      )
      this.halt(reason)
      await this.#rebuild()
      return rejected('consensus/state-mismatch', reason.message, bytes)
    }
    await this.commit(entry.header, entry.proof, ops)
    return { ok: true, height: entry.header.height }
  }

  /** Applies an entry; undefined when outcomes or state are not the signed ones. */
  async #outcomes(entry: ParsedEntry): Promise<FinalOperation[] | undefined> {
    const { height, time, epoch, stateRoot } = entry.header
    const ops: FinalOperation[] = []
    for (const { id, bytes, refusal } of entry.ops) {
      const outcome = await this.#apply(bytes, { height, time, epoch })
      if (refusalOf(outcome) !== refusal) return undefined
      ops.push({ id, bytes, outcome })
    }
    return equalBytes(this.#init.application.root(), stateRoot) ? ops : undefined
  }

  async #apply(op: Uint8Array, at: Position): Promise<Verdict> {
    try {
      return await this.#init.application.apply(op, at)
    } catch (cause) {
      this.halt(fault('consensus/application-failed', errorMessage(cause)))
      throw new FederationError('consensus/application-failed', 'the application failed', { cause })
    }
  }

  async #append(record: Uint8Array): Promise<void> {
    try {
      await this.#init.log.append([record])
    } catch (cause) {
      this.halt(fault('consensus/storage-failed', errorMessage(cause)))
      throw new FederationError('consensus/storage-failed', 'the log could not be written', {
        cause,
        hint: 'free some space or repair the disk, then start again: nothing was acknowledged',
      })
    }
  }

  #checkLink(header: Header): Verdict {
    if (header.time < this.tip.time) {
      return rejected('consensus/time', 'the time lies before that of the parent')
    }
    if (!equalBytes(header.historyRoot, this.#history.root())) {
      return rejected('consensus/history-mismatch', 'the history root does not cover our history')
    }
    return { ok: true }
  }

  async #fork(first: FinalityProof, second: FinalityProof) {
    const evidence = encodeForkEvidence(first, second)
    const reason = fault('consensus/fork', 'the founder signed two histories')
    await this.#append(evidence)
    this.evidence = evidence
    this.halt(reason)
    return rejected('consensus/fork', reason.message, evidence)
  }

  #advance(at: Position, proof: FinalityProof, ops: readonly { readonly id: string }[]): void {
    this.tip = { height: at.height, time: at.time, id: blockId(proof.header), proof }
    this.#stored.height = at.height
    this.#history.append(proof.header)
    for (const { id } of ops) if (!this.heights.has(id)) this.heights.set(id, at.height)
  }

  async #replay(): Promise<void> {
    const { log } = this.#init
    for (let from = 0; from < log.length; from += READ_CHUNK) {
      const records = await log.read(from, Math.min(log.length, from + READ_CHUNK))
      for (const [i, record] of records.entries()) {
        await this.#replayRecord(record, from + i)
      }
    }
    const { proof } = this.tip
    // The newest signature covers every header before it through the hash links.
    const final = proof && (await verifyFinality(this.#init.checker, this.#init, proof))
    if (final && !final.ok) throw corruptLog(this.tip.height, final.fault.message)
  }

  async #replayRecord(record: Uint8Array, index: number): Promise<void> {
    const next = this.tip.height + 1
    const parsed = parseEntry(record)
    if (!parsed.ok) {
      const snapshot = index === 0 ? parseSnapshot(record) : undefined
      if (snapshot?.ok) return this.#load(snapshot.snapshot)
      const evidence = index === this.#init.log.length - 1 && (await this.#isEvidence(record))
      if (evidence) return
      throw corruptLog(next, parsed.fault.message)
    }
    const { header, proof } = parsed.entry
    const linked: Verdict =
      header.height === next &&
      header.instance === this.#init.instance &&
      equalBytes(header.parentHash, this.tip.id)
        ? this.#checkLink(header)
        : rejected('consensus/parent', 'the record does not continue the one before it')
    if (!linked.ok) throw corruptLog(next, linked.fault.message)
    const ops = await this.#outcomes(parsed.entry)
    if (!ops) throw corruptLog(next, 'replaying it leads to another state than the signed one')
    this.#advance(header, proof, ops)
  }

  async #isEvidence(record: Uint8Array): Promise<boolean> {
    const verdict = await verifyForkEvidence(this.#init.checker, this.#init, record)
    if (!verdict.ok) return false
    this.evidence = record
    this.halt(fault('consensus/fork', 'the founder signed two histories'))
    return true
  }

  async #load(snapshot: Snapshot): Promise<void> {
    const { proof, history, application } = snapshot
    const final = await verifyFinality(this.#init.checker, this.#init, proof)
    if (!final.ok) throw new FederationError('consensus/snapshot', final.fault.message)
    const leaves = HistoryLeaves.unpack(history)
    const whole = history.length === 32 * (final.height - 1)
    if (!whole || !equalBytes(leaves.root(), final.historyRoot)) {
      throw new FederationError('consensus/snapshot', 'the history is not the one that was signed')
    }
    try {
      await this.#init.application.restore(application)
    } catch (cause) {
      throw new FederationError('consensus/snapshot', 'the state cannot be read', { cause })
    }
    if (!equalBytes(this.#init.application.root(), final.stateRoot)) {
      await this.#init.application.restore(this.#genesis)
      throw new FederationError('consensus/snapshot', 'the state is not the one that was signed')
    }
    this.#history = leaves
    this.#stored.base = final.height
    this.#advance(final, proof, [])
  }

  /** Brings the application back to the last agreed state. */
  async #rebuild(): Promise<void> {
    await this.#init.application.restore(this.#genesis)
    const { log } = this.#init
    for (let index = 0; index < log.length; index++) {
      const [record] = await log.read(index, index + 1)
      const entry = parseEntry(record!)
      if (entry.ok) {
        await this.#outcomes(entry.entry)
        continue
      }
      const snapshot = parseSnapshot(record!)
      if (snapshot.ok) await this.#init.application.restore(snapshot.snapshot.application)
    }
  }
}

function recorded(ops: readonly FinalOperation[]): RecordedOperation[] {
  return ops.map(({ id, bytes, outcome }) => ({ id, bytes, refusal: refusalOf(outcome) }))
}
