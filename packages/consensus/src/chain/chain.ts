/**
 * The hash-linked log below every engine and every follower: replays what is stored, checks and
 * applies what follows, whoever decided it, and makes it durable before anyone hears of it. Knows
 * nothing of queues, votes or signing.
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
import { equalBytes, sha256 } from '@folkmoot/codec'
import type { Checker } from '@folkmoot/identity'
import { type CharterFacts, KnownEpochs } from '../bft/epoch-chain.ts'
import type { ConsensusCode } from '../codes.ts'
import { encodeEntry, type ParsedEntry, parseEntry } from '../entry.ts'
import type { FinalityProof } from '../finality.ts'
import { encodeForkEvidence, parseForkEvidence, verifyForkEvidence } from '../fork-evidence.ts'
import type { Header } from '../header.ts'
import type { HistoryProof } from '../history.ts'
import { payloadRoot } from '../payload.ts'
import type {
  Application,
  FinalEntry,
  FinalOperation,
  Height,
  Mark,
  Snapshot,
} from '../replicated-log.ts'
import { encodeSnapshot, parseSnapshot } from '../snapshot.ts'
import { Applier, recorded } from './applier.ts'
import { FinalityCheck } from './finality-check.ts'
import { HistoryLeaves } from './history-leaves.ts'
import { openSnapshot } from './open-snapshot.ts'
import { corruptLog, READ_CHUNK, StoredEntries } from './stored-entries.ts'
import { checkNext, NO_TIP, type Tip, tipOf } from './tip.ts'

export interface ChainInit {
  /** From the charter, see `charterFacts`. */
  readonly facts: CharterFacts
  readonly checker: Checker
  /** In its initial state: the stored log is replayed into it. */
  readonly application: Application
  readonly log: AppendLog
  readonly logger?: Logger
  /** Run `check` on each operation too, instead of trusting those who decided. Default false. */
  readonly checkOperations?: boolean
}

/** An entry that is applied already, with its proof. */
export interface DecidedEntry {
  readonly header: Header
  readonly proof: FinalityProof
  readonly ops: readonly FinalOperation[]
  /**
   * Of the application before this entry. Released when the entry is durable, right before the
   * listeners hear of it: until then no reader sees what it did.
   */
  readonly mark?: Mark
}

function fault(code: ConsensusCode, message: string): Fault {
  return { code, message }
}

function rejected(code: ConsensusCode, message: string, evidence?: Uint8Array) {
  return refuse(code, message, evidence)
}

const FORK = fault('consensus/fork', 'two histories were decided')

/** Methods that change the chain must not overlap; engines and followers run them one at a time. */
export class Chain {
  tip: Tip = NO_TIP
  /** Who decides, as far as this chain has come. */
  epochs: KnownEpochs
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
  readonly #finality: FinalityCheck
  readonly #applier: Applier
  #history = new HistoryLeaves()

  private constructor(init: ChainInit) {
    this.#init = init
    this.epochs = new KnownEpochs(init.facts)
    this.#logger = init.logger ?? silentLogger
    this.#genesis = init.application.snapshot()
    this.#stored = new StoredEntries(init.log)
    this.#finality = new FinalityCheck(init.checker)
    this.#applier = new Applier(init.application, (message) =>
      this.halt(fault('consensus/application-failed', message)),
    )
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

  /** Root over all blocks of the chain: the `historyRoot` of the block after the tip. */
  historyRoot(): Uint8Array {
    return this.#history.root()
  }

  /**
   * Audit path of the entry at `height` in the history of a block that covers the heights up to
   * `covered`; by default all there are. For the `under` of a proof of finality.
   */
  inclusionOf(height: Height, covered: Height = this.tip.height): Uint8Array[] {
    return this.#history.inclusion(height, covered + 1)
  }

  /**
   * Applies operations as the next entry, as far as a header; the caller gets it decided and calls
   * `commit`. With `nextSet` it is the last entry of its epoch.
   */
  async execute(
    ops: readonly { readonly id: string; readonly bytes: Uint8Array }[],
    time: Millis,
    nextSet?: Uint8Array,
  ): Promise<{ header: Header; ops: readonly FinalOperation[] }> {
    const at = {
      height: this.tip.height + 1,
      time: Math.max(Math.trunc(time), this.tip.time),
      epoch: this.epochs.current,
    }
    const outcomes = await this.#applier.applyAll(ops, at)
    return {
      header: {
        instance: this.#init.facts.instance,
        ...at,
        parentHash: this.tip.id,
        payloadHash: payloadRoot(recorded(outcomes)),
        stateRoot: this.#init.application.root(),
        historyRoot: this.#history.root(),
        ...(nextSet && { nextSetHash: sha256(nextSet) }),
      },
      ops: outcomes,
    }
  }

