/**
 * Trouble for a while, and then its end: partitions, crashes, clocks that sleep and jump, clients
 * that go on submitting. All drawn from the seed.
 *
 * @module
 */
import type { LinkRule } from '../kernel/network.ts'
import type { Random } from '../kernel/random.ts'
import type { Federation } from './federation.ts'

export interface Chaos {
  /** Simulated ms of it. */
  readonly lastsMs: number
  /** Probability of dying at each boundary between two effects. */
  readonly deaths: number
  readonly partitions: boolean
  /** Laptops that sleep, clocks that jump. */
  readonly sleeps: boolean
  /** Mean ms between two submissions. */
  readonly submitEveryMs: number
  /** Operations of clients; default texts, one in ten refused. */
  readonly operation?: (random: Random, count: number) => string
}

/** Between 0 and 20 % loss, with copies and stragglers; delays stay below half of Δ. */
export function roughLink(random: Random, worst = 0.2): LinkRule {
  return {
    loss: random.pick([0, 0.02, 0.1, worst]),
    duplicate: random.pick([0, 0.05, 0.2]),
    minMs: random.pick([1, 5, 20]),
    maxMs: random.pick([20, 50, 100]),
    tail: random.pick([0, 0.01, 0.1]),
    tailMs: random.pick([200, 2_000, 10_000]),
  }
}

/** Mean simulated ms between two reads. */
const READ_MS = 600

/** Switched by chaos, read by the simulation's `dies`. */
export interface Dying {
  chance: number
}

/** Runs the federation through the trouble; when this returns, it has ended and everyone is up. */
export function unleash(
  { world, honest, addresses, submit }: Federation,
  chaos: Chaos,
  dying: Dying,
): void {
  const random = world.random.fork('chaos')
  const { events } = world
  const end = events.now + chaos.lastsMs
  const every = (meanMs: number, what: () => void) => {
    const again = () => {
      const wait = random.between(meanMs / 4, meanMs * 2)
      if (events.now + wait > end) return
      events.after(wait, () => {
        what()
        again()
      })
    }
    again()
  }
  let count = 0
  const text = chaos.operation ?? ((from: Random) => (from.chance(0.1) ? 'no thanks' : 'say hello'))
  every(chaos.submitEveryMs, () => {
    count += 1
    submit(random.pick(honest), text(random, count))
  })
  // Whatever a reader is told covers what anybody had decided when it asked.
  every(READ_MS, () => world.processes.get(random.pick(honest))!.input({ type: 'barrier-asked' }))
  if (chaos.partitions) {
    every(2_500, () => {
      if (random.chance(0.4)) return world.partition(undefined)
      const mixed = random.shuffled(addresses)
      const at = random.between(1, mixed.length - 1)
      world.partition([mixed.slice(0, at), mixed.slice(at)])
    })
  }
  if (chaos.sleeps) {
    every(3_000, () => {
      const process = world.processes.get(random.pick(addresses))!
      if (random.chance(0.5)) return process.clock.jump(random.between(-20_000, 20_000))
      process.sleep()
      events.after(random.between(50, 4_000), () => process.wake())
    })
  }
  dying.chance = chaos.deaths
  world.run(end)
  dying.chance = 0
  // Until the last sleeper is awake and the last dead is up again.
  world.run(end + 4_500)
}
