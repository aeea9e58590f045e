/** The timers of a member, on a machine whose clock is set. */
import { type Millis, memoryStore, type Timers } from '@folkmoot/base'
import { createDriver } from '@folkmoot/consensus'
import { expect, it } from 'vitest'
import { resolveRaftConfig } from '../config.ts'
import { createRaftCore } from '../core/core.ts'
import { member, members } from '../core/drive.ts'

const hour: Millis = 3_600_000

/** A driver over a clock that tests set, and timers that they let pass. */
async function drive(founders: number) {
  const wall = { now: 1_700_000_000_000 }
  const armed = new Map<() => void, Millis>()
  const timers: Pick<Timers, 'after'> = {
    after: (delayMs, callback) => {
      armed.set(callback, delayMs)
      return () => armed.delete(callback)
    },
  }
  const core = createRaftCore(
    { config: resolveRaftConfig(), me: member(1), founders: members(founders) },
    undefined,
  )
  const store = memoryStore()
  const driver = createDriver({
    core,
    database: {
      write: (operations) => store.write(operations.filter((o) => o.type !== 'delete-key')),
    },
    network: { send: () => {} },
    clock: { now: () => wall.now },
    timers: { ...timers, every: () => () => {} },
    perform: (effect) => {
      if (effect.type === 'stored') driver.input(effect)
    },
    failed: (cause) => {
      throw cause
    },
  })
  driver.input({ type: 'start' })
  /** Lets the timer that ends first end, and answers how long it took. */
  const pass = async (): Promise<Millis> => {
    await new Promise((resolve) => setImmediate(resolve))
    const [first] = [...armed].sort(([, a], [, b]) => a - b)
    const [callback, delayMs] = first!
    armed.delete(callback)
    wall.now += delayMs
    callback()
    return delayMs
  }
  await new Promise((resolve) => setImmediate(resolve))
  return { core, wall, pass }
}

it('beats on as a leader after the clock was set back by an hour', async () => {
  const { core, wall, pass } = await drive(1)
  expect(core.peek().role).toBe('leader')
  const usual = await pass()
  wall.now -= hour
  await pass()
  for (let i = 0; i < 5; i++) expect(await pass()).toBeLessThanOrEqual(usual)
})

it('stands for election in time after the clock was set back by an hour', async () => {
  const { wall, pass } = await drive(3)
  const { electionMs } = resolveRaftConfig()
  await pass()
  wall.now -= hour
  for (let i = 0; i < 5; i++) expect(await pass()).toBeLessThanOrEqual(3 * electionMs)
})
