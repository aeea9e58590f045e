/**
 * What a core knows: one object, changed in place between an input and its effects. The files beside
 * this one add facts to it (messages, answers, timers) or decide from it (`settle.ts`).
 *
 * @module
 */
import type { Fault, KeyDeletion, Millis, StoreOperation } from '@folkmoot/base'
import { equalBytes, toHex } from '@folkmoot/codec'
import {
  type Certificate,
  faultWeight,
  totalWeight,
  type Vote,
  type VoteKind,
  type VoterSet,
  VoteTracker,
  voterIndex,
} from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { Offer } from './adopt.ts'
import { Allowance } from './allowance.ts'
import type { Barrier } from './barrier.ts'
import type { Block } from './block.ts'
import { type CoreConfig, type CoreTiming, defaultTiming, type LogTip } from './config.ts'
import type { Effect, Input } from './effects.ts'
import type { Readiness, Ready } from './epochs.ts'
import { Forgeries } from './forgeries.ts'
import type { Leading } from './lead.ts'
import { encodeMessage, type Message } from './messages.ts'
import type { Checking } from './receive-vote.ts'
import type { LaterWords } from './restore.ts'
import type { Held, VotingRules } from './rules.ts'
import { votingRules } from './rules.ts'
import { createViewClock, type ViewClock } from './view-clock.ts'
import type { OwnVotes } from './vote.ts'

/** What is known of one view. */
export interface ViewState {
  readonly view: number
  /** What this voter has said, is about to say, or said before a restart. */
  readonly own: OwnVotes
  readonly certificates: { [kind in VoteKind]?: Certificate }
  /** The first block that the leader signed. */
  proposed: Block | undefined
  /** Its block is signed by it and not valid. */
  rejected: boolean
  /** Waited long enough, see `timers.ts`. */
  expired: boolean
}

/** A request for which an answer is awaited, by token. */
export type Answer<Kind extends Input['type']> = (input: Extract<Input, { type: Kind }>) => void

export class CoreState implements Held {
  readonly config: CoreConfig
  readonly timing: CoreTiming
  readonly rules: VotingRules
  now: Millis = 0

  set: VoterSet
  /** Our seat; undefined for an observer. */
  me: number | undefined
  tip: LogTip
  /** The highest view with a certificate F, whether or not its block is here. */
  finalView: number
  currentView: number
  readonly views = new Map<number, ViewState>()
  /** Verified votes of the epoch. */
  votes: VoteTracker
  /** Blocks above the tip, by id in hex. */
  readonly blocks = new Map<string, Block>()
  /** Proposals being verified, by id in hex: their view, or 0 while it is the leader's signature alone. */
  readonly checking = new Map<string, number>()

  /** What may be tidied up once the log is durable to a height. */
  readonly undelivered: {
    readonly height: number
    readonly tidy: readonly (StoreOperation | KeyDeletion)[]
  }[] = []
  /** What was said before a restart in epochs that the log has not come to; see `restore.ts`. */
  later: LaterWords = { votes: [], notarised: [], final: undefined }
  /** What the database says is final: it never says less than it did. */
  keptFinal: Pick<Certificate, 'epoch' | 'view'> = { epoch: 0, view: 0 }
  /** What peers cost that send what does not verify. */
  readonly forgeries = new Forgeries()
  /** Votes that are being verified, by their words; see `receive-vote.ts`. */
  readonly checkingVotes = new Map<string, Checking>()
  /** Entries that wait for others to be verified, one message of each sender; see `adopt.ts`. */
  readonly offers = new Map<PeerId, Offer>()
  /** Whether entries are being verified. */
  adopting = false
  /** Blocks asked for, by id in hex, and how often. */
  readonly fetching = new Map<string, number>()
  /** What is known of the voters of the next epoch, and the encoded set that it is about. */
  readiness: Readiness | undefined
  readinessOf: Uint8Array = new Uint8Array()
  readonly readyWaiting = new Map<PeerId, Ready>()

  /** When each voter was heard last; a leader that is silent while a quorum is heard is skipped. */
  readonly heardAt = new Map<PeerId, Millis>()
  readonly silent = new Set<PeerId>()
  lastFinalAt: Millis = 0
  /** Nothing became final for longer than the heartbeat allows. */
  isStale = false
  /** We lead, and it is time for an empty block. */
  shouldBeat = false
  /** When each peer had a Status of ours that it did not ask for. */
  readonly askedAt = new Map<PeerId, Millis>()
  /** Blocks that each peer may have of us: 4 MiB in a row, 2 MiB a second. */
  readonly given = new Allowance(4 * 1024 * 1024, 2 * 1024)
  /**
   * Certificates and votes that each peer may have of us: 1 MiB in a row, 0.5 MiB a second. Four
   * answers a second among fifty voters, and far more among few.
   */
  readonly repaired = new Allowance(1024 * 1024, 512)
  /** From which height each peer was last served, and when. */
  readonly servedAt = new Map<PeerId, { readonly from: number; readonly at: Millis }>()
  /** The newest words that each voter sent us itself, by index; see `recall.ts`. */
  readonly lastWords = new Map<number, readonly Vote[]>()
  /** Voters whose words to us contradict each other, proven in this epoch. */
  readonly liars = new Set<number>()
  /** Voters who know of no vote of ours that we do not know. */
  readonly confirmedBy = new Set<PeerId>()
  readonly barriers = new Map<number, Barrier>()
  nonce = 0
  readonly clock: ViewClock = createViewClock()
  leading: Leading | undefined

