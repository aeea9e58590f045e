/**
 * Many peers, one seeded clock, any fault.
 *
 * @example
 * ```ts
 * import { createSimulation } from '@folkmoot/simulator'
 *
 * const world = createSimulation({ seed: 7, keep: true })
 * world.add({ address: 'a', id: world.keyring.pair('a').peer, program })
 * world.start('a')
 * world.run(10_000)
 * console.log(world.trace.hash(), world.trace.lines())
 * ```
 *
 * @module
 */
export { createFederation, type Federation, type FederationInit } from './bft/federation.ts'
export {
  addTallies,
  type Campaign,
  type CampaignRun,
  type CampaignTally,
  emptyTally,
  type Property,
  propertyOf,
  type RunOptions,
  runSeeds,
  tooSlow,
} from './campaigns/campaign.ts'
export { type Catch, catches } from './campaigns/catches.ts'
export { campaignOf, campaigns } from './campaigns/index.ts'
export { type ClockInit, SIMULATION_EPOCH, type SimulatedClock } from './kernel/clock.ts'
export type { Disk, DiskOperation } from './kernel/disk.ts'
export { createEventQueue, type EventQueue } from './kernel/event-queue.ts'
export { createKeyring, type KeyPair, type Keyring } from './kernel/keyring.ts'
export type { Boot, Host, Machine, Program } from './kernel/machine.ts'
export { calmLink, type Filter, type LinkRule, type Network } from './kernel/network.ts'
export {
  type Boundary,
  type Latencies,
  type ProcessInit,
  type SimulatedProcess,
  usualLatencies,
} from './kernel/process.ts'
export { createRandom, type Random } from './kernel/random.ts'
export { createSimulation, type Simulation, type SimulationInit } from './kernel/simulation.ts'
export { createTrace, type Trace, type TraceEvent, type TraceInit } from './kernel/trace.ts'
export { type Crowd, type CrowdInit, createCrowd } from './membership/crowd.ts'
export { type CrowdFigures, falseDeaths, measureCrowd } from './membership/measure-crowd.ts'
