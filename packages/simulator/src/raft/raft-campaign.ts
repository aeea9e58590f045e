/**
 * Raft under loss, duplicates, partitions, crashes at any boundary, clocks that run wrong, and
 * members that come and go; then a calm in which it must work again.
 *
 * @module
 */
import {
  type RaftChange,
  type RaftOwnEffect,
  type RaftOwnInput,
  resolveRaftConfig,
} from '@folkmoot/consensus-raft'
import type { Campaign, CampaignRun, RunOptions } from '../campaigns/campaign.ts'
import { calmLink } from '../kernel/network.ts'
import { usualLatencies } from '../kernel/process.ts'
import { createRandom } from '../kernel/random.ts'
import { createSimulation } from '../kernel/simulation.ts'
import { isLinearizable } from '../linearizability/check.ts'
import { textMap } from '../linearizability/models.ts'
import { createRaftChecks } from './checks.ts'
import { createClients } from './clients.ts'
import { createRaftLosses } from './lose-disks.ts'
import { type RaftMachine, raftProgram } from './program.ts'

const names = ['a', 'b', 'c', 'd', 'e']
const rough = { loss: 0.05, duplicate: 0.05, minMs: 1, maxMs: 15, tail: 0.05, tailMs: 300 }
/** Disks so slow that a failure of the power meets writes that are not synced. */
const latencies = { ...usualLatencies, syncMs: [0.5, 60] } as const
/** Ends the trouble, in simulated ms. */
const TROUBLE_MS = 25_000
/** Within this long after it a write must succeed. */
const CALM_MS = 20_000
const config = resolveRaftConfig({ heartbeatMs: 50, electionMs: 300, rttMs: 30, maxInflight: 4 })

async function play(
  seed: number,
  { keep = false, mutant }: RunOptions,
  losesDisks: boolean,
): Promise<CampaignRun> {
  const checks = createRaftChecks()
  let calm = false
  const deaths = createRandom(seed).fork('when to die')
  const world = createSimulation<RaftOwnInput, RaftOwnEffect>({
    seed,
    link: rough,
    keep,
    // Most likely where a write is under way: that is where forgetting would show.
    dies: ({ before }) => !calm && deaths.chance(before === 'sync' ? 0.004 : 0.0006),
  })
  const random = world.random.fork('campaign')
  const peers = names.map((name) => world.keyring.pair(`${name} identity`).peer)
  const founders = { voters: peers.slice(0, 3).sort(), learners: [] }
  const clients = createClients(world, world.random.fork('clients'))
  const losses = losesDisks
    ? createRaftLosses(() => world, founders, world.random.fork('losses'))
    : undefined
  const program = raftProgram({
    config,
    founders,
    losses,
    compactAfter: random.pick([0, 10, 40]),
    mutant,
    watch: {
      wrong: checks.wrong,
      role(machine, { role, term, leader }) {
        if (role === 'leader') checks.leads(machine, leader!, term)
      },
      applied(machine, entry, write) {
        checks.applied(entry)
        losses?.applied(entry)
        clients.applied(machine, write)
      },
      readable: clients.readable,
    },
  })
  names.forEach((address, index) => {
    const clock = { driftPpm: random.between(-200, 200), offsetMs: random.between(-5_000, 5_000) }
    world.add({ address, id: peers[index]!, program, clock, latencies })
    world.start(address)
  })
  const machines = () =>
    [...world.processes.values()].flatMap(({ machine }) =>
      machine ? [machine as RaftMachine] : [],
    )

  const trouble = () => {
    if (calm) return
    world.events.after(random.between(100, 3_000), () => {
      if (calm) return
      checks.match(machines())
      const kind = random.below(5)
      if (kind === 0) world.partition(split(random.shuffled(names), random.between(1, 4)))
      else if (kind === 1) world.partition(undefined)
      else if (kind === 2) for (const each of world.processes.values()) each.crash('power')
      else changeMembers(random.pick(peers))
      if (losses && random.chance(0.4)) losses.strike()
      trouble()
    })
  }
  /** Lets go of whoever lost its disk, as a leader does that follows the ledger, and takes it in again. */
  const lookAfter = () => {
    world.events.after(random.between(200, 1_500), () => {
      for (const peer of losses?.barred ?? []) {
        losses?.seat(peer, false)
        tellLeaders({ kind: 'remove', peer })
      }
      lookAfter()
    })
  }
  const tellLeaders = (change: RaftChange) => {
    for (const process of world.processes.values()) {
      const machine = process.machine as RaftMachine | undefined
      if (machine?.core.peek().role === 'leader') process.input({ type: 'change', change })
    }
  }
  const changeMembers = (peer: (typeof peers)[number]) => {
    // While somebody has to be let go of, the leader changes nothing else.
    if (losses && losses.barred.size > 0) return
    for (const process of world.processes.values()) {
      const machine = process.machine as RaftMachine | undefined
      if (machine?.core.peek().role !== 'leader') continue
      const { members } = machine.core.peek()
      const change: RaftChange =
        members.voters.includes(peer) && members.voters.length > 2
          ? { kind: 'remove', peer }
          : { kind: 'add', peer, as: random.chance(0.5) ? 'learner' : 'voter' }
      if (random.chance(0.2)) process.input({ type: 'transfer', to: random.pick(peers) })
      else {
        losses?.seat(peer, change.kind === 'add')
        process.input({ type: 'change', change })
      }
    }
  }
  clients.start(5)
  trouble()
  if (losses) lookAfter()
  world.run(TROUBLE_MS)
  calm = true
  world.partition(undefined)
  world.network.setDefault(calmLink)
  for (const { up, address } of world.processes.values()) if (!up) world.start(address)
  const before = clients.answered
  const isWell = () => clients.answered > before + 20 && (losses?.barred.size ?? 0) === 0
  const recovered = world.run(TROUBLE_MS + CALM_MS, isWell)
  if (!recovered) checks.wrong('liveness', 'it does not work again in a calm')
  clients.stop()
  checks.match(machines())
  for (const { address, error } of world.failures) {
    checks.wrong('halt', `${address} threw: ${error}`)
  }
  if (!isLinearizable(textMap, clients.history)) {
    checks.wrong('linearizability', 'what clients saw is not linearizable')
  }
  return {
    hash: world.trace.hash(),
    violations: checks.violations,
    counts: {
      events: world.trace.length,
      crashes: world.crashes,
      committed: checks.committed,
      calls: clients.history.length,
      answered: clients.answered,
      ...(losses && { 'disks lost': losses.counts.lost, rejoined: losses.counts.rejoined }),
    },
    lines: world.trace.lines(),
  }
}

function split(shuffled: readonly string[], at: number): string[][] {
  return [shuffled.slice(0, at), shuffled.slice(at)]
}

export const raftCampaign: Campaign = {
  name: 'raft',
  title: 'Raft under loss, partitions, crashes and changing members; client histories linearizable',
  run: (seed, options = {}) => play(seed, options, false),
}

export const raftAmnesiaCampaign: Campaign = {
  name: 'raft-amnesia',
  title: 'Raft, members lose their disks, and come back only once the others have let go of them',
  run: (seed, options = {}) => play(seed, options, true),
}