  /**
   * Makes applied entries durable by one append, then tells the listeners. The caller vouches for
   * their proofs; only the last may end its epoch.
   */
  async commit(...decided: readonly DecidedEntry[]): Promise<FinalEntry[]> {
    const link = this.#applier.linkOf(decided.at(-1))
    if (link) {
      const checked = this.epochs.checkLink(link)
      if (!checked.ok) throw new FederationError(checked.fault.code, checked.fault.message)
    }
    await this.#append(decided.map(({ proof, ops }) => encodeEntry(proof, recorded(ops))))
    return decided.map(({ header, proof, ops, mark }) => {
      this.#advance(header, proof, ops)
      mark?.release()
      if (link && proof === link.proof) this.epochs.advance(link)
      const { height, time, epoch } = header
      const entry = { height, time, epoch, ops, header: proof.header, proof }
      this.#tell(entry)
      return entry
    })
  }

  /** Takes an entry from somebody else: checks, applies, persists. Or proof of a fork, see `acceptFork`. */
  async accept(bytes: Uint8Array): Promise<Verdict<{ height: Height }>> {
    if (this.halted) return refuse('consensus/halted', this.halted.message)
    const parsed = parseEntry(bytes)
    if (!parsed.ok) return parseForkEvidence(bytes) ? this.acceptFork(bytes) : parsed
    const { header, proof } = parsed.entry
    if (header.height > this.tip.height + 1) {
      return rejected(
        'consensus/gap',
        `entry ${this.tip.height + 1} comes next, not ${header.height}`,
      )
    }
    if (this.#history.holds(header.height, proof.header)) return { ok: true, height: header.height }
    const final = await this.#finality.verify(this.epochs.anchor, proof)
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
    const linked = this.#checkNext(header)
    if (!linked.ok) return linked
    return this.#applyAndCommit(parsed.entry, bytes)
  }

  /** Takes proof of a fork from somebody else: where it holds, it is kept and this chain stops. */
  async acceptFork(evidence: Uint8Array): Promise<Verdict<{ height: Height }>> {
    if (this.halted) return refuse('consensus/halted', this.halted.message)
    const proven = await verifyForkEvidence(this.#init.checker, this.epochs.anchor, evidence)
    if (!proven.ok) return proven
    await this.#stop(evidence)
    return { ok: true, height: this.tip.height }
  }

  entryAt(height: Height): Promise<FinalEntry | undefined> {
    return this.#stored.at(height)
  }

  /** Entries from a height on, at most `max`; `maxBytes` of them unless the first alone is larger. */
  entries(from: Height, max: number, maxBytes?: number): Promise<Uint8Array[]> {
    return this.#stored.read(from, max, maxBytes)
  }

  /** Proves that the entry at `height` is in the history of a later one, by default the newest. */
  async proveHistory(height: Height, under: Height = this.tip.height): Promise<HistoryProof> {
    const inside = height < under && under <= this.tip.height
    const entry = inside ? await this.entryAt(height) : undefined
    if (!entry) throw new RangeError(`no stored entry at ${height} below ${under}`)
    return { header: entry.header, under, path: this.#history.inclusion(height, under) }
  }

  snapshot(): Snapshot {
    const { proof, height } = this.tip
    if (!proof) {
      throw new FederationError('consensus/unsupported', 'there is no entry to take a snapshot of')
    }
    const application = this.#init.application.snapshot()
    const epochs = [...this.epochs.links]
    return { height, proof, history: this.#history.pack(height), application, epochs }
  }

  async install(snapshot: Snapshot): Promise<void> {
    if (this.tip.height > 0) {
      throw new FederationError('consensus/not-empty', 'a snapshot starts an empty log only')
    }
    await this.#load(snapshot)
    await this.#append([encodeSnapshot(snapshot)])
  }

  async #applyAndCommit(
    entry: ParsedEntry,
    bytes: Uint8Array,
  ): Promise<Verdict<{ height: Height }>> {
    const { application, checkOperations } = this.#init
    if (checkOperations) {
      for (const op of entry.ops) {
        const checked = await application.check(op.bytes)
        if (!checked.ok && op.refusal === null) return checked
      }
    }
    const before = application.mark()
    const ops = await this.#applier.applyEntry(entry, this.epochs)
    if (!ops) {
      before.rollback()
      before.release()
      const { height } = entry.header
      const reason = `entry ${height} leads to another state than its signed one`
      this.halt(fault('consensus/state-mismatch', reason))
      return rejected('consensus/state-mismatch', reason, bytes)
    }
    await this.commit({ ...entry, ops, mark: before })
    return { ok: true, height: entry.header.height }
  }

  async #append(records: readonly Uint8Array[]): Promise<void> {
    try {
      await this.#init.log.append(records)
    } catch (cause) {
      this.halt(fault('consensus/storage-failed', errorMessage(cause)))
      throw new FederationError('consensus/storage-failed', 'the log could not be written', {
        cause,
        hint: 'free some space or repair the disk, then start again: nothing was acknowledged',
      })
    }
  }

  #checkNext(header: Header): Verdict {
    return checkNext(this.tip, header, this.epochs.current, this.#history.root())
  }

  async #fork(first: FinalityProof, second: FinalityProof) {
    const evidence = encodeForkEvidence(first, second)
    await this.#stop(evidence)
    return rejected('consensus/fork', FORK.message, evidence)
  }

  async #stop(evidence: Uint8Array): Promise<void> {
    await this.#append([evidence])
    this.evidence = evidence
    this.halt(FORK)
  }