  /** Whether operations wait that are not final. */
  waiting = false
  /** Changes with every `pending` input. */
  pendingCount = 0
  /** Whether a quorum has confirmed that our log of votes is whole. */
  recalled = false
  /** The epoch's last block is final and being written. */
  ending = false
  halted: Fault | undefined

  /**
   * What is merely tidied up, written with the next record so that it costs no sync; the newest of
   * each key: who does not vote may write nothing until the epoch ends.
   */
  readonly #untidy = new Map<string, StoreOperation | KeyDeletion>()
  #effects: Effect[] = []
  #token = 0
  readonly #answers = new Map<number, (input: never) => void>()

  constructor(config: CoreConfig) {
    this.config = config
    this.timing = { ...defaultTiming, ...config.timing }
    this.rules = { ...votingRules, ...config.rules }
    this.set = config.set
    this.votes = new VoteTracker(config.set)
    this.me = voterIndex(config.set, config.me)
    this.tip = config.tip
    this.finalView = config.tip.view
    this.currentView = config.tip.view + 1
  }

  get isVoting(): boolean {
    return this.me !== undefined && this.recalled && !this.ending && this.halted === undefined
  }

  get quorum(): number {
    return this.rules.quorum(this.set)
  }

  /** W − q. */
  get tolerated(): number {
    return faultWeight(this.set)
  }

  get total(): number {
    return totalWeight(this.set)
  }

  /** Every other voter. */
  get others(): readonly PeerId[] {
    return this.set.voters.map(({ peer }) => peer).filter((peer) => peer !== this.config.me)
  }

  view(view: number): ViewState {
    const known = this.views.get(view)
    if (known) return known
    const fresh: ViewState = {
      view,
      own: {},
      certificates: {},
      proposed: undefined,
      rejected: false,
      expired: false,
    }
    this.views.set(view, fresh)
    return fresh
  }

  certificate(view: number, kind: VoteKind): Certificate | undefined {
    return this.views.get(view)?.certificates[kind]
  }

  /** Certificate N or F of this very block. */
  certificateOf(view: number, hash: Uint8Array): Certificate | undefined {
    if (view === this.tip.view && equalBytes(hash, this.tip.id)) return this.tip.certificate
    const { notarise, finalise } = this.views.get(view)?.certificates ?? {}
    return [notarise, finalise].find((held) => held && equalBytes(held.hash, hash))
  }

  isNotarised(view: number, hash: Uint8Array): boolean {
    return this.certificateOf(view, hash) !== undefined
  }

  isNotarisedAt(view: number): boolean {
    return this.certificate(view, 'notarise') !== undefined
  }

  isNullified(view: number): boolean {
    return this.certificate(view, 'nullify') !== undefined
  }

  /** Views above the last final one, ascending. */
  openViews(): ViewState[] {
    return [...this.views.values()]
      .filter(({ view }) => view > this.finalView)
      .sort((a, b) => a.view - b.view)
  }

  block(id: Uint8Array): Block | undefined {
    return this.blocks.get(toHex(id))
  }

  emit(effect: Effect): void {
    if (effect.type === 'verify') this.forgeries.verifying(effect.token)
    this.#effects.push(effect)
  }

  /** @returns how many bytes go to each */
  send(to: readonly PeerId[], message: Message): number {
    if (to.length === 0) return 0
    const bytes = encodeMessage(message)
    this.emit({ type: 'send', to, message: bytes })
    return bytes.length
  }

  /** A token whose answer goes to `then`. */
  expect<Kind extends Input['type']>(_kind: Kind, then: Answer<Kind>): number {
    this.#token += 1
    this.#answers.set(this.#token, then)
    return this.#token
  }

  /** Hands an answer to whoever asked. An answer to an epoch that is over goes nowhere. */
  answer(input: Extract<Input, { token: number }>): void {
    const then = this.#answers.get(input.token)
    this.#answers.delete(input.token)
    then?.(input as never)
  }

  /** Writes with the next record. */
  tidy(...operations: readonly (StoreOperation | KeyDeletion)[]): void {
    for (const each of operations) {
      this.#untidy.set(each.type === 'delete-key' ? `key ${each.name}` : each.key, each)
    }
  }

  get isUntidy(): boolean {
    return this.#untidy.size > 0
  }

  /** Writes; `effects` and `done` only happen once it is durable. */
  persist(
    operations: readonly (StoreOperation | KeyDeletion)[],
    effects: readonly Effect[],
    done: () => void,
  ): void {
    const token = this.expect('noted', done)
    const note: Effect = { type: 'note', token }
    const all = [...this.#untidy.values(), ...operations]
    this.#untidy.clear()
    const after = [...effects, note]
    if (!this.rules.persistsFirst) for (const effect of after.splice(0)) this.emit(effect)
    // biome-ignore lint/suspicious/noThenProperty: the effect's own name for what waits for the sync
    this.emit({ type: 'persist', operations: all, then: after })
  }

  /** Without its key a voter is an observer until the voters change. */
  loseSeat(): void {
    this.me = undefined
  }

  halt(fault: Fault): void {
    if (this.halted) return
    this.halted = fault
    this.emit({ type: 'halt', fault })
  }

  takeEffects(): readonly Effect[] {
    const effects = this.#effects
    this.#effects = []
    return effects
  }
}
