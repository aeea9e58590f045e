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
  errorCode,
  errorMessage,
  type Fault,
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
  type EngineEffect,
  type EngineStatus,
  type EpochLink,
  engineClosed,
  type FinalEntry,
  type FinalityAnchor,
  type Height,
  type HistoryProof,
  type ReplicatedLog,
} from '@folkmoot/consensus'
import type { Checker, PeerId, Signer } from '@folkmoot/identity'
import { type RaftConfigInit, resolveRaftConfig } from '../config.ts'
import { createRaftCore } from '../core/core.ts'
import type { RaftOwnEffect, RaftView } from '../core/effects.ts'
import { encodeBatch, parseBatch } from './batch.ts'
import { createCatchUp } from './catch-up.ts'
import { type EngineMessage, encodeEngineMessage } from './engine-message.ts'
import { Executor } from './executor.ts'
import { formerMembers, isLevel, mayChange, nextStep, readNext } from './keep-members.ts'
import { createMemberMessages } from './member-messages.ts'
import { beginAt, heightOf, infoOf, openGroup, peersOf } from './open-group.ts'
import { createReceiptSigner } from './receipt-signer.ts'
import { failure, Submissions, stoppedBy } from './submissions.ts'
import { createWaits, DEPOSED_PATIENCE, PATIENCE } from './wait-for.ts'

export interface RaftLogInit {
  /** From the charter. The voters of the first epoch under Raft found the group. */
  readonly facts: CharterFacts
  /** This member's own key; receipts are signed with the vote key of its seat, where it has one. */
  readonly signer: Signer
  readonly checker: Checker
  /** In its initial state: the stored log is replayed into it. */
  readonly application: Application
  /** Term, vote, vote keys and the Raft log. */
  readonly database: ConsensusDatabase
  /** Final entries. */
  readonly log: AppendLog
  readonly network: ConsensusNetwork
  readonly clock: Clock
  readonly timers: Timers
  readonly config?: RaftConfigInit
  readonly logger?: Logger
  /** A chain that another engine released, in place of opening `log`. */
  readonly chain?: Chain
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
  /** Proof that two histories were decided; set once that has been seen, and nothing is done since. */
  readonly evidence: Uint8Array | undefined
  /** Takes proof of a fork from somebody else; where it holds, this member keeps it and stops for good. */
  acceptFork(evidence: Uint8Array): Promise<Verdict<{ height: Height }>>
  /** What the core says of itself. */
  peek(): RaftView
  /** Hands the lead over where this member has it and another one is up to date. */
  transfer(to: PeerId): void
  /** Stops; the append log and the database stay open. */
  close(): Promise<void>
  /** Closes and hands the chain over, to the engine that follows. */
  release(): Promise<Chain>
}

/** Entries of the leader that are not committed yet; more wait and share the next entry. */
const PIPELINE = 2
const DEFAULT_KEEP = 8_192

/**
 * Opens a member over its database and its log; or a peer that follows the group until the ledger
 * gives it a seat.
 *
 * @throws FederationError `consensus/corrupt-log`, `consensus-raft/corrupt-state`, `consensus-raft/amnesia`
 */
