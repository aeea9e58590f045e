import { toHex } from '@folkmoot/codec'
import type { PeerId } from '@folkmoot/identity'
import { expect, test } from 'vitest'
import { promises, readPromise } from '../campaigns/promises.ts'
import { createClock, SIMULATION_EPOCH } from './clock.ts'
import { createDisk } from './disk.ts'
import { createKeyring } from './keyring.ts'
import { createNetwork } from './network.ts'
import { createRandom } from './random.ts'
import { createSimulation, type SimulationInit } from './simulation.ts'

const rough = { loss: 0.2, duplicate: 0.2, minMs: 1, maxMs: 40, tail: 0.1, tailMs: 500 }

interface Run {
  readonly seed?: number
  readonly careless?: boolean
  readonly count?: number
  readonly init?: Partial<SimulationInit>
}

/** Three processes that make promises; answers what was sent and whether any was broken. */
function run({ seed = 1, careless = false, count = 5, init = {} }: Run = {}) {
  const said = new Map<string, string>()
  const broken: string[] = []
  const world = createSimulation<{ type: 'never' }, never>({
    seed,
    link: rough,
    ...init,
    onSend(from, _to, message) {
      const { number, words } = readPromise(message)
      const name = `${from} ${number}`
      if ((said.get(name) ?? words) !== words) broken.push(name)
      said.set(name, words)
    },
  })
  const peers = ['a', 'b', 'c'].map((name) => world.keyring.pair(`${name} identity`).peer)
  const heard: { from: PeerId; number: number }[] = []
  ;['a', 'b', 'c'].forEach((address, index) => {
    const program = promises({ peers, count, careless }, heard)
    const added = world.add({ address, id: peers[index]!, program })
    added.disk.addKey('key', world.keyring.pair(`${address} identity`))
    world.start(address)
  })
  world.run(60_000)
  return { world, said, broken, heard }
}

test('a seed replays byte for byte, and another seed is another run', () => {
  const trace = (seed: number) => run({ seed, init: { keep: true } }).world.trace
  expect(trace(7).hash()).toBe(trace(7).hash())
  expect(trace(7).lines()).toEqual(trace(7).lines())
  expect(trace(7).hash()).not.toBe(trace(8).hash())
})

test('keeping lines for a person changes nothing about a run', () => {
  const kept = run({ init: { keep: true } }).world.trace
  expect(kept.hash()).toBe(run().world.trace.hash())
  expect(kept.lines().length).toBe(kept.length)
})

test('a signature is accepted from its own key alone, for its own purpose and bytes', () => {
  const ring = createKeyring()
  const [a, b] = [ring.pair('a'), ring.pair('b')]
  const bytes = new Uint8Array([1, 2, 3])
  const signature = a.sign('entry', bytes)
  const item = { signer: a.peer, purpose: 'entry', signature, bytes } as const
  expect(ring.verify(item)).toBe(true)
  expect(ring.verify({ ...item, signer: b.peer })).toBe(false)
  expect(ring.verify({ ...item, purpose: 'log' })).toBe(false)
  expect(ring.verify({ ...item, bytes: new Uint8Array([1, 2, 4]) })).toBe(false)
  expect(toHex(createKeyring().pair('a').sign('entry', bytes))).toBe(toHex(signature))
})

test('every process hears promises in spite of loss, and only true ones', () => {
  const { said, heard, broken } = run()
  expect(broken).toEqual([])
  expect(said.size).toBe(15)
  expect(heard.length).toBeGreaterThan(15)
})

test('a crash at any boundary between two effects breaks no promise', () => {
  for (const seed of [1, 2, 3]) {
    const { boundaries } = run({ seed, count: 2 }).world.processes.get('a')!
    expect(boundaries).toBeGreaterThan(10)
    for (let number = 1; number <= boundaries; number += 1) {
      const dies = (at: { address: string; number: number }) =>
        at.address === 'a' && at.number === number
      const { world, said, broken } = run({ seed, count: 2, init: { dies } })
      expect({ number, seed, broken, crashes: world.crashes }).toEqual({
        number,
        seed,
        broken: [],
        crashes: 1,
      })
      expect(said.size).toBe(6)
    }
  }
})

