/**
 * A table around which cores sit: a test delivers messages and lets time pass by hand, so that a
 * scenario reads like a story. Signing, writing and executing answer at once unless a test says
 * otherwise; random schedules are the simulator's.
 *
 * @module
 */
import { concatBytes, equalBytes, sha256, toHex, utf8 } from '@folkmoot/codec'
import {
  blockId,
  encodeEntry,
  encodeVoterSet,
  historyLeaf,
  makeVoterSet,
  NO_PARENT,
  parseCertificate,
  parseEntry,
  parseVoterSet,
  type RecordedOperation,
  type Vote,
  type VoteKind,
  type VoterSet,
  voteBytes,
} from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import { createKeyring, type KeyPair } from '@folkmoot/simulator'
import {
  type Core,
  type CoreTiming,
  createCore,
  type Effect,
  entriesMessage,
  type FinalBlock,
  frontierOf,
  type Input,
  type LogTip,
  type Message,
  parseMessage,
  type VotingRules,
  voteKeyName,
} from '../src/index.ts'

export const INSTANCE = 'ab'.repeat(32)
const EMPTY_STATE = sha256(utf8('empty'))
export const START = 1_700_000_000_000

export interface Envelope {
  readonly from: number
  readonly to: number
  readonly message: Message
  readonly bytes: Uint8Array
}

interface Executed {
  readonly root: Uint8Array
  readonly ids: ReadonlySet<string>
  readonly nextSet: Uint8Array | null
}

/** One seat: what survives a restart, and the core that does not. */
export interface Seat {
  readonly peer: PeerId
  readonly keys: Map<string, KeyPair>
  records: Map<string, Uint8Array>
  core: Core
  at: number
  readonly timers: Map<string, number>
  readonly states: Map<string, Executed>
  readonly built: Map<number, Executed>
  readonly delivered: FinalBlock[]
  readonly evidence: Uint8Array[]
  readonly passed: number[]
  halted: string | undefined
  isDown: boolean
  pool: string[]
  /** Encoded entries, with their proofs. */
  entries: Uint8Array[]
  set: VoterSet
}

export interface TableInit {
  readonly seats?: number
  readonly timing?: Partial<CoreTiming>
  readonly rules?: Partial<VotingRules>
  readonly observers?: number
}

export class Table {
  readonly keyring = createKeyring()
  readonly seats: Seat[] = []
  readonly set: VoterSet
  /** Sent and not delivered yet. */
  queue: Envelope[] = []
  /** Signatures checked by all of them. */
  verified = 0
  /** Keeps back what signatures turned out to be, while it is there. */
  unanswered: (() => void)[] | undefined
  /** Everything that was ever sent. */
  readonly wire: Envelope[] = []
  /** The next voters, once an operation `next` is final. */
  nextSet: Uint8Array | null = null
  /** Stops the driver before an effect: a crash there. */
  crashBefore: ((seat: number, effect: Effect | 'synced') => boolean) | undefined
  /** Logs say twice that an entry is durable, as two writes that overlap may. */
  tellsTwice = false
  readonly #init: TableInit
  readonly #inputs: { readonly seat: number; readonly input: Input }[] = []

  constructor(init: TableInit = {}) {
    this.#init = init
    const count = init.seats ?? 4
    const pairs = Array.from({ length: count + (init.observers ?? 0) }, (_, i) => ({
      identity: this.keyring.pair(`peer ${i}`),
      vote: this.keyring.pair(`vote ${i}/1`),
    })).sort((a, b) => (a.identity.peer < b.identity.peer ? -1 : 1))
    this.set = madeSet(
      1,
      pairs.slice(0, count).map(({ identity, vote }) => ({ peer: identity.peer, key: vote })),
    )
    for (const { identity, vote } of pairs) {
      this.seats.push(this.#seat(identity.peer, new Map([[voteKeyName(1), vote]])))
    }
  }

  #seat(peer: PeerId, keys: Map<string, KeyPair>): Seat {
    return {
      peer,
      keys,
      records: new Map(),
      core: this.#core(peer, this.#tip([], this.set.epoch), this.set, new Map()),
      at: START,
      timers: new Map(),
      states: new Map([[toHex(NO_PARENT), { root: EMPTY_STATE, ids: new Set(), nextSet: null }]]),
      built: new Map(),
      delivered: [],
      evidence: [],
      passed: [],
      halted: undefined,
      isDown: false,
      pool: [],
      entries: [],
      set: this.set,
    }
  }

