/**
 * Turns entries of the Raft log into entries of the ledger, one after another: executes them,
 * collects a majority's signatures over the header that came out, and keeps both once the entry is
 * committed. Every member executes for itself and stops where a majority signed something else.
 *
 * The next entry is executed and signed as soon as the log holds it, so that the signatures are under
 * way together with the answers that commit it. Where another leader replaces it, it is taken back.
 *
 * @module
 */
import { type Fault, type Logger, refuse } from '@folkmoot/base'
import { equalBytes, sha256 } from '@folkmoot/codec'
import type { Application } from '@folkmoot/consensus'
import {
  blockId,
  type Chain,
  type ConsensusCode,
  checkItems,
  createSerial,
  encodeHeader,
  encodeReceipt,
  type FinalEntry,
  type FinalOperation,
  type Header,
  type Mark,
  majorityWeight,
  makeReceipt,
  parseHeader,
  parseReceipt,
  parseVoterSet,
  type RaftProof,
  receiptItems,
  type VoterSet,
  voterIndex,
  voteSigners,
} from '@folkmoot/consensus'
import type { Checker, PeerId } from '@folkmoot/identity'
import type { RaftCode } from '../codes.ts'
import type { RaftEntry } from '../entry.ts'
import { type Batch, parseBatch } from './batch.ts'
import { type EngineMessage, MAX_RECEIPTS, type SignedReceipt } from './engine-message.ts'
import type { ReceiptSigner } from './receipt-signer.ts'

export interface ExecutorInit {
  readonly chain: Chain
  readonly application: Application
  readonly me: PeerId
  readonly signer: ReceiptSigner
  readonly checker: Checker
  readonly logger: Logger
  /** Height of the ledger at the base of the Raft log. */
  readonly baseHeight: number
  readonly baseIndex: number
  /** The leader as this member knows it; undefined where nobody leads. */
  leader(): PeerId | undefined
  members(): readonly PeerId[]
  /** An entry of the Raft log, committed or not. */
  logged(index: number): RaftEntry | undefined
  send(to: PeerId, message: EngineMessage): void
  executed(index: number, entry: FinalEntry | undefined): void
  stopped(fault: Fault, error?: unknown): void
}

interface Share {
  readonly index: number
  readonly term: number
  readonly hash: Uint8Array
  readonly signature: Uint8Array
}

/** Executed here, and not yet known to be committed and executed by a majority. */
interface Current {
  readonly index: number
  readonly term: number
  readonly header: Header
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
  readonly ops: readonly FinalOperation[]
  readonly set: VoterSet
  readonly own: Uint8Array | null
  readonly mark: Mark
  /** Of the state before it. */
  readonly nextSet: Uint8Array | null
  readonly signatures: Map<number, Uint8Array>
  /** Indices of voters that signed another header. */
  readonly others: Set<number>
  /** Shares that were looked at. They stay where they are: what is taken back is executed again. */
  readonly seen: Set<Share>
  /** Resolves when the entry is in the log, or was taken back. */
  readonly settled: Promise<void>
  done(): void
}

/** How far a share or a receipt may be ahead and is kept. */
const AHEAD = 1_024

export class Executor {
  /** Index up to which everything is in the ledger. */
  applied: number
  /** Height of each executed index that is still in the Raft log. */
  readonly heights = new Map<number, number>()
  /** Height of the ledger at {@link applied}. */
  #height: number
  /** Committed, and durable in this member's Raft log. */
  #queue: RaftEntry[] = []
  #working = false
  /** Counts calls of {@link look}: whoever found nothing to do has to see that there is something now. */
  #looked = 0
  #stopped = false
  #current: Current | undefined
  readonly #shares = new Map<number, Map<PeerId, Share>>()
  readonly #receipts = new Map<number, SignedReceipt>()
  /** Whatever changes the chain or the state, one after another. */
  readonly #serial = createSerial()
  readonly #init: ExecutorInit

