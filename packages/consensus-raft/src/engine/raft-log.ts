/**
 * Engine `raft`: a {@link ReplicatedLog} that members of one company keep together. The core orders,
 * the executor turns what is committed into entries with receipts, the chain keeps them.
 *
 * An acknowledged operation is committed by a majority, executed by a majority to one state, and
 * durable in the entry log of the member that acknowledges.
 *
 * @module
 */
import {
  type AppendLog,
  type Clock,
  type ConsensusDatabase,
  type Fault,
  FederationError,
  type Logger,
  silentLogger,
  type Timers,
} from '@folkmoot/base'
import { decode, encode } from '@folkmoot/codec'
import {
  type Application,
  Chain,
  type CharterFacts,
  type ConsensusNetwork,
  chainStatus,
  type EpochLink,
  type FinalEntry,
  type FinalityAnchor,
  type Height,
  type HistoryProof,
  type MemberChange,
  type Receipt,
  type ReplicatedLog,
} from '@folkmoot/consensus'
import { type Checker, type PeerId, parsePeerId, type Signer } from '@folkmoot/identity'
import type { RaftCode } from '../codes.ts'
import { type RaftConfigInit, resolveRaftConfig } from '../config.ts'
import { createRaftCore } from '../core/core.ts'
import type { RaftChange, RaftOwnEffect, RaftView } from '../core/effects.ts'
import { putBase, RAFT_PREFIX, readDisk } from '../storage.ts'
import { encodeBatch, parseBatch } from './batch.ts'
import { createCatchUp } from './catch-up.ts'
import { createDriver } from './driver.ts'
import {
  type EngineMessage,
  encodeEngineMessage,
  isEngineMessage,
  parseEngineMessage,
} from './engine-message.ts'
import { Executor } from './executor.ts'
import { failure, Submissions, stoppedBy } from './submissions.ts'

export interface RaftLogInit {
  /** From the charter; the voters of its first epoch found the group. */
  readonly facts: CharterFacts
  /** This member's own key, which signs receipts. */
  readonly signer: Signer
  readonly checker: Checker
  /** In its initial state: the stored log is replayed into it. */
  readonly application: Application
  /** Term, vote and the Raft log. Lost together with `log`, or not at all. */
  readonly database: ConsensusDatabase
  /** Final entries. */
  readonly log: AppendLog
  readonly network: ConsensusNetwork
  readonly clock: Clock
  readonly timers: Timers
  readonly config?: RaftConfigInit
  readonly logger?: Logger
  /** Operations that may wait at once. Default 10,000. */
  readonly maxWaiting?: number
  /** Bytes of operations that may wait at once. Default 16 MiB. */
  readonly maxWaitingBytes?: number
  /** Entries of the Raft log that are kept for members that lag. Default 8,192. */
  readonly keepEntries?: number
}

export interface RaftLog extends ReplicatedLog {
  readonly kind: 'raft'
  /** Whose proofs count, as far as this log has come. */
  readonly anchor: FinalityAnchor
  entries(from: Height, max: number): Promise<Uint8Array[]>
  entryAt(height: Height): Promise<FinalEntry | undefined>
  proveHistory(height: Height, under?: Height): Promise<HistoryProof>
  epochLinks(): readonly EpochLink[]
  /** Lets a peer follow every entry without a vote: a tab, or a member that is about to join. */
  addLearner(peer: PeerId): Promise<void>
  /** What the core says of itself. */
  peek(): RaftView
  /** Hands the lead over where this member has it and another one is up to date. */
  transfer(to: PeerId): void
  close(): Promise<void>
}

/** Entries of the leader that are not committed yet; more wait and share the next entry. */
const PIPELINE = 2
const DEFAULT_KEEP = 8_192
/** How many election time-outs a reader, or who changes members, waits for a leader. */
const PATIENCE = 10

/**
 * Opens a member over its database and its log.
 *
 * @throws FederationError `consensus/corrupt-log`, `consensus-raft/corrupt-state`, `consensus-raft/amnesia`
 */