  /** Where a log stands; the state is found again by the root of its last header. */
  #tip(entries: readonly Uint8Array[], epoch: number): LogTip {
    const parsed = entries.map((bytes) => {
      const entry = parseEntry(bytes)
      if (!entry.ok || entry.entry.proof.kind !== 'bft') throw new Error('no entry')
      return { header: entry.entry.header, proof: entry.entry.proof }
    })
    const last = parsed.at(-1)
    const history = frontierOf(parsed.map(({ proof }) => historyLeaf(proof.header)))
    const nextSet = last ? this.#nextSetIn(entries) : null
    if (!last) {
      const start = { height: 0, id: NO_PARENT, time: 0, view: 0, certificate: undefined }
      return { ...start, stateRoot: EMPTY_STATE, history, nextSet }
    }
    const { header, proof } = last
    const isCurrent = header.epoch === epoch
    const certificate = isCurrent && !proof.under ? parseCertificate(proof.certificate) : undefined
    return {
      height: header.height,
      id: blockId(proof.header),
      time: header.time,
      view: isCurrent ? header.bft!.view : 0,
      stateRoot: header.stateRoot,
      history,
      certificate: certificate?.ok ? certificate.certificate : undefined,
      nextSet,
    }
  }

  /** Whoever the log says decides: the first voters, or those that an end block brought in. */
  #setAfter(entries: readonly Uint8Array[]): VoterSet {
    const ended = entries.some((bytes) => {
      const entry = parseEntry(bytes)
      return entry.ok && entry.entry.header.nextSetHash !== undefined
    })
    const next = ended && this.nextSet ? parseVoterSet(this.nextSet) : undefined
    return next?.ok ? next.set : this.set
  }

  #nextSetIn(entries: readonly Uint8Array[]): Uint8Array | null {
    const decided = entries.some((bytes) => {
      const entry = parseEntry(bytes)
      return entry.ok && entry.entry.ops.some(({ id }) => id === 'next')
    })
    return decided ? this.nextSet : null
  }

  #core(me: PeerId, tip: LogTip, set: VoterSet, records: ReadonlyMap<string, Uint8Array>): Core {
    const { timing, rules } = this.#init
    return createCore(
      { instance: INSTANCE, me, set, tip, ...(timing && { timing }), ...(rules && { rules }) },
      records,
    )
  }

  /** Starts everybody and delivers until nothing is said any more. */
  startAll(): void {
    for (const seat of this.seats.keys()) this.input(seat, { type: 'start', at: START })
    this.deliverAll()
  }

  /** Everything that may lose power is lost; the disk is not. */
  crash(seat: number): void {
    const state = this.seats[seat]!
    state.isDown = true
    state.timers.clear()
    this.queue = this.queue.filter(({ to }) => to !== seat)
  }

  restart(seat: number, lost?: 'database'): void {
    const state = this.seats[seat]!
    if (lost) state.records = new Map()
    state.isDown = false
    state.timers.clear()
    state.built.clear()
    state.set = this.#setAfter(state.entries)
    state.core = this.#core(
      state.peer,
      this.#tip(state.entries, state.set.epoch),
      state.set,
      new Map(state.records),
    )
    this.input(seat, { type: 'start', at: state.at })
  }

  /** An operation reaches these seats. */
  submit(text: string, seats: readonly number[] = [...this.seats.keys()]): void {
    for (const seat of seats) {
      this.seats[seat]!.pool.push(text)
      this.input(seat, { type: 'pending', waiting: true, at: this.seats[seat]!.at })
    }
  }

  /** Delivers one message, if it is still under way. */
  deliver(envelope: Envelope): void {
    this.queue = this.queue.filter((other) => other !== envelope)
    const { from, to, bytes } = envelope
    const state = this.seats[to]!
    if (state.isDown) return
    this.input(to, { type: 'message', from: this.seats[from]!.peer, bytes, at: state.at })
  }

  /** Delivers what passes, and what is said in answer; the rest stays under way. */
  deliverAll(passes: (envelope: Envelope) => boolean = () => true): void {
    for (let next = this.queue.find(passes); next; next = this.queue.find(passes)) {
      this.deliver(next)
    }
  }

  /** What is under way is lost. */
  lose(lost: (envelope: Envelope) => boolean = () => true): void {
    this.queue = this.queue.filter((envelope) => !lost(envelope))
  }

  /** Time passes for everyone in steps; timers go off, messages that pass are delivered. */
  pass(ms: number, passes: (envelope: Envelope) => boolean = () => true): void {
    const stepMs = 10
    for (let passed = 0; passed < ms; passed += stepMs) {
      for (const seat of this.seats.keys()) this.tick(seat, stepMs)
      this.deliverAll(passes)
    }
  }

  /** Time passes for one seat. */
  tick(seat: number, ms: number): void {
    const state = this.seats[seat]!
    state.at += ms
    if (state.isDown) return
    for (const [timer, at] of [...state.timers]) {
      if (at > state.at || state.timers.get(timer) !== at) continue
      state.timers.delete(timer)
      this.input(seat, { type: 'timer', timer, at: state.at })
    }
  }

  /** Takes an input and all answers that it leads to, one after the other. */
  input(seat: number, input: Input): void {
    this.#inputs.push({ seat, input })
    if (this.#inputs.length > 1) return
    for (let next = this.#inputs[0]; next; next = this.#inputs[0]) {
      const state = this.seats[next.seat]!
      if (!state.isDown) this.#perform(next.seat, state.core.step(next.input))
      this.#inputs.shift()
    }
  }

  #perform(seat: number, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (this.seats[seat]!.isDown) return
      if (this.crashBefore?.(seat, effect)) {
        this.crash(seat)
        return
      }
      this.#performOne(seat, effect)
    }
  }

  #performOne(seat: number, effect: Effect): void {
    const state = this.seats[seat]!
    const { at } = state
    switch (effect.type) {
      case 'persist':
        for (const operation of effect.operations) {
          if (operation.type === 'put') state.records.set(operation.key, operation.value)
          else if (operation.type === 'delete') state.records.delete(operation.key)
          else state.keys.delete(operation.name)
        }
        if (this.crashBefore?.(seat, 'synced')) {
          this.crash(seat)
          return
        }
        this.#perform(seat, effect.then)
        return
      case 'send':
        for (const peer of effect.to) this.#send(seat, peer, effect.message)
        return
      case 'setTimer':
        state.timers.set(effect.timer, effect.at)
        return
      case 'clearTimer':
        state.timers.delete(effect.timer)
        return
      case 'sign': {
        const pair = state.keys.get(effect.key)
        const signature = pair?.sign(effect.purpose, effect.bytes) ?? new Uint8Array()
        this.input(seat, { type: 'signed', token: effect.token, signature, at })
        return
      }
      case 'verify': {
        this.verified += effect.items.length
        const ok = effect.items.map((item) => this.keyring.verify(item))
        const answer = () =>
          this.input(seat, { type: 'verified', token: effect.token, ok, at: state.at })
        if (this.unanswered) this.unanswered.push(answer)
        else answer()
        return
      }
      case 'note':
        this.input(seat, { type: 'noted', token: effect.token, at })
        return
      case 'build':
        this.#build(seat, effect)
        return
      case 'execute': {
        const after = this.#apply(state.states.get(toHex(effect.parent))!, effect.payload)
        state.states.set(toHex(effect.id), after)
        const ok = equalBytes(after.root, effect.stateRoot)
        const { nextSet } = after
        this.input(seat, { type: 'executed', token: effect.token, ok, nextSet, at })
        return
      }
      case 'named':
        state.states.set(
          toHex(effect.id),
          effect.token === undefined
            ? state.states.get(toHex(effect.parent))!
            : state.built.get(effect.token)!,
        )
        return
      case 'adopt':
        this.#append(seat, effect.entries)
        return
      case 'serve': {
        const entries = state.entries.slice(effect.from - 1, effect.from + 63)
        if (entries.length > 0) this.#send(seat, effect.to, entriesMessage(entries))
        return
      }
      case 'epoch': {
        const set = parseVoterSet(effect.set)
        if (set.ok) state.set = set.set
        return
      }
      case 'deliver':
        this.#deliver(seat, effect)
        return
      case 'publish':
        for (const { peer } of this.seats) this.#send(seat, peer, effect.message)
        return
      case 'evidence':
        state.evidence.push(effect.bytes)
        return
      case 'passed':
        state.passed.push(effect.height)
        return
      case 'halt':
        state.halted = effect.fault.code
        return
      default:
        return
    }
  }

  #send(from: number, peer: PeerId, bytes: Uint8Array): void {
    const to = this.seats.findIndex((seat) => seat.peer === peer)
    const parsed = parseMessage(bytes)
    if (!parsed.ok) throw new Error(parsed.fault.message)
    if (to === from) return
    const envelope = { from, to, message: parsed.message, bytes }
    this.wire.push(envelope)
    if (!this.seats[to]!.isDown) this.queue.push(envelope)
  }

  #apply(before: Executed, payload: readonly RecordedOperation[]): Executed {
    let { root, nextSet } = before
    const ids = new Set(before.ids)
    for (const { id, bytes } of payload) {
      root = sha256(concatBytes(root, bytes))
      ids.add(id)
      if (equalBytes(bytes, utf8('next'))) nextSet = this.nextSet
    }
    return { root, ids, nextSet }
  }

  #build(seat: number, effect: Extract<Effect, { type: 'build' }>): void {
    const state = this.seats[seat]!
    const { token, parent } = effect
    const { at } = state
    const before = state.states.get(toHex(parent))!
    const texts = state.pool.filter((text) => !before.ids.has(text))
    if (texts.length === 0) {
      this.input(seat, { type: 'built', token, block: undefined, at })
      return
    }
    const payload = texts.map((text) => ({ id: text, bytes: utf8(text), refusal: null }))
    const after = this.#apply(before, payload)
    state.built.set(token, after)
    const block = { payload, stateRoot: after.root, nextSet: after.nextSet }
    this.input(seat, { type: 'built', token, block, at })
  }

  #deliver(seat: number, effect: Extract<Effect, { type: 'deliver' }>): void {
    const { blocks, certified, certificate } = effect
    this.#append(
      seat,
      blocks.map(({ header, payload, path }) => {
        const under = path && { header: certified, path }
        return encodeEntry({ kind: 'bft', header, certificate, under }, payload)
      }),
    )
  }

  #append(seat: number, entries: readonly Uint8Array[]): void {
    const state = this.seats[seat]!
    const { at } = state
    for (const bytes of entries) {
      const parsed = parseEntry(bytes)
      if (!parsed.ok) throw new Error(parsed.fault.message)
      const { header, ops, proof } = parsed.entry
      const id = blockId(proof.header)
      const after = this.#apply(state.states.get(toHex(header.parentHash))!, ops)
      if (!equalBytes(after.root, header.stateRoot)) throw new Error('another state')
      state.states.set(toHex(id), after)
      state.entries.push(bytes)
      state.delivered.push({
        id,
        header: proof.header,
        height: header.height,
        payload: ops,
        path: null,
      })
      const done = new Set(ops.map((op) => op.id))
      state.pool = state.pool.filter((text) => !done.has(text))
      const { nextSet } = after
      this.input(seat, { type: 'pending', waiting: state.pool.length > 0, at })
      for (let told = 0; told < (this.tellsTwice ? 2 : 1); told++) {
        this.input(seat, { type: 'delivered', height: header.height, nextSet, at })
      }
    }
  }

  /** Decides on the next voters: keys are made, and the set is what the state will name. */
  seatNext(members: readonly number[], engine: VoterSet['engine'] = 'bft'): void {
    const made = madeSet(
      2,
      members.map((seat) => {
        const { peer, keys } = this.seats[seat]!
        const key = this.keyring.pair(`vote ${seat}/2`)
        keys.set(voteKeyName(2), key)
        return { peer, key }
      }),
    )
    this.nextSet = encodeVoterSet({ ...made, engine })
  }

  /** A vote by a seat that lies. */
  forge(seat: number, kind: VoteKind, view: number, hash: Uint8Array): Vote {
    const epoch = 1
    const bytes = voteBytes(INSTANCE, epoch, kind, view, hash)
    const signature = this.seats[seat]!.keys.get(voteKeyName(epoch))!.sign('vote', bytes)
    return { epoch, kind, view, hash, voter: seat, signature }
  }

  /** Heights and ids, for comparing logs. */
  log(seat: number): readonly string[] {
    return this.seats[seat]!.delivered.map(({ id }) => toHex(id))
  }

  texts(seat: number): readonly string[] {
    return this.seats[seat]!.delivered.flatMap(({ payload }) => payload.map(({ id }) => id))
  }
}

export function madeSet(
  epoch: number,
  members: readonly { readonly peer: PeerId; readonly key: KeyPair }[],
): VoterSet {
  const voters = members.map(({ peer, key }) => ({ peer, voteKey: key.publicKey, org: peer }))
  const made = makeVoterSet({ epoch, voters, crossOrg: false })
  if (!made.ok) throw new Error(made.fault.message)
  return made.set
}
