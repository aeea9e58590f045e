/**
 * The effects that concern execution and the log, one at a time and in order: building and checking
 * blocks, making them final, taking over what others have. Handing out what they lack goes beside it.
 *
 * @module
 */
import { FederationError, refuse, type Timers, type Verdict } from '@folkmoot/base'
import { equalBytes, sha256, toHex } from '@folkmoot/codec'
import {
  type Application,
  type BftProof,
  type Chain,
  type ConsensusCode,
  type DecidedEntry,
  type Height,
  parseHeader,
  type RecordedOperation,
  type Unstamped,
} from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { BftEffect, Input } from '../core/effects.ts'
import { MAX_ENTRIES_BYTES, MAX_ITEMS } from '../core/messages.ts'
import { EntryServer } from './entry-server.ts'
import { Executor } from './executor.ts'
import type { ForwardedOperation } from './operations-message.ts'

export interface LedgerWorkInit {
  readonly application: Application
  readonly chain: Chain
  /** Operations for a block, without those whose ids are taken. */
  readonly batch: (taken: (id: string) => boolean) => readonly ForwardedOperation[]
  readonly send: (to: PeerId, message: Uint8Array) => void
  readonly timers: Timers
  readonly answer: (input: Unstamped<Input>) => void
  /** The log grew. */
  readonly grown: () => void
  readonly failed: (cause: unknown) => void
}

/** What runs one at a time. */
type Work = Extract<BftEffect, { type: 'build' | 'execute' | 'named' | 'deliver' | 'adopt' }>
type Serve = Extract<BftEffect, { type: 'serve' }>

/** Checked operations that are remembered, so that a block does not check them again. */
const MAX_CHECKED = 20_000
/** The application gives its operations no ids. */
const ANY_ID = Symbol('any id')

