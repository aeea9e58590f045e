/**
 * Where schedules are played: four voters that begin idle, and a network and a power supply that do
 * as the script says. What random trouble hardly ever meets happens here every time.
 *
 * @module
 */
import { parseProposal, type Vote, type VoteKind } from '@folkmoot/consensus'
import { type Message, parseMessage } from '@folkmoot/consensus-bft'
import { conclude, expectProgress } from '../bft/ending.ts'
import { createFederation, type Federation, type FederationInit } from '../bft/federation.ts'
import { broken, type CampaignRun, type Property } from '../campaigns/campaign.ts'
import { calmLink } from '../kernel/network.ts'
import type { Boundary } from '../kernel/process.ts'
import { createRandom } from '../kernel/random.ts'

const DELTA_MS = 250
/** Longest wait for what a script needs to happen. */
const PATIENCE_MS = 20_000

/** One message on one link. */
export interface Said {
  readonly from: string
  readonly to: string
  /** Undefined for an operation that is passed on. */
  readonly message: Message | undefined
}

export type Passes = (said: Said) => boolean

export interface Stage {
  readonly federation: Federation
  /** From now on only this gets through; default everything. */
  pass(passes?: Passes): void
  /** From now on a process dies where this says so; default nowhere. */
  dies(when?: (boundary: Boundary) => boolean): void
  submit(address: string): string
  /** Tells one that it can talk to another now. */
  introduce(address: string, to: string): void
  /** Time passes. */
  run(ms: number): void
  /** Runs until something has happened; it is a violation where it does not. */
  until(what: string, done: () => boolean): void
  /** A voter must have stopped for good by now, and is switched off. */
  stopped(address: string): void
  /** Whether a voter was heard to say this, on any link. */
  said(address: string, kind: VoteKind, view: number): boolean
  /** Whether somebody sent such a message. */
  sent(address: string, type: Message['type']): boolean
  /** Something that must never be is. */
  wrong(...what: Parameters<typeof broken>): void
}

export interface Schedule {
  /** The mutant that it is there to catch. */
  readonly mutant: string
  /** What is broken with the rule. */
  readonly breaks: Property
  readonly init?: Partial<FederationInit>
  play(stage: Stage): void
}

/** Plays a schedule; afterwards everything gets through, and agreement must go on. */
export function play(
  { init, play: script }: Schedule,
  options: Pick<FederationInit, 'seed' | 'rules'> & { readonly keep: boolean },
): CampaignRun {
  const random = createRandom(options.seed).fork('schedule')
  let dying: (boundary: Boundary) => boolean = () => false
  const federation = createFederation({
    voters: 4,
    timing: { deltaMs: DELTA_MS, heartbeatMs: 60_000 },
    link: { ...calmLink, maxMs: random.pick([4, 8, 12]) },
    restartMs: [100, 300],
    wantsSeats: false,
    ...init,
    ...options,
    dies: (boundary) => dying(boundary),
  })
  const { world, monitor } = federation
  const votes = new Set<string>()
  const types = new Set<string>()
  const stopped: string[] = []
  let passes: Passes = () => true

  world.network.setFilter((from, to, bytes) => {
    const parsed = parseMessage(bytes)
    const message = parsed.ok ? parsed.message : undefined
    const seat = federation.addresses.indexOf(from)
    for (const vote of message ? votesIn(message) : []) {
      if (vote.voter === seat) votes.add(`${from} ${vote.kind} ${vote.view}`)
    }
    if (message) types.add(`${from} ${message.type}`)
    return passes({ from, to, message })
  })

  const stage: Stage = {
    federation,
    pass: (only = () => true) => {
      passes = only
    },
    dies: (when = () => false) => {
      dying = when
    },
    submit: (address) => federation.submit(address, 'say hello'),
    introduce(address, to) {
      const { id: peer } = world.processes.get(to)!
      world.processes.get(address)!.input({ type: 'connected', peer })
    },
    run: (ms) => {
      world.run(world.events.now + ms)
    },
    until(what, done) {
      if (world.run(world.events.now + PATIENCE_MS, done)) return
      stage.wrong('schedule', `it never came to this: ${what}`)
    },
    stopped(address) {
      const halt = monitor.halts.find((each) => each.startsWith(`${address}: `))
      if (halt === undefined) stage.wrong('schedule', `${address} goes on`)
      else stopped.push(broken('halt', halt))
      world.kill(address)
    },
    said: (address, kind, view) => votes.has(`${address} ${kind} ${view}`),
    sent: (address, type) => types.has(`${address} ${type}`),
    wrong: (...what) => {
      monitor.violations.push(broken(...what))
    },
  }

  federation.start()
  stage.until('everybody votes', () =>
    federation.honest.every((address) => federation.at(address)?.view().isVoting === true),
  )
  script(stage)
  stage.pass()
  stage.dies()
  // Whoever can talk again is told, as after any partition.
  world.partition(federation.addresses.map((address) => [address]))
  world.partition(undefined)
  if (monitor.violations.length + monitor.forks.length === 0) {
    expectProgress(federation, { deltaMs: DELTA_MS, because: 'after the schedule' })
  }
  const ended = conclude(federation)
  return { ...ended, violations: ended.violations.filter((each) => !stopped.includes(each)) }
}

function votesIn(message: Message): readonly Vote[] {
  if (message.type === 'vote') return [message.vote]
  return message.type === 'proposal' && message.vote ? [message.vote] : []
}

/** The view that a message is about, where it is a vote or a block sent on its own. */
export function viewOf(message: Message | undefined): number | undefined {
  if (message?.type === 'vote') return message.vote.view
  if (message?.type !== 'proposal') return undefined
  const parsed = parseProposal(message.proposal)
  return parsed.ok ? parsed.proposal.parsed.bft.view : undefined
}

export const isVote =
  (kind: VoteKind): Passes =>
  ({ message }) =>
    message?.type === 'vote' && message.vote.kind === kind

export const isA =
  (...types: readonly Message['type'][]): Passes =>
  ({ message }) =>
    message !== undefined && types.includes(message.type)
