/**
 * Engine `bft`: the replicated log over a core, a database for votes, a log for entries, a network
 * and the application. A peer without a seat in the voter set follows.
 *
 * @module
 */
import {
  type AppendLog,
  type Clock,
  type ConsensusDatabase,
  errorCode,
  errorMessage,
  type Fault,
  FederationError,
  type Logger,
  silentLogger,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import {
  type Application,
  assertNotHalted,
  Chain,
  type CharterFacts,
  type ConsensusNetwork,
  chainStatus,
  createDriver,
  DEFAULT_MAX_WAITING,
  DEFAULT_MAX_WAITING_BYTES,
  type Driver,
  type EngineStatus,
  type EpochLink,
  engineClosed,
  type FinalEntry,
  type FinalityAnchor,
  faultWeight,
  type Height,
  type HistoryProof,
  leaderOf,
  parseVoterSet,
  type ReplicatedLog,
  type Snapshot,
  type Unstamped,
  type VoterSet,
  voteKeyName,
} from '@folkmoot/consensus'
import type { Checker, PeerId } from '@folkmoot/identity'
import { type CoreTiming, defaultTiming } from '../core/config.ts'
import { createCore } from '../core/core.ts'
import type { BftEffect, BftInput, Input } from '../core/effects.ts'
import { RECORDS_PREFIX } from '../core/records.ts'
import { LedgerWork } from './ledger-work.ts'
import { openTip } from './open-tip.ts'
import { holdsOperations } from './operations-message.ts'
import { createSignatures } from './signatures.ts'
import { Submissions } from './submissions.ts'
import { createVoteSigner } from './vote-signer.ts'

export interface BftLogInit {
  /** From the charter, see `charterFacts`. */
  readonly facts: CharterFacts
  /** This peer; a voter where the set of the epoch names it and the database has its vote key. */
  readonly me: PeerId
  readonly checker: Checker
  /** In its initial state: the stored log is replayed into it. */
  readonly application: Application
  readonly log: AppendLog
  /** Votes, and the keys that sign them: lose one, lose both. */
  readonly database: ConsensusDatabase
  readonly network: ConsensusNetwork
  readonly clock: Clock
  readonly timers: Timers
  readonly timing?: Partial<CoreTiming>
  readonly logger?: Logger
  /** A chain that another engine released, in place of opening `log`. */
  readonly chain?: Chain
  /** Operations that may wait at once. Default 10,000. */
  readonly maxWaiting?: number
  /** Bytes of operations that may wait at once. Default 16 MiB. */
  readonly maxWaitingBytes?: number
}

export type BftEvent =
  /** Somebody lied; to be submitted as an operation (`verifyEvidence`). */
  | { readonly type: 'evidence'; readonly bytes: Uint8Array }
  | { readonly type: 'epoch'; readonly set: VoterSet }
  /** Votes no more; keeps following where it can. */
  | { readonly type: 'halt'; readonly fault: Fault }

export interface BftStatus extends EngineStatus {
  readonly kind: 'bft'
  readonly view: number
  readonly leader: PeerId
  /** Whether our votes count at this moment. */
  readonly isVoting: boolean
  /** Whether the set names us. */
  readonly isSeated: boolean
  /** Weight that may lie or be gone; 0 with fewer than four voters: "tolerates no failure". */
  readonly tolerates: number
}

export interface BftLog extends ReplicatedLog {
  readonly kind: 'bft'
  status(): BftStatus
  /** Whose decisions count, for verifying proofs. */
  readonly anchor: FinalityAnchor
  /** Voters of the running epoch. */
  readonly set: VoterSet
  entries(from: Height, max: number): Promise<Uint8Array[]>
  entryAt(height: Height): Promise<FinalEntry | undefined>
  proveHistory(height: Height, under?: Height): Promise<HistoryProof>
  epochLinks(): readonly EpochLink[]
  /** Proof that two histories were decided; set once that has been seen, and nothing is done since. */
  readonly evidence: Uint8Array | undefined
  /** Takes proof of a fork from somebody else; where it holds, this engine keeps it and stops for good. */
  acceptFork(evidence: Uint8Array): Promise<Verdict<{ height: Height }>>
  on(listener: (event: BftEvent) => void): () => void
  /** The public key that this peer would vote with in an epoch; made in the database on first call. */
  voteKeyFor(epoch: number): Promise<Uint8Array>
  /** Stops; the append log and the database stay open. */
  close(): Promise<void>
  /** Closes and hands the chain over, to the engine that follows. */
  release(): Promise<Chain>
}

/** Views whose leaders are told at once: more than may fail in a row among four. */
const LEADERS_TOLD = 3

function failure(code: string, message: string, details?: Record<string, unknown>) {
  return new FederationError(code, message, details ? { details } : {})
}

/**
 * Opens the log and takes part in agreement.
 *
 * @throws FederationError `consensus/corrupt-log`, `consensus-bft/corrupt-votes`,
 * `consensus/unsupported` while another engine decides
 */
export async function createBftLog(init: BftLogInit): Promise<BftLog> {
  const { application, checker, database, network, me } = init
  const logger = init.logger ?? silentLogger
  const timing = { ...defaultTiming, ...init.timing }
  const chain = init.chain ?? (await Chain.open(chainInit(init)))
  let set = currentSet(chain)
  const listeners = new Set<(event: BftEvent) => void>()
  const barriers = new Map<number, { resolve(height: Height): void; reject(e: unknown): void }>()
  const unsubscribe: (() => void)[] = []
  let votingHalted: Fault | undefined
  let isClosed = false
  let closing: Promise<void> | undefined
  let barrierCount = 0
  const submissions = new Submissions({
    me,
    chain,
    application,
    network,
    clock: init.clock,
    timers: init.timers,
    logger,
    deltaMs: timing.deltaMs,
    maxWaiting: init.maxWaiting ?? DEFAULT_MAX_WAITING,
    maxWaitingBytes: init.maxWaitingBytes ?? DEFAULT_MAX_WAITING_BYTES,
    leaders: nextLeaders,
    voters: () => set.voters.map(({ peer }) => peer),
    check: (operation) => work.check(operation),
    isUnderWay: (id) => work.isUnderWay(id),
    announce: (waiting) => driver.input({ type: 'pending', waiting }),
    assertRunning,
  })

  const signer = createVoteSigner(database)
  let { core, work, driver } = await openSession()
  unsubscribe.push(
    chain.onFinal((entry) => submissions.decided(entry)),
    network.onMessage(receive),
    network.onConnected((peer) => driver.input({ type: 'connected', peer })),
  )
  // What has proof of a fork in its log votes no more.
  if (chain.halted) void driver.stop()
  else driver.input({ type: 'start' })

  /** A core over the chain as it stands, with what performs its effects. */
  async function openSession() {
    set = currentSet(chain)
    permit(set)
    permitNext()
    const tip = openTip(chain, application)
    const records = new Map(await database.list({ prefix: RECORDS_PREFIX }))
    const core = createCore({ instance: init.facts.instance, me, set, tip, timing }, records)
    const work: LedgerWork = new LedgerWork({
      application,
      chain,
      batch: (taken) => submissions.batch(taken),
      send: (to, message) => network.send(to, message),
      timers: init.timers,
      answer: (input) => answer(input),
      grown: permitNext,
      failed: stop,
    })
    // Answers go to the core that asked: the next one counts its questions from the start.
    const answer = (input: Unstamped<Input>) => driver.input(input)
    const performSignature = createSignatures({ signer, checker, answer, failed: stop })
    const driver: Driver<BftInput> = createDriver<BftInput, BftEffect>({
      core,
      database,
      network,
      clock: init.clock,
      timers: init.timers,
      perform: (effect) => {
        if (effect.type === 'sign' || effect.type === 'verify') performSignature(effect)
        else if (effect.type === 'note') answer({ type: 'noted', token: effect.token })
        else perform(effect)
      },
      failed: stop,
    })
    return { core, work, driver }
  }

  function permit(voters: VoterSet): void {
    const seat = voters.voters.find(({ peer }) => peer === me)
    if (seat) signer.permit(voteKeyName(voters.epoch), seat.voteKey)
  }

  /** Those who were decided on say READY by their new keys before their epoch begins. */
  function permitNext(): void {
    const bytes = application.nextSet()
    const parsed = bytes ? parseVoterSet(bytes) : undefined
    const next = parsed?.ok && parsed.set.epoch === set.epoch + 1 ? parsed.set : undefined
    if (next) permit(next)
    const around = [chain.epochs.setOf(set.epoch - 1), set, next]
    submissions.passedOnBy(around.flatMap((each) => each?.voters.map(({ peer }) => peer) ?? []))
  }

  function perform(effect: Exclude<BftEffect, { type: 'note' }>): void {
    switch (effect.type) {
      case 'evidence':
        tell({ type: 'evidence', bytes: effect.bytes })
        break
      case 'epoch': {
        const parsed = parseVoterSet(effect.set)
        if (parsed.ok) {
          set = parsed.set
          permit(set)
          permitNext()
          submissions.rejectUnseated()
          tell({ type: 'epoch', set })
        }
        break
      }
      case 'halt':
        votingHalted = effect.fault
        logger.log('error', 'this voter votes no more', { code: effect.fault.code })
        tell({ type: 'halt', fault: effect.fault })
        break
      case 'passed':
        barriers.get(effect.token)?.resolve(effect.height)
        barriers.delete(effect.token)
        break
      case 'publish':
        network.publish(effect.message)
        break
      default:
        work.perform(effect)
    }
  }

  function tell(event: BftEvent): void {
    for (const listener of [...listeners]) listener(event)
  }

  /** Stops for good: what failed here may have left less on disk than was meant. */
  function stop(cause: unknown): void {
    if (isClosed) return
    const code = errorCode(cause, 'consensus/storage-failed')
    const fault = { code, message: errorMessage(cause) }
    chain.halt(fault)
    void driver.stop()
    work.stop()
    const error = cause instanceof FederationError ? cause : failure(code, fault.message)
    submissions.failAll(error)
    for (const { reject } of barriers.values()) reject(error)
    barriers.clear()
    tell({ type: 'halt', fault: chain.halted ?? fault })
  }

  function receive(from: PeerId, message: Uint8Array): void {
    if (holdsOperations(message)) submissions.receive(from, message)
    else driver.input({ type: 'message', from, bytes: message })
  }

  function nextLeaders(): readonly PeerId[] {
    const { view } = core.peek()
    const views = Array.from({ length: LEADERS_TOLD }, (_, i) => view + i)
    return [...new Set(views.map((each) => set.voters[leaderOf(set, each)]!.peer))]
  }

  function assertRunning(): void {
    if (isClosed) throw engineClosed()
    assertNotHalted(chain)
  }

  function readBarrier(): Promise<Height> {
    assertRunning()
    barrierCount += 1
    const token = barrierCount
    return new Promise((resolve, reject) => {
      barriers.set(token, { resolve, reject })
      driver.input({ type: 'barrier', token })
    })
  }

  function status(): BftStatus {
    const { view, leader, isVoting, isSeated } = core.peek()
    return {
      ...chainStatus(chain, leader === me && isVoting ? 'leader' : 'follower', submissions.size),
      kind: 'bft',
      view,
      leader,
      isVoting,
      isSeated,
      tolerates: set.voters.length < 4 ? 0 : faultWeight(set),
      votingHalted,
    }
  }

  /** The core that began without the snapshot ends; one that begins with it takes its place. */
  async function install(snapshot: Snapshot): Promise<void> {
    assertRunning()
    await work.run(async () => {
      await work.settleState()
      await chain.install(snapshot)
    })
    // What waits behind the snapshot must not run on the state that it replaced.
    work.stop()
    const session = await openNext().catch((cause: unknown) => {
      stop(cause)
      throw cause
    })
    core = session.core
    work = session.work
    driver = session.driver
    driver.input({ type: 'start' })
    for (const token of barriers.keys()) driver.input({ type: 'barrier', token })
    if (submissions.size > 0) submissions.announce()
  }

  async function openNext() {
    await driver.stop()
    assertRunning()
    const session = await openSession()
    assertRunning()
    return session
  }

  async function acceptFork(evidence: Uint8Array): Promise<Verdict<{ height: Height }>> {
    const verdict = await work
      .run(() => chain.acceptFork(evidence))
      .catch((cause: unknown) => {
        // A voter that knows of a fork votes no more, whether or not it could write that down.
        stop(cause)
        throw cause
      })
    if (verdict.ok) stop(failure(chain.halted!.code, chain.halted!.message))
    return verdict
  }

  function close(): Promise<void> {
    closing ??= closeOnce()
    return closing
  }

  async function closeOnce(): Promise<void> {
    isClosed = true
    const stopped = driver.stop()
    submissions.stop()
    for (const off of unsubscribe) off()
    try {
      await work.run(async () => {
        work.stop()
        if (!chain.halted) await work.settleState()
      })
    } finally {
      const error = engineClosed()
      submissions.failAll(error)
      for (const { reject } of barriers.values()) reject(error)
      await stopped
    }
  }

  return {
    kind: 'bft',
    submit: (op, options) => submissions.submit(op, options),
    onFinal: (listener) => chain.onFinal(listener),
    readBarrier: async () => readBarrier(),
    reconfigure: async () => {
      throw failure('consensus/unsupported', 'voters change when the state decides so')
    },
    status,
    get anchor() {
      return chain.epochs.anchor
    },
    get set() {
      return set
    },
    snapshot: () =>
      work.run(async () => {
        await work.settleState()
        return chain.snapshot()
      }),
    install,
    entries: (from, max) => chain.entries(from, max),
    entryAt: (height) => chain.entryAt(height),
    proveHistory: (height, under) => chain.proveHistory(height, under),
    epochLinks: () => [...chain.epochs.links],
    get evidence() {
      return chain.evidence
    },
    acceptFork,
    on: (listener) => {
      listeners.add(listener)
      // It may have been stopped since before it was opened.
      if (votingHalted) listener({ type: 'halt', fault: votingHalted })
      return () => listeners.delete(listener)
    },
    voteKeyFor: async (epoch) => (await database.createKey(voteKeyName(epoch))).publicKey,
    close,
    release: async () => {
      await close()
      return chain
    },
  }
}

function chainInit(init: BftLogInit) {
  const { facts, checker, application, log, logger } = init
  return { facts, checker, application, log, ...(logger && { logger }) }
}

function currentSet(chain: Chain): VoterSet {
  const set = chain.epochs.setOf(chain.epochs.current)
  if (set?.engine !== 'bft') {
    throw failure('consensus/unsupported', 'no voters of this engine decide at present')
  }
  return set
}
