/**
 * A simulated federation under BFT: voters and candidates with their keys, clients that submit, and
 * the monitor that watches what honest members say and decide.
 *
 * @module
 */
import { utf8 } from '@folkmoot/codec'
import { makeVoterSet, type VoterSet } from '@folkmoot/consensus'
import { type CoreTiming, type VotingRules, voteKeyName } from '@folkmoot/consensus-bft'
import type { FederationId, PeerId } from '@folkmoot/identity'
import type { ClockInit } from '../kernel/clock.ts'
import type { KeyPair } from '../kernel/keyring.ts'
import type { Program } from '../kernel/machine.ts'
import type { Random } from '../kernel/random.ts'
import { createSimulation, type Simulation, type SimulationInit } from '../kernel/simulation.ts'
import { describeMessage } from './describe-message.ts'
import { createMonitor, type Losses, type Monitor } from './monitor.ts'
import {
  type VoterEffect,
  type VoterInit,
  type VoterInput,
  type VoterMachine,
  voter,
} from './voter.ts'

export type World = Simulation<VoterInput, VoterEffect>
export type VoterProgram = Program<VoterInput, VoterEffect>

/** SHA-256 of a charter that does not exist. */
export const INSTANCE = '5a'.repeat(32) as FederationId

export interface FederationInit extends Omit<SimulationInit, 'onSend' | 'describe'> {
  readonly voters: number
  /** Peers beyond the first voters, who may get seats. */
  readonly candidates?: number
  readonly timing?: Partial<CoreTiming>
  readonly rules?: Partial<VotingRules> | undefined
  readonly clock?: (index: number, random: Random) => ClockInit
  /** Addresses whose program a campaign replaces: they may lie. */
  readonly liars?: ReadonlyMap<number, (init: VoterInit) => VoterProgram>
  /** Indices of voters that run twice with one key. */
  readonly twins?: readonly number[]
  /** Leaders by view, as indices of voters; default all in turn. */
  readonly leaders?: readonly number[]
  /** Organisation of each first voter, none of which then has a third of the weight; default one each, of equal weight. */
  readonly orgs?: readonly string[]
  /** Who loses what it wrote, and what may come of it; default nobody. */
  readonly losses?: Losses
  /** Whether everyone registers a key for each next epoch; default true. */
  readonly wantsSeats?: boolean
}

export interface Federation {
  readonly world: World
  readonly monitor: Monitor
  readonly genesis: VoterSet
  /** All addresses; those of honest members. */
  readonly addresses: readonly string[]
  readonly honest: readonly string[]
  readonly peers: readonly PeerId[]
  /** How often it had to come to an end once its trouble was over, and how often within the promised time. */
  readonly endings: { all: number; inTime: number }
  /** The machine at an address; undefined while it is down. */
  at(address: string): VoterMachine | undefined
  /** Submits a text at one address, and again there and elsewhere until it is final. */
  submit(address: string, text: string): string
  /** Whether every honest member that is up has this operation in its log. */
  isFinalEverywhere(id: string): boolean
  /** Starts everyone. */
  start(): void
}

/** Labels have the same keys in every world, and checking those of a set takes longer than a short run. */
const firstSets = new Map<string, VoterSet>()

function firstSet(
  peers: readonly PeerId[],
  keys: readonly KeyPair[],
  orgs: readonly string[] = peers,
): VoterSet {
  const name = orgs.join(' ')
  const known = firstSets.get(name)
  if (known !== undefined) return known
  const voters = peers.map((peer, index) => {
    return { peer, voteKey: keys[index]!.publicKey, org: orgs[index]! }
  })
  const made = makeVoterSet({ epoch: 1, voters, crossOrg: orgs !== peers })
  if (!made.ok) throw new Error(made.fault.message)
  firstSets.set(name, made.set)
  return made.set
}

/** Simulated ms between two tries of a client. */
const CLIENT_MS = 4_000

export function createFederation(init: FederationInit): Federation {
  const { voters, candidates = 0, liars = new Map(), twins = [] } = init
  const size = voters + candidates
  const submitted = new Map<string, Uint8Array>()
  const world: World = createSimulation<VoterInput, VoterEffect>({
    ...init,
    describe: describeMessage,
    onSend: (from, _to, message) => monitor.sent(from, message),
  })
  const { keyring, random, events } = world

  // Seats ascend by peer id, so addresses are handed out in that order.
  const labels = Array.from({ length: size }, (_, index) => `member ${index}`)
  const ordered = (from: readonly string[]) =>
    [...from].sort((a, b) => (keyring.pair(a).peer < keyring.pair(b).peer ? -1 : 1))
  const members = [...ordered(labels.slice(0, voters)), ...ordered(labels.slice(voters))]
  const peers = members.map((label) => keyring.pair(label).peer)
  const firstKeys = members.map((label) => keyring.pair(`${label}, first vote key`))
  const first = firstSet(peers.slice(0, voters), firstKeys, init.orgs)
  const genesis: VoterSet = init.leaders ? { ...first, leaders: init.leaders } : first

  const honestPeers = peers.filter((_, index) => !liars.has(index) && !twins.includes(index))
  const monitor = createMonitor({
    world,
    instance: INSTANCE,
    genesis,
    honest: new Set(honestPeers),
    ...(init.losses ? { losses: init.losses } : {}),
  })
  const voterInit: VoterInit = {
    instance: INSTANCE,
    genesis,
    peers,
    timing: init.timing ?? {},
    ...(init.rules ? { rules: init.rules } : {}),
    listener: monitor,
    wantsSeat: init.wantsSeats ?? true,
  }

  const addresses: string[] = []
  const honest: string[] = []
  const add = (address: string, index: number) => {
    const program = liars.get(index)?.(voterInit) ?? voter(voterInit)
    const clock = init.clock?.(index, random.fork(`clock ${address}`)) ?? {}
    const { disk } = world.add({ address, id: peers[index]!, program, clock })
    if (index < voters) disk.addKey(voteKeyName(1), firstKeys[index]!)
    addresses.push(address)
    if (honestPeers.includes(peers[index]!)) honest.push(address)
  }
  peers.forEach((_, index) => {
    add(`v${index}`, index)
    if (twins.includes(index)) add(`v${index}'`, index)
  })

  const at = (address: string) => world.processes.get(address)?.machine as VoterMachine | undefined
  const isFinalEverywhere = (id: string) =>
    honest.every((address) => at(address)?.chain.state.ids.has(id) ?? true)

  function attempt(address: string, id: string): void {
    const bytes = submitted.get(id)!
    if (monitor.isFinal(id)) return
    world.processes.get(address)!.input({ type: 'submit', operation: { id, bytes } })
    const next = random.pick(honest)
    events.after(CLIENT_MS, () => attempt(next, id))
  }

  return {
    world,
    monitor,
    genesis,
    addresses,
    honest,
    peers,
    endings: { all: 0, inTime: 0 },
    at,
    isFinalEverywhere,
    submit(address, text) {
      const id = `${submitted.size + 1}-${text.split(' ')[0]}`
      submitted.set(id, utf8(text))
      attempt(address, id)
      return id
    },
    start() {
      for (const address of addresses) world.start(address)
    },
  }
}