export async function createRaftLog(init: RaftLogInit): Promise<RaftLog> {
  const { application, checker, clock, database, facts, network, signer, timers } = init
  const logger = init.logger ?? silentLogger
  const config = resolveRaftConfig(init.config)
  const keep = init.keepEntries ?? DEFAULT_KEEP
  const me = signer.peer
  const stored = readDisk(await database.list({ prefix: RAFT_PREFIX }))
  const chain = await Chain.open({ facts, checker, application, log: init.log, logger })
  if (!stored && chain.tip.proof?.kind === 'raft') throw amnesia()
  const first = chain.epochs.setOf(chain.epochs.current)
  const founders = { voters: (first?.voters ?? []).map(({ peer }) => peer), learners: [] }
  // The group may begin above entries of another engine.
  if (!stored) await beginAt(chain.tip.height)
  const disk = stored ?? readDisk(await database.list({ prefix: RAFT_PREFIX }))
  const core = createRaftCore({ config, me, founders }, disk)
  const { base } = core.peek()
  const baseHeight = heightOf(base.info) ?? 0
  const waiters = new Set<() => void>()
  const reads = new Map<number, { resolve(index: number): void; reject(): void }>()
  let refusal: ((fault: Fault) => void) | undefined
  let tokens = 0
  let ours = 0
  let closed = false

  const leader = (): PeerId | undefined => core.peek().leader ?? undefined
  const members = () => [...core.peek().members.voters, ...core.peek().members.learners]
  const send = (to: PeerId, message: EngineMessage) =>
    network.send(to, encodeEngineMessage(message))
  const submissions = new Submissions({
    chain,
    application,
    clock,
    me,
    leader,
    send,
    maxWaiting: init.maxWaiting ?? 10_000,
    maxWaitingBytes: init.maxWaitingBytes ?? 16 * 1024 * 1024,
    wake: pump,
  })
  const executor = new Executor({
    chain,
    application,
    signer,
    checker,
    logger,
    baseHeight,
    baseIndex: base.index,
    leader,
    members,
    send,
    executed,
    stopped,
  })
  const driver = createDriver({
    core,
    database,
    network,
    clock,
    timers,
    own,
    failed: (cause) => {
      const fault = {
        code: 'consensus/storage-failed',
        message: 'the database could not be written',
      }
      stopped(fault, failure('consensus/storage-failed', fault.message, cause))
    },
  })
  const catchUp = createCatchUp({
    chain,
    timers,
    retryMs: config.electionMs,
    leader,
    send,
    stopped,
  })
  const endings = [
    network.onMessage(onMessage),
    network.onConnected((peer) => driver.input({ type: 'connected', peer })),
    // Whatever was lost on the way is said again.
    timers.every(config.heartbeatMs * 2, () => {
      executor.repeat()
      tell()
    }),
    timers.every(config.electionMs, () => submissions.again()),
  ]
  driver.input({ type: 'start' })

  /** Height of the ledger before the first entry of the Raft log. */
  function beginAt(height: Height): Promise<void> {
    const info = encode([height])
    return database.write([putBase({ index: 0, term: 0, members: founders, info })])
  }

  function own(effect: RaftOwnEffect): void {
    switch (effect.type) {
      case 'committed':
        executor.add(effect.entries)
        break
      case 'role':
        onRole(effect.role)
        break
      case 'restore': {
        executor.drop()
        const height = heightOf(effect.base.info) ?? 0
        catchUp.start(height, effect.from, () => {
          executor.rebase(effect.base.index, height)
          driver.input({ type: 'restored', base: effect.base })
        })
        break
      }
      case 'readable':
        reads.get(effect.token)?.resolve(effect.index)
        break
      case 'unreadable':
        reads.get(effect.token)?.reject()
        break
      case 'changeRefused':
        refusal?.(effect.fault)
        break
      case 'misbehaved':
        logger.log('warn', 'a member sent no message', { code: effect.fault.code })
        break
      case 'halted':
        stopped(effect.fault)
        break
      case 'stored':
        break
    }
    tell()
  }

  function onRole(role: string): void {
    if (role === 'leader') {
      submissions.lead(core.pending(executor.applied).flatMap(idsOf))
    } else {
      submissions.yield()
    }
    ours = 0
    executor.repeat()
    // Not within the step that brought the leader.
    void Promise.resolve().then(() => submissions.again())
  }

  /** Proposes what waits, as long as few entries are under way. */
  function pump(): void {
    if (core.peek().role !== 'leader' || chain.halted || closed) return
    while (submissions.queued > 0 && ours < PIPELINE) {
      const ops = submissions.batch()
      if (ops.length === 0) return
      ours += 1
      driver.input({ type: 'propose', data: [encodeBatch({ time: clock.now(), ops })] })
    }
  }

  function executed(index: number, entry: FinalEntry | undefined): void {
    if (entry) {
      submissions.decided(entry)
      ours = Math.max(0, ours - 1)
    }
    pump()
    tell()
    const { base: from, commit } = core.peek()
    if (index - from.index > keep && index <= commit) {
      const info = encode([executor.heights.get(index) ?? chain.tip.height])
      driver.input({ type: 'compact', index, info })
      for (const each of executor.heights.keys()) if (each < index) executor.heights.delete(each)
    }
  }

  function stopped(fault: Fault, error?: unknown): void {
    chain.halt(fault)
    executor.stop()
    catchUp.stop()
    void driver.stop()
    submissions.failAll(stoppedBy(fault, error))
    tell()
  }

  function onMessage(from: PeerId, bytes: Uint8Array): void {
    if (chain.halted || closed) return
    if (!isEngineMessage(bytes)) {
      driver.input({ type: 'message', from, bytes })
      return
    }
    const parsed = parseEngineMessage(bytes)
    // Entries and snapshots prove themselves; all else is for members only.
    if (!parsed.ok || !members().includes(from)) return
    handle(from, parsed.message).catch((error: unknown) => {
      stopped({ code: 'consensus/storage-failed', message: String(error) }, error)
    })
  }

  async function handle(from: PeerId, m: EngineMessage): Promise<void> {
    switch (m.type) {
      case 'forward':
        if (core.peek().role === 'leader') submissions.take(from, m.ops)
        return
      case 'refused':
        if (from === leader()) submissions.refused(m.id, m.code)
        return
      case 'share':
        return executor.onShare(from, m)
      case 'receipts':
        return executor.onReceipts(m.receipts)
      case 'fetch':
        return catchUp.onFetch(from, m.height)
      case 'entries':
        return catchUp.onEntries(from, m.entries)
      case 'piece':
        return catchUp.onPiece(from, m)
    }
  }

  function tell(): void {
    for (const waiter of [...waiters]) waiter()
  }

  function assertOpen(): void {
    if (closed) throw failure('consensus/closed', 'the ledger engine is closed')
    if (!chain.halted) return
    throw new FederationError('consensus/halted', `the ledger stopped: ${chain.halted.message}`, {
      details: { fault: chain.halted.code },
    })
  }

  /** Waits for a condition that something in this engine makes true. */
  async function until(condition: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const look = () => {
      if (condition()) resolve()
      else if (closed || chain.halted) reject(noLeader('the engine stopped while waiting'))
    }
    const cancel = timers.after(PATIENCE * config.electionMs, () =>
      reject(noLeader('a majority could not be asked in time')),
    )
    waiters.add(look)
    look()
    try {
      await promise
    } finally {
      waiters.delete(look)
      cancel()
    }
  }

  async function readIndex(): Promise<number> {
    const end = clock.now() + PATIENCE * config.electionMs
    while (clock.now() < end) {
      assertOpen()
      const token = ++tokens
      const { promise, resolve } = Promise.withResolvers<number | undefined>()
      reads.set(token, { resolve, reject: () => resolve(undefined) })
      const cancel = timers.after(config.electionMs, () => resolve(undefined))
      driver.input({ type: 'read', token })
      const index = await promise
      cancel()
      reads.delete(token)
      if (index !== undefined) return index
      const pause = Promise.withResolvers<void>()
      timers.after(config.heartbeatMs, pause.resolve)
      await pause.promise
    }
    throw noLeader('no leader answered')
  }

  async function change(wanted: RaftChange): Promise<void> {
    assertOpen()
    await until(() => leader() !== undefined)
    if (leader() !== me) throw noLeader('ask the leader to change members', leader())
    await until(() => core.peek().settled && core.peek().membersIndex <= core.peek().commit)
    const { promise, reject } = Promise.withResolvers<never>()
    promise.catch(() => {})
    refusal = (fault) => reject(new FederationError(fault.code, fault.message))
    const before = core.peek().membersIndex
    driver.input({ type: 'change', change: wanted })
    const done = () => {
      const { membersIndex, commit } = core.peek()
      return membersIndex > before && membersIndex <= commit
    }
    await Promise.race([promise, until(done)])
  }

  async function reconfigure(wanted: MemberChange): Promise<Receipt> {
    assertOpen()
    if (wanted.kind === 'engine') {
      throw failure(
        'consensus/unsupported',
        'the state decides on another engine, by its next voters',
      )
    }
    const parsed = parsePeerId(wanted.peer)
    if (!parsed.ok) throw new FederationError(parsed.fault.code, parsed.fault.message)
    const { peer } = parsed
    if (wanted.kind === 'add') {
      // It catches up before its vote is needed for anything (thesis, 4.2.1).
      if (!core.peek().members.learners.includes(peer)) {
        await change({ kind: 'add', peer, as: 'learner' })
      }
      await until(() => (core.peek().matchOf(peer) ?? 0) >= core.peek().commit)
      await change({ kind: 'add', peer, as: 'voter' })
    } else {
      await change({ kind: 'remove', peer })
    }
    const { membersIndex } = core.peek()
    // An entry of its own, so that the change has a receipt.
    const { height } = chain.tip
    driver.input({ type: 'propose', data: [encodeBatch({ time: clock.now(), ops: [] })] })
    await until(() => chain.tip.height > height || core.peek().role !== 'leader')
    const { proof } = chain.tip
    if (!proof) throw noLeader('the lead was lost while the change was decided')
    return { id: `members-${membersIndex}`, height: chain.tip.height, outcome: { ok: true }, proof }
  }

  return {
    kind: 'raft',
    submit: async (op, options) => {
      assertOpen()
      return submissions.submit(op, options)
    },
    onFinal: (listener) => chain.onFinal(listener),
    readBarrier: async () => {
      const index = await readIndex()
      await until(() => executor.applied >= index)
      return chain.tip.height
    },
    reconfigure,
    addLearner: (peer) => change({ kind: 'add', peer, as: 'learner' }),
    status: () => ({
      ...chainStatus(
        chain,
        core.peek().role === 'leader' ? 'leader' : 'follower',
        submissions.waiting,
      ),
      kind: 'raft',
    }),
    get anchor() {
      return chain.epochs.anchor
    },
    epochLinks: () => [...chain.epochs.links],
    snapshot: async () => chain.snapshot(),
    install: async (snapshot) => {
      if (core.peek().base.index > 0) {
        throw failure('consensus/not-empty', 'a snapshot starts an empty log only')
      }
      await chain.install(snapshot)
      await beginAt(chain.tip.height)
      executor.rebase(executor.applied, chain.tip.height)
    },
    entries: (from, max) => chain.entries(from, max),
    entryAt: (height) => chain.entryAt(height),
    proveHistory: (height, under) => chain.proveHistory(height, under),
    peek: () => core.peek(),
    transfer: (to) => driver.input({ type: 'transfer', to }),
    close: async () => {
      if (closed) return
      closed = true
      submissions.failAll(failure('consensus/closed', 'the ledger engine is closed'))
      for (const end of endings) end()
      executor.stop()
      catchUp.stop()
      await driver.stop()
      tell()
    },
  }
}

function idsOf(data: Uint8Array): string[] {
  return parseBatch(data)?.ops.map(({ id }) => id) ?? []
}

/** What an engine says about a base: the height of the ledger there. */
function heightOf(info: Uint8Array): number | undefined {
  const decoded = info.length > 0 ? decode(info, { maxBytes: 64 }) : undefined
  const [height] = decoded?.ok && Array.isArray(decoded.value) ? decoded.value : []
  return Number.isSafeInteger(height) && height >= 0 ? height : undefined
}

function noLeader(message: string, leader?: PeerId): FederationError<RaftCode> {
  return new FederationError(
    'consensus-raft/no-leader',
    message,
    leader ? { details: { leader } } : {},
  )
}

function amnesia(): FederationError<RaftCode> {
  return new FederationError(
    'consensus-raft/amnesia',
    'this member has entries of the group and has forgotten its votes',
    { hint: 'remove it from the group, and add it again with an empty folder' },
  )
}