export async function createRaftLog(init: RaftLogInit): Promise<RaftLog> {
  const { application, checker, clock, database, facts, network, timers } = init
  const logger = init.logger ?? silentLogger
  const config = resolveRaftConfig(init.config)
  const keep = init.keepEntries ?? DEFAULT_KEEP
  const me = init.signer.peer
  const chain =
    init.chain ?? (await Chain.open({ facts, checker, application, log: init.log, logger }))
  const nextSet = application.nextSet()
  const { founders, disk } = await openGroup({ chain, database, signer: init.signer, nextSet })
  const core = createRaftCore({ config, me, founders }, disk)
  const { base } = core.peek()
  let ours = 0
  /** Index of the entry that opened this member's term as the leader. */
  let opened = 0
  /** The term that this member leads in. */
  let ledTerm: number | undefined
  /** Index of the epoch's end that is on its way. */
  let turning: number | undefined
  let closed = false

  const leader = (): PeerId | undefined => core.peek().leader ?? undefined
  const members = () => [...core.peek().members.voters, ...core.peek().members.learners]
  const others = (peers: readonly (PeerId | undefined)[]) =>
    [...new Set(peers)].filter((peer) => peer !== undefined && peer !== me) as PeerId[]
  const current = () => peersOf(chain.epochs.setOf(chain.epochs.current))
  const next = () => readNext(executor.nextSet(), chain.epochs.current)
  /** Operations are passed on again by themselves, so they must not push out what the core says. */
  const send = (to: PeerId, message: EngineMessage) =>
    network.send(
      to,
      encodeEngineMessage(message),
      message.type === 'forward' ? 'repeated' : undefined,
    )
  const waits = createWaits({
    clock,
    timers,
    config,
    isOver: () => closed || chain.halted !== undefined,
    read: (token) => driver.input({ type: 'read', token }),
    assertOpen,
  })
  const submissions = new Submissions({
    chain,
    application,
    clock,
    me,
    leader,
    send,
    maxWaiting: init.maxWaiting ?? DEFAULT_MAX_WAITING,
    maxWaitingBytes: init.maxWaitingBytes ?? DEFAULT_MAX_WAITING_BYTES,
    patienceMs: PATIENCE * config.electionMs,
    deposedMs: DEPOSED_PATIENCE * config.electionMs,
    wake: pump,
  })
  const executor = new Executor({
    chain,
    application,
    me,
    signer: createReceiptSigner(database, init.signer),
    checker,
    logger,
    baseHeight: heightOf(base.info),
    baseIndex: base.index,
    leader,
    members,
    logged: (index) => core.entry(index),
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
    perform,
    failed: (cause) => {
      const code = errorCode(cause, 'consensus/storage-failed')
      stopped({ code, message: errorMessage(cause) }, cause)
    },
  })
  const catchUp = createCatchUp({
    chain,
    timers,
    retryMs: config.electionMs,
    hearsLeader: () => leader() !== undefined && members().includes(me),
    whom: () => others([leader(), ...members(), ...current(), ...network.connected()]),
    members: () => others([...members(), ...current()]),
    aside: (action) => executor.aside(action),
    send,
    stopped,
  })
  const hear = createMemberMessages({
    catchUp,
    executor,
    submissions,
    isOne,
    leads: () => core.peek().role === 'leader',
    leader,
    core: (from, bytes) => driver.input({ type: 'message', from, bytes }),
    stopped,
    logger,
  })
  const endings = [
    chain.onFinal((entry) => submissions.decided(entry)),
    network.onMessage((from, bytes) => {
      if (!chain.halted && !closed) hear(from, bytes)
    }),
    network.onConnected((peer) => driver.input({ type: 'connected', peer })),
    // Whatever was lost on the way is said again.
    timers.every(config.heartbeatMs * 2, () => {
      executor.repeat()
      keepMembers()
      waits.tell()
    }),
    timers.every(config.electionMs, () => submissions.again()),
  ]
  // What has proof of a fork in its log votes no more.
  if (chain.halted) stopped(chain.halted)
  else driver.input({ type: 'start' })

  function perform(effect: EngineEffect<RaftOwnEffect>): void {
    switch (effect.type) {
      case 'committed':
        executor.add(effect.entries)
        break
      case 'tail':
        executor.look()
        break
      case 'role':
        onRole(effect)
        break
      case 'restore': {
        const height = heightOf(effect.base.info)
        catchUp.start(height, effect.from, () => {
          void executor
            .rebase(effect.base.index, height)
            .then(() => driver.input({ type: 'restored', base: effect.base }))
        })
        break
      }
      case 'readable':
        waits.readable(effect.token, effect.index)
        break
      case 'unreadable':
        waits.readable(effect.token, undefined)
        break
      case 'changeRefused':
        // Asked for again as long as the ledger wants it.
        logger.log('debug', 'members were not changed', { code: effect.fault.code })
        break
      case 'misbehaved':
        logger.log('warn', 'a member sent no message', { code: effect.fault.code })
        break
      case 'halted':
        stopped(effect.fault)
        break
      case 'stored':
        driver.input(effect)
        break
      case 'sign':
      case 'verify':
        // A member neither signs nor checks what it says: the channel says who speaks.
        break
    }
    waits.tell()
  }

  function onRole({ role, leader, term }: Extract<RaftOwnEffect, { type: 'role' }>): void {
    // Left without a newer term: nobody else asked for the lead, a majority was not heard.
    const isDeposed = ledTerm === term && leader === null
    ledTerm = undefined
    if (role === 'leader') {
      opened = core.peek().lastIndex
      ledTerm = term
      submissions.lead(core.pending(executor.applied).flatMap(idsOf))
    } else {
      submissions.yield(isDeposed)
    }
    ours = 0
    turning = undefined
    executor.repeat()
    // Not within the step that brought the leader.
    void Promise.resolve().then(() => submissions.again())
  }

  function standing() {
    const view = core.peek()
    return {
      me,
      members: view.members,
      current: current(),
      next: next(),
      isLevel: (peer: PeerId) => isLevel(view, peer),
    }
  }

  /** As the leader that knows the whole ledger: whether it may take it further. */
  function leads(): boolean {
    const { role, settled } = core.peek()
    return role === 'leader' && settled && executor.applied >= opened && !chain.halted && !closed
  }

  function keepMembers(): void {
    if (!leads() || !mayChange(core.peek()) || turning !== undefined) return
    const step = nextStep(standing())
    if (step?.type === 'change') driver.input({ type: 'change', change: step.change })
    if (step?.type !== 'turn') return
    turning = core.peek().lastIndex + 1
    propose(step.hash)
  }

  /** Proposes what waits, as long as few entries are under way. */
  function pump(): void {
    if (!leads() || formerMembers(standing()).length > 0) return
    while (submissions.queued > 0 && ours < PIPELINE) if (!propose()) return
  }

  /** One more entry; false where there is nothing to say. */
  function propose(turn: Uint8Array | null = null): boolean {
    const ops = submissions.batch()
    if (ops.length === 0 && turn === null) return false
    ours += 1
    driver.input({ type: 'propose', data: [encodeBatch({ time: clock.now(), ops, turn })] })
    return true
  }

  function executed(index: number, entry: FinalEntry | undefined): void {
    if (entry) ours = Math.max(0, ours - 1)
    if (turning !== undefined && index >= turning) turning = undefined
    keepMembers()
    pump()
    waits.tell()
    const { base: from, commit } = core.peek()
    if (index - from.index > keep && index <= commit) {
      const info = infoOf(executor.heights.get(index) ?? chain.tip.height)
      driver.input({ type: 'compact', index, info })
      for (const each of executor.heights.keys()) if (each < index) executor.heights.delete(each)
    }
  }

  function stopped(fault: Fault, error?: unknown): void {
    chain.halt(fault)
    void executor.stop()
    catchUp.stop()
    void driver.stop()
    submissions.failAll(stoppedBy(fault, error))
    waits.tell()
  }

  /** Whoever the log or the ledger names; a member may have come after the entries that are here. */
  function isOne(peer: PeerId): boolean {
    const known = [members(), core.peek().leaving, current(), next()?.peers ?? []]
    return known.some((peers) => peers.includes(peer))
  }

  function assertOpen(): void {
    if (closed) throw engineClosed()
    assertNotHalted(chain)
  }

  function status(): EngineStatus {
    const role = core.peek().role === 'leader' ? 'leader' : 'follower'
    return {
      ...chainStatus(chain, role, submissions.waiting),
      kind: 'raft',
      stalled: stalled(),
    }
  }

  async function acceptFork(evidence: Uint8Array): Promise<Verdict<{ height: Height }>> {
    try {
      return await executor.aside(() => chain.acceptFork(evidence))
    } finally {
      // Where the proof could not be written down as well.
      if (chain.halted) stopped(chain.halted)
    }
  }

  function stalled(): string | undefined {
    if (leader() === undefined) return 'nobody leads: a majority of the voters is away'
    return catchUp.isStuck()
      ? 'the members that answered no longer have the entries that this one lacks'
      : undefined
  }

  async function close(): Promise<void> {
    if (closed) return
    closed = true
    submissions.failAll(engineClosed())
    for (const end of endings) end()
    catchUp.stop()
    await driver.stop()
    await executor.stop()
    waits.tell()
  }

  return {
    kind: 'raft',
    submit: async (op, options) => {
      assertOpen()
      return submissions.submit(op, options)
    },
    onFinal: (listener) => chain.onFinal(listener),
    readBarrier: async () => {
      const index = await waits.readIndex()
      await waits.until(() => executor.applied >= index)
      return chain.tip.height
    },
    reconfigure: async () => {
      throw failure('consensus/unsupported', 'members follow the voters that the state decides')
    },
    status,
    get anchor() {
      return chain.epochs.anchor
    },
    epochLinks: () => [...chain.epochs.links],
    snapshot: () => executor.aside(async () => chain.snapshot()),
    install: async (snapshot) => {
      if (core.peek().base.index > 0) {
        throw failure('consensus/not-empty', 'a snapshot starts an empty log only')
      }
      await executor.aside(() => chain.install(snapshot))
      await beginAt(database, founders, chain.tip.height)
      await executor.rebase(executor.applied, chain.tip.height)
    },
    entries: (from, max) => chain.entries(from, max),
    entryAt: (height) => chain.entryAt(height),
    proveHistory: (height, under) => chain.proveHistory(height, under),
    get evidence() {
      return chain.evidence
    },
    acceptFork,
    peek: () => core.peek(),
    transfer: (to) => driver.input({ type: 'transfer', to }),
    close,
    release: async () => {
      await close()
      return chain
    },
  }
}

function idsOf(data: Uint8Array): string[] {
  return parseBatch(data)?.ops.map(({ id }) => id) ?? []
}