  #tell(entry: FinalEntry): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(entry)
      } catch (error) {
        this.#logger.log('error', 'a listener failed', { message: errorMessage(error) })
      }
    }
  }

  #advance(header: Header, proof: FinalityProof, ops: readonly { readonly id: string }[]): void {
    const { height } = header
    this.tip = tipOf(header, proof)
    this.#stored.height = height
    this.#history.append(proof.header)
    for (const { id } of ops) if (!this.heights.has(id)) this.heights.set(id, height)
  }

  async #replay(): Promise<void> {
    const { log } = this.#init
    for (let from = 0; from < log.length; from += READ_CHUNK) {
      const records = await log.read(from, Math.min(log.length, from + READ_CHUNK))
      for (const [i, record] of records.entries()) {
        await this.#replayRecord(record, from + i)
      }
    }
    // The newest proof covers every header before it through the hash links.
    if (this.tip.proof) await this.#demandFinal(this.tip.proof)
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
      header.instance === this.#init.facts.instance &&
      equalBytes(header.parentHash, this.tip.id)
        ? this.#checkNext(header)
        : rejected('consensus/parent', 'the record does not continue the one before it')
    if (!linked.ok) throw corruptLog(next, linked.fault.message)
    const ops = await this.#applier.applyEntry(parsed.entry, this.epochs)
    if (!ops) throw corruptLog(next, 'replaying it leads to another state than the signed one')
    const link = this.#applier.linkOf(parsed.entry)
    // Who decides next rests on this entry alone, so its own proof is checked as well.
    if (link) await this.#demandFinal(proof)
    this.#advance(header, proof, ops)
    if (link) this.epochs.advance(link)
  }

  async #demandFinal(proof: FinalityProof): Promise<void> {
    const final = await this.#finality.verify(this.epochs.anchor, proof)
    if (!final.ok) throw corruptLog(this.tip.height, final.fault.message)
  }

  async #isEvidence(record: Uint8Array): Promise<boolean> {
    const { checker } = this.#init
    const verdict = await verifyForkEvidence(checker, this.epochs.anchor, record)
    if (!verdict.ok) return false
    this.evidence = record
    this.halt(FORK)
    return true
  }

  async #load(snapshot: Snapshot): Promise<void> {
    const { application, checker, facts } = this.#init
    const { epochs, leaves, header } = await openSnapshot(checker, facts, snapshot)
    try {
      await application.restore(snapshot.application)
    } catch (cause) {
      throw new FederationError('consensus/snapshot', 'the state cannot be read', { cause })
    }
    if (!equalBytes(application.root(), header.stateRoot)) {
      await application.restore(this.#genesis)
      throw new FederationError('consensus/snapshot', 'the state is not the one that was signed')
    }
    this.epochs = epochs
    this.#history = leaves
    this.#stored.base = header.height
    this.#advance(header, snapshot.proof, [])
  }
}