test('sending before the sync is caught by a crash at some boundary', () => {
  const deaths = createRandom(5)
  let caught = 0
  for (let seed = 1; seed <= 20; seed += 1) {
    caught += run({ seed, careless: true, init: { dies: () => deaths.chance(0.02) } }).broken.length
  }
  expect(caught).toBeGreaterThan(0)
})

test('a partition stops messages, and healing it tells both sides that they are connected', () => {
  const network = createNetwork(createRandom(1))
  network.partition([['a'], ['b', 'c']])
  const message = new Uint8Array(1)
  expect(network.deliveries('a', 'b', message)).toEqual([])
  expect(network.deliveries('b', 'c', message)).toHaveLength(1)
  const { world } = run({ init: { keep: true } })
  world.partition([['a'], ['b', 'c']])
  const before = world.trace.length
  world.partition(undefined)
  world.run(world.events.now + 1_000)
  const greeted = world.trace
    .lines()
    .slice(before)
    .filter((line) => line.includes('< connected'))
    .map((line) => line.trim().split(/\s+/)[1])
  expect(greeted.sort()).toEqual(['a', 'a', 'b', 'c'])
})

test('a link rule of one direction leaves the other alone', () => {
  const network = createNetwork(createRandom(1))
  network.setLink('a', 'b', { ...rough, loss: 1 })
  expect(network.deliveries('a', 'b', new Uint8Array(1))).toEqual([])
  expect(network.deliveries('b', 'a', new Uint8Array(1))).toHaveLength(1)
})

test('a process that sleeps does nothing, and hears afterwards what it missed', () => {
  const { world } = run({ init: { keep: true } })
  const a = world.processes.get('a')!
  a.sleep()
  const before = world.trace.length
  a.input({ type: 'timer', timer: 'next' })
  expect(world.trace.length).toBe(before)
  a.wake()
  expect(world.trace.lines().slice(before).join('\n')).toContain('< timer')
})

test('a clock drifts and jumps, also back', () => {
  const clock = createClock({ offsetMs: 1_000, driftPpm: 100 })
  expect(clock.read(10_000)).toBe(SIMULATION_EPOCH + 11_001)
  expect(clock.elapse(1_000.1)).toBeCloseTo(1_000)
  clock.jump(-5_000)
  expect(clock.read(20_000)).toBe(SIMULATION_EPOCH + 16_002)
})

test('what a machine reads never goes back, and its timers go off all the same', () => {
  const { world } = run({ count: 2 })
  const a = world.processes.get('a')!
  const seen: number[] = []
  const handle = a.machine!.handle
  a.machine!.handle = (input) => {
    if ('at' in input) seen.push(input.at)
    return handle(input)
  }
  a.input({ type: 'connected', peer: a.id })
  a.clock.jump(-30_000)
  a.input({ type: 'connected', peer: a.id })
  expect(seen[1]).toBe(seen[0])
})

test('a torn last record of the log is dropped, wherever it tore', () => {
  const record = new Uint8Array([1, 2, 3, 4])
  for (let kept = 0; kept <= 24; kept += 1) {
    const disk = createDisk()
    disk.complete(disk.append(new Uint8Array([0])))
    disk.append(record)
    disk.append(record)
    disk.crash((what, most) => {
      expect(what === 'writes' || most === 24).toBe(true)
      return what === 'writes' ? most : kept
    })
    expect(disk.log.length).toBe(1 + Math.floor(kept / 12))
  }
})

test('unsynced writes are lost or kept in order, each whole; a synced one is kept', () => {
  const put = (key: string) => ({ type: 'put', key, value: new Uint8Array() }) as const
  for (let kept = 0; kept <= 2; kept += 1) {
    const disk = createDisk()
    const first = disk.write([put('1')])
    disk.write([put('2a'), put('2b')])
    disk.write([put('3')])
    disk.complete(first)
    disk.crash((what) => (what === 'writes' ? kept : 0))
    expect([...disk.durable.keys()]).toEqual(['1', '2a', '2b', '3'].slice(0, [1, 3, 4][kept]))
  }
})

test('random streams of one seed do not disturb one another', () => {
  const first = createRandom(9)
  const alone = first.fork('crashes').uint32()
  const second = createRandom(9)
  second.uint32()
  second.fork('network').uint32()
  expect(second.fork('crashes').uint32()).toBe(alone)
  const draws = Array.from({ length: 1_000 }, () => first.between(1, 6))
  expect(new Set(draws)).toEqual(new Set([1, 2, 3, 4, 5, 6]))
})