  constructor(init: ExecutorInit) {
    this.#init = init
    this.applied = init.baseIndex
    this.#height = init.baseHeight
  }

  add(entries: readonly RaftEntry[]): void {
    // A base that was reached by other means covers some of them: the state has those already.
    this.#queue.push(...entries.filter(({ index }) => index > this.applied))
    this.look()
  }

  /** The log is another one: there may be something to execute, and what is in work may be gone. */
  look(): void {
    this.#looked += 1
    this.#guard(this.#working ? this.#review() : this.#work())
  }

  /** The voters after this epoch as the newest entry has them: what is in work may be taken back. */
  nextSet(): Uint8Array | null {
    return this.#current ? this.#current.nextSet : this.#init.application.nextSet()
  }

  #guard(work: Promise<void>): void {
    work.catch((error: unknown) => {
      const { code, message } = error as Fault
      this.#init.stopped({ code: code ?? 'consensus/storage-failed', message }, error)
    })
  }

  /** Resolves when the chain stands still, its state that of its newest entry. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.aside(async () => {})
  }

  /** Continues from a base whose state the chain has reached by other means. */
  rebase(index: number, height: number): Promise<void> {
    return this.aside(async () => {
      this.#queue = this.#queue.filter((entry) => entry.index > index)
      this.applied = index
      this.#height = height
      this.heights.clear()
    })
  }

  /**
   * Runs what reads or changes the chain from elsewhere, on the state of its newest entry: what was
   * executed beyond is taken back, and executed again afterwards unless it came in meanwhile.
   */
  aside<T>(action: () => Promise<T>): Promise<T> {
    return this.#serial(() => {
      this.#takeBack()
      return action()
    })
  }

  #takeBack(): void {
    const current = this.#current
    if (current === undefined) return
    this.#current = undefined
    current.mark.rollback()
    current.mark.release()
    current.done()
  }

  /**
   * Says again what this member executed: the leader is another one, or did not hear it. A leader
   * says it to all: whoever made that entry final before answers with its receipt.
   */
  repeat(): void {
    const { leader, me, members } = this.#init
    this.#tell(leader() === me ? members() : [leader()])
  }

  #tell(to: readonly (PeerId | undefined)[]): void {
    if (!this.#current) return
    const { index, term, hash, own, header } = this.#current
    const { height } = header
    const share = { type: 'share', height, index, term, hash, signature: own } as const
    for (const peer of to) {
      if (peer !== undefined && peer !== this.#init.me) this.#init.send(peer, share)
    }
  }

  async onShare(from: PeerId, m: Extract<EngineMessage, { type: 'share' }>): Promise<void> {
    const { chain, leader, me } = this.#init
    if (m.height <= chain.tip.height) return this.#sendReceipts(from, m.height)
    if (m.signature === null || m.height > chain.tip.height + AHEAD) return
    const known = this.#shares.get(m.height) ?? new Map<PeerId, Share>()
    const { index, term, hash, signature } = m
    known.set(from, { index, term, hash, signature })
    this.#shares.set(m.height, known)
    if (leader() === me) await this.#count()
  }

  async onReceipts(receipts: readonly SignedReceipt[]): Promise<void> {
    const { tip } = this.#init.chain
    for (const each of receipts) {
      const parsed = parseHeader(each.header)
      if (!parsed.ok) continue
      const { height } = parsed.header
      if (height > tip.height && height <= tip.height + AHEAD) this.#receipts.set(height, each)
    }
    await this.#useReceipt()
  }

  async #work(): Promise<void> {
    this.#working = true
    try {
      while (!this.#stopped) {
        const looked = this.#looked
        const current = await this.#serial(() => this.#execute())
        if (current === 'nothing' && this.#looked === looked) break
        if (typeof current === 'string') continue
        this.#tell([this.#init.leader()])
        await this.#review()
        await current.settled
      }
    } finally {
      this.#working = false
    }
  }

  /** Looks at what is in work: whether the log still has it, and whether it is decided. */
  async #review(): Promise<void> {
    const current = this.#current
    if (current && !this.#isLogged(current)) {
      await this.#serial(async () => {
        if (this.#current === current) this.#takeBack()
      })
    }
    await this.#count()
    await this.#useReceipt()
  }

  #isLogged({ index, term }: Current): boolean {
    return this.#init.logged(index)?.term === term
  }

  #isCommitted({ index, term }: Current): boolean {
    const next = this.#queue[0]
    return next?.index === index && next.term === term
  }

  /** Executes the next entry; one that is not committed yet only where a header has to be signed. */
  async #execute(): Promise<Current | 'passed' | 'nothing'> {
    const { chain } = this.#init
    const committed = this.#queue[0]
    const entry = committed ?? this.#init.logged(this.applied + 1)
    if (entry === undefined || this.#stopped) return 'nothing'
    const { index } = entry
    if (index !== this.applied + 1) {
      this.#init.stopped({
        code: 'consensus-raft/corrupt-state' satisfies RaftCode,
        message: `entry ${index} of the Raft log is committed, and ${this.applied} the last that is known`,
      })
      return 'nothing'
    }
    const batch = entry.kind === 'data' ? parseBatch(entry.data) : undefined
    const height = this.#height + (batch ? 1 : 0)
    if (!batch || height <= chain.tip.height) {
      if (!committed) return 'nothing'
      this.#advance(index, height)
      this.#init.executed(index, undefined)
      return 'passed'
    }
    const set = chain.epochs.setOf(chain.epochs.current)
    if (set?.engine !== 'raft') {
      if (!committed) return 'nothing'
      this.#init.stopped({
        code: 'consensus/handed-over' satisfies ConsensusCode,
        message: 'another engine decides now',
      })
      return 'nothing'
    }
    this.#current = await this.#sign(entry, batch, set)
    return this.#current
  }

  async #sign({ index, term }: RaftEntry, batch: Batch, set: VoterSet): Promise<Current> {
    const { application, me } = this.#init
    const nextSet = application.nextSet()
    const mark = application.mark()
    const executed = await this.#sealed(batch, set).catch((error: unknown) => {
      mark.rollback()
      mark.release()
      throw error
    })
    const { header, bytes, ops, own } = executed
    const signatures = new Map(own ? [[voterIndex(set, me)!, own] as const] : [])
    const { promise: settled, resolve: done } = Promise.withResolvers<void>()
    const looked = { signatures, others: new Set<number>(), seen: new Set<Share>() }
    const rest = { set, own, mark, nextSet, ...looked, settled, done }
    return { index, term, header, bytes, hash: blockId(bytes), ops, ...rest }
  }

  async #sealed(batch: Batch, set: VoterSet) {
    const { chain, application, signer } = this.#init
    const { header: plain, ops } = await chain.execute(batch.ops, batch.time)
    const header = withNextSet(plain, batch.turn, application.nextSet())
    const bytes = encodeHeader(header)
    return { header, bytes, ops, own: await signer.sign(set, bytes) }
  }

  /** As the leader: looks at the signatures that came for the entry in work. */
  async #count(): Promise<void> {
    const current = this.#current
    if (!current || this.#init.leader() !== this.#init.me) return
    const { set, bytes, hash, header } = current
    const shares = this.#shares.get(header.height)
    for (const [from, share] of shares ?? []) {
      const { index: at, term, hash: theirs, signature } = share
      // Of an entry that replaced this one, or that it replaced: it says nothing about this one.
      if (at !== current.index || term !== current.term) continue
      const index = voterIndex(set, from)
      if (index === undefined || current.signatures.has(index)) continue
      if (current.seen.has(share)) continue
      current.seen.add(share)
      if (!equalBytes(theirs, hash)) {
        current.others.add(index)
        this.#init.logger.log('error', 'a member executed to another state', {
          height: header.height,
        })
        continue
      }
      if (makeReceipt(set, current.signatures)) continue
      const signer = voteSigners(set)[index]!
      const ok = await this.#init.checker.verify('entry', signer, signature, bytes)
      if (ok) current.signatures.set(index, signature)
    }
    if (this.#current !== current || !this.#isCommitted(current)) return
    const against = [...current.others].reduce((sum, i) => sum + set.voters[i]!.weight, 0)
    if (against >= majorityWeight(set)) return this.#mismatch(header.height)
    const receipt = makeReceipt(set, current.signatures)
    if (!receipt) return
    const encoded = encodeReceipt(receipt)
    await this.#commit(current, encoded, () => {
      const message = { type: 'receipts', receipts: [{ header: bytes, receipt: encoded }] } as const
      for (const peer of this.#init.members()) {
        if (peer !== this.#init.me) this.#init.send(peer, message)
      }
    })
  }

  /** As anybody: a majority's receipt for the entry in work. */
  async #useReceipt(): Promise<void> {
    const current = this.#current
    if (!current || !this.#isCommitted(current)) return
    const known = this.#receipts.get(current.header.height)
    if (!known) return
    this.#receipts.delete(current.header.height)
    const parsed = parseReceipt(known.receipt)
    const items = parsed.ok
      ? receiptItems(current.set, known.header, parsed.receipt)
      : refuse('consensus/certificate' satisfies ConsensusCode, 'no receipt')
    if (!items.ok || !(await checkItems(this.#init.checker, items.items))) return
    if (this.#current !== current) return
    if (!equalBytes(known.header, current.bytes)) return this.#mismatch(current.header.height)
    await this.#commit(current, known.receipt)
  }

  #commit(current: Current, receipt: Uint8Array, tell?: () => void): Promise<void> {
    return this.#serial(async () => {
      // Taken back meanwhile, or decided by the other way.
      if (this.#current !== current) return
      this.#current = undefined
      const { header, bytes, ops, mark, index } = current
      const proof: RaftProof = { kind: 'raft', header: bytes, receipt, under: null }
      // Those who wait for it may have it while this disk still writes.
      tell?.()
      try {
        const [entry] = await this.#init.chain.commit({ header, proof, ops, mark })
        this.#advance(index, header.height)
        if (header.nextSetHash) await this.#init.signer.forget(header.epoch)
        this.#init.executed(index, entry)
      } catch (error) {
        const { code, message } = error as Fault
        this.#init.stopped({ code, message }, error)
      }
      current.done()
    })
  }

  #advance(index: number, height: number): void {
    if (this.#queue[0]?.index === index) this.#queue.shift()
    this.applied = index
    this.#height = height
    this.heights.set(index, height)
    // Also of entries that came by another way, and were never in work here.
    for (const late of [this.#shares, this.#receipts]) {
      for (const at of late.keys()) if (at <= height) late.delete(at)
    }
  }

  async #sendReceipts(to: PeerId, from: number): Promise<void> {
    const { chain, send } = this.#init
    const receipts: SignedReceipt[] = []
    for (let h = from; h <= chain.tip.height && receipts.length < MAX_RECEIPTS; h++) {
      const entry = await chain.entryAt(h)
      if (entry?.proof.kind !== 'raft') break
      receipts.push({ header: entry.proof.header, receipt: entry.proof.receipt })
    }
    if (receipts.length > 0) send(to, { type: 'receipts', receipts })
  }

  #mismatch(height: number): void {
    this.#init.stopped({
      code: 'consensus/state-mismatch' satisfies ConsensusCode,
      message: `entry ${height} leads to another state here than at a majority`,
    })
  }
}

/** The last entry of an epoch is the one that the leader meant to be it, if the state still does. */
function withNextSet(header: Header, turn: Uint8Array | null, nextSet: Uint8Array | null): Header {
  const parsed = turn && nextSet ? parseVoterSet(nextSet) : undefined
  if (!parsed?.ok || parsed.set.epoch !== header.epoch + 1) return header
  const nextSetHash = sha256(nextSet!)
  return equalBytes(nextSetHash, turn!) ? { ...header, nextSetHash } : header
}