export class LedgerWork {
  readonly #init: LedgerWorkInit
  readonly #executor: Executor
  readonly #server: EntryServer
  /** The ids that those operations have, by the hash of their bytes. */
  readonly #checked = new Map<string, string | undefined | typeof ANY_ID>()
  #tail: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(init: LedgerWorkInit) {
    this.#init = init
    this.#executor = new Executor(init.application, init.chain.tip.id)
    const { send, timers, failed } = init
    this.#server = new EntryServer({ read: (from) => this.#read(from), send, timers, failed })
  }

  /** Runs after everything asked for before; never at the same time as anything here. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task)
    this.#tail = result.then(
      () => {},
      () => {},
    )
    return result
  }

  stop(): void {
    this.#isStopped = true
    this.#server.stop()
  }

  perform(effect: Work | Serve): void {
    if (effect.type === 'serve') {
      this.#server.ask(effect.to, effect.from)
      return
    }
    this.run(async () => {
      if (!this.#isStopped) await this.#perform(effect)
    }).catch(this.#init.failed)
  }

  /** Takes out what is not final, as a snapshot must not hold it. */
  settleState(): Promise<void> {
    return this.#executor.toTip()
  }

  /** Ids of operations that are in a block on the way to being final. */
  isUnderWay(id: string): boolean {
    return this.#executor.holds(id)
  }

  /**
   * `Application.check`, and whether the id is the operation's own; once per operation: a signature
   * is not verified again inside a block.
   */
  async check({ id, bytes }: Pick<RecordedOperation, 'id' | 'bytes'>): Promise<Verdict> {
    const { application } = this.#init
    const hash = toHex(sha256(bytes))
    if (!this.#checked.has(hash)) {
      const verdict = await application.check(bytes)
      if (!verdict.ok) return verdict
      if (this.#checked.size >= MAX_CHECKED) {
        this.#checked.delete(this.#checked.keys().next().value!)
      }
      this.#checked.set(hash, application.idOf ? application.idOf(bytes) : ANY_ID)
    }
    const own = this.#checked.get(hash)
    return own === ANY_ID || own === id
      ? { ok: true }
      : refuse('consensus/invalid-id' satisfies ConsensusCode, 'the operation has another id')
  }

  async #perform(effect: Work): Promise<void> {
    switch (effect.type) {
      case 'build':
        return this.#build(effect)
      case 'execute':
        return this.#execute(effect)
      case 'named': {
        const { id, parent, height, token } = effect
        const key = token === undefined ? undefined : `built ${token}`
        this.#executor.name(id, parent, height, key)
        return
      }
      case 'deliver':
        return this.#deliver(effect)
      case 'adopt':
        return this.#adopt(effect.entries)
    }
  }

  async #read(from: Height): Promise<Uint8Array[]> {
    const { chain } = this.#init
    // What was final when it was asked for is being written.
    if (chain.tip.height < from) await this.run(async () => {})
    return chain.entries(from, MAX_ITEMS, MAX_ENTRIES_BYTES)
  }

  async #build({ token, parent, position }: Extract<Work, { type: 'build' }>): Promise<void> {
    const { answer, batch, chain } = this.#init
    const taken = this.#executor.idsAbove(parent)
    const operations = taken ? batch((id) => taken.has(id) || chain.heights.has(id)) : []
    if (operations.length === 0) {
      answer({ type: 'built', token, block: undefined })
      return
    }
    const outcome = await this.#executor.execute(`built ${token}`, parent, position, operations)
    answer({ type: 'built', token, block: outcome })
  }

  async #execute(effect: Extract<Work, { type: 'execute' }>): Promise<void> {
    const { token, id, parent, position, payload, stateRoot } = effect
    const isAdmissible = await this.#isAdmissible(parent, payload)
    const { ok, nextSet } = isAdmissible
      ? await this.#executor.check(id, parent, position, payload, stateRoot)
      : { ok: false, nextSet: null }
    this.#init.answer({ type: 'executed', token, ok, nextSet })
  }

  /**
   * Whether every operation is well-formed, under its own id, and in no block before this one. Asked
   * before voting and never of what is final: older logs may hold operations under other ids.
   */
  async #isAdmissible(parent: Uint8Array, payload: readonly RecordedOperation[]): Promise<boolean> {
    const { chain } = this.#init
    const taken = this.#executor.idsAbove(parent)
    if (!taken || payload.some(({ id }) => taken.has(id) || chain.heights.has(id))) return false
    const verdicts = await Promise.all(payload.map((operation) => this.check(operation)))
    return verdicts.every(({ ok }) => ok)
  }

  async #deliver(effect: Extract<Work, { type: 'deliver' }>): Promise<void> {
    const { answer, chain, grown } = this.#init
    const { blocks, certified, certificate } = effect
    const decided: DecidedEntry[] = []
    for (const { id, header: bytes, payload, path } of blocks) {
      const parsed = parseHeader(bytes)
      if (!parsed.ok) throw new TypeError('a final header cannot be read')
      const { header } = parsed
      const final = await this.#executor.finalise(id, header, payload, header.stateRoot)
      if (!final) {
        const message = `entry ${header.height} leads to another state than its certified one`
        chain.halt({ code: 'consensus/state-mismatch', message })
        throw new Error(message)
      }
      const under = path && { header: certified, path }
      const proof: BftProof = { kind: 'bft', header: bytes, certificate, under }
      decided.push({ header, proof, ...final })
    }
    await chain.commit(...decided)
    const { height } = chain.tip
    this.#executor.tidy(height)
    grown()
    answer({ type: 'delivered', height, nextSet: this.#executor.tipNextSet })
  }

  async #adopt(entries: readonly Uint8Array[]): Promise<void> {
    const { answer, chain, grown } = this.#init
    await this.#executor.toTip()
    for (const entry of entries) {
      const verdict = await chain.accept(entry)
      // The core has verified it: what is refused now is the chain's own fault, or the disk's.
      if (!verdict.ok) throw new FederationError(verdict.fault.code, verdict.fault.message)
    }
    if (!equalBytes(chain.tip.id, this.#executor.tip)) this.#executor.reset(chain.tip.id)
    grown()
    answer({
      type: 'delivered',
      height: chain.tip.height,
      nextSet: this.#executor.tipNextSet,
    })
  }
}
