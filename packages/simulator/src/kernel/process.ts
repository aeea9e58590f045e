/**
 * One process: boots a program from its disk, performs its effects in order, and can die between
 * any two of them. The driver of every core, in the simulator's world.
 *
 * @module
 */
import { equalBytes } from '@folkmoot/codec'
import type { CoreEffect, CoreInput, Unstamped } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { ClockInit, SimulatedClock } from './clock.ts'
import { createClock } from './clock.ts'
import { createDisk, type Disk, type Survives } from './disk.ts'
import type { EventQueue } from './event-queue.ts'
import type { Keyring } from './keyring.ts'
import type { Host, Machine, Program } from './machine.ts'
import type { Random } from './random.ts'
import type { Trace } from './trace.ts'

/** How long the parts of a machine take, in simulated ms: each draws from 0 or its least upward. */
export interface Latencies {
  /** From handing a write over to its being durable. */
  readonly syncMs: readonly [low: number, high: number]
  readonly signMs: readonly [low: number, high: number]
  readonly verifyMs: readonly [low: number, high: number]
}

export const usualLatencies: Latencies = {
  syncMs: [0.1, 4],
  signMs: [0.05, 0.5],
  verifyMs: [0.1, 2],
}

/** Where a process may die: after the effect `before`, counted from its first start. */
export interface Boundary {
  readonly address: string
  /** Counts on over restarts. */
  readonly number: number
  /** The effect that has not happened yet, `synced` before what waited for a sync, or `end`. */
  readonly before: string
}

export interface ProcessInit<Input, Effect> {
  readonly address: string
  readonly id: PeerId
  readonly program: Program<Input, Effect>
  readonly clock?: ClockInit
  readonly latencies?: Latencies
}

export interface Surroundings<Effect> {
  readonly events: EventQueue
  readonly random: Random
  readonly trace: Trace
  readonly keyring: Keyring
  send(from: string, to: readonly PeerId[], message: Uint8Array): void
  /** Whether the process dies here. */
  dies(boundary: Boundary): boolean
  readonly survives?: Survives
  /** The process is down; the simulation decides when it returns. */
  died(address: string): void
  /** A machine threw: a fault of the program, which the simulation reports. */
  failed(address: string, error: unknown): void
  performed?(address: string, effect: CoreEffect<Effect>): void
}

export interface SimulatedProcess<Input, Effect> {
  readonly address: string
  readonly id: PeerId
  readonly disk: Disk
  readonly clock: SimulatedClock
  readonly up: boolean
  readonly boundaries: number
  readonly life: number
  /** The running machine, for checks; undefined while down. */
  readonly machine: Machine<Input, Effect> | undefined
  start(): void
  crash(why: string): void
  /** Nothing runs until `wake`; what arrives waits. */
  sleep(): void
  wake(): void
  input(input: Unstamped<CoreInput<Input>>): void
}

/** More than a sleeping laptop's sockets hold; the rest is lost. */
const MAX_WAITING = 512

export function createProcess<Input, Effect>(
  init: ProcessInit<Input, Effect>,
  around: Surroundings<Effect>,
): SimulatedProcess<Input, Effect> {
  const { address, id, program, latencies = usualLatencies } = init
  const { events, trace, keyring } = around
  const random = around.random.fork(`process ${address}`)
  const chance = random.fork('machine')
  const deaths = random.fork('deaths')
  const clock = createClock(init.clock)
  const disk = createDisk()
  const timers = new Map<string, () => void>()
  const permitted = new Map<string, Uint8Array>()
  let machine: Machine<Input, Effect> | undefined
  let life = 0
  let boundaries = 0
  let asleep = false
  let waiting: Unstamped<CoreInput<Input>>[] = []
  let syncedAt = 0
  let newest = 0

  const note = (kind: string, detail?: string, bytes?: Uint8Array) =>
    trace.record({
      at: events.now,
      node: address,
      kind,
      ...(detail === undefined ? {} : { detail }),
      ...(bytes === undefined ? {} : { bytes }),
    })
  const lasts = ([low, high]: readonly [number, number]) =>
    random.between(Math.floor(low * 1_000), Math.floor(high * 1_000)) / 1_000

  /** As every driver does: never back, for as long as the process lives. */
  const readClock = () => {
    newest = Math.max(newest, clock.read(events.now))
    return newest
  }

  /** True when the process has died at this boundary. */
  const diesBefore = (before: string): boolean => {
    boundaries += 1
    if (!around.dies({ address, number: boundaries, before })) return false
    crash(`before ${before}`)
    return true
  }

  /** Runs later in this life only. */
  const later = (delayMs: number, action: () => void) => {
    const born = life
    return events.after(delayMs, () => {
      if (life === born && machine !== undefined) action()
    })
  }

  const synced = (ticket: number, then: () => void) => {
    // One device: a write never overtakes another.
    syncedAt = Math.max(syncedAt, events.now + lasts(latencies.syncMs))
    later(syncedAt - events.now, () => {
      if (diesBefore('sync')) return
      disk.complete(ticket)
      if (diesBefore('synced')) return
      then()
    })
  }

  const perform = (effects: readonly CoreEffect<Effect>[]) => {
    const born = life
    for (const effect of effects) {
      const { type } = effect as { type: string }
      if (diesBefore(type)) return
      performOne(effect)
      if (life !== born || machine === undefined) return
    }
    if (effects.length > 0) diesBefore('end')
  }

  const performOne = (effect: CoreEffect<Effect>) => {
    around.performed?.(address, effect)
    const known = effect as CoreEffect<never>
    switch (known.type) {
      case 'persist': {
        const { then } = effect as { readonly then: readonly CoreEffect<Effect>[] }
        note('persist', known.operations.map(describeOperation).join(' '))
        synced(disk.write(known.operations), () => perform(then))
        return
      }
      case 'send':
        around.send(address, known.to, known.message)
        return
      case 'setTimer': {
        timers.get(known.timer)?.()
        const wait = clock.elapse(known.at - readClock())
        note('timer', `${known.timer} in ${Math.round(wait)} ms`)
        const cancel = later(wait, () => {
          timers.delete(known.timer)
          // It counts as due, whatever a clock that was set back says.
          newest = Math.max(newest, known.at)
          input({ type: 'timer', timer: known.timer } as Unstamped<CoreInput<Input>>)
        })
        timers.set(known.timer, cancel)
        return
      }
      case 'clearTimer':
        timers.get(known.timer)?.()
        timers.delete(known.timer)
        return
      case 'sign': {
        const { key, purpose, bytes, token } = known
        note('sign', `${purpose} with ${key}`, bytes)
        later(lasts(latencies.signMs), () => {
          const pair = permittedKey(key)
          if (pair === undefined) note('no key', key)
          // What a driver answers for a key that is gone.
          const signature = pair?.sign(purpose, bytes) ?? new Uint8Array()
          input({ type: 'signed', token, signature } as Unstamped<CoreInput<Input>>)
        })
        return
      }
      case 'verify': {
        const { items, token } = known
        later(lasts(latencies.verifyMs), () => {
          const ok = items.map((item) => keyring.verify(item))
          input({ type: 'verified', token, ok } as Unstamped<CoreInput<Input>>)
        })
        return
      }
      default:
        machine?.perform(effect as Effect)
    }
  }

  const permittedKey = (name: string) => {
    const pair = disk.keys.get(name)
    const expected = permitted.get(name)
    return pair && (!expected || equalBytes(pair.publicKey, expected)) ? pair : undefined
  }

  const input = (given: Unstamped<CoreInput<Input>>) => {
    if (machine === undefined) return
    if (asleep) {
      if (waiting.length < MAX_WAITING) waiting.push(given)
      return
    }
    const { type } = given as { type: string }
    const told = given as { from?: string; bytes?: Uint8Array; timer?: string }
    note(`< ${type}`, told.timer, type === 'message' ? told.bytes : undefined)
    guard(() => {
      const stamped = { ...given, at: readClock() } as CoreInput<Input>
      perform(machine?.handle(stamped) ?? [])
    })
  }

  const guard = (step: () => void) => {
    try {
      step()
    } catch (error) {
      note('threw', error instanceof Error ? error.message : String(error))
      around.failed(address, error)
    }
  }

  const host: Host<Input> = {
    id,
    address,
    now: readClock,
    reply: (given, delayMs = 0) => {
      later(delayMs, () => input(given))
    },
    send: (to, message) => {
      if (machine !== undefined) around.send(address, to, message)
    },
    key(name) {
      const known = disk.keys.get(name)
      if (known !== undefined) return known
      // Twins are one member: what both would make at the same time is one key.
      const pair = keyring.pair(`${id}/${name}/${life}`)
      disk.addKey(name, pair)
      return pair
    },
    permit: (name, publicKey) => {
      permitted.set(name, publicKey)
    },
    append: (record, done) => synced(disk.append(record), done ?? (() => {})),
    random: chance,
    note: (text) => note('note', text),
  }

  const crash = (why: string) => {
    if (machine === undefined) return
    note('crash', why)
    machine = undefined
    asleep = false
    waiting = []
    for (const cancel of timers.values()) cancel()
    timers.clear()
    permitted.clear()
    disk.crash(around.survives ?? ((_what, most) => deaths.below(most + 1)))
    around.died(address)
  }

  return {
    address,
    id,
    disk,
    clock,
    get up() {
      return machine !== undefined
    },
    get boundaries() {
      return boundaries
    },
    get life() {
      return life
    },
    get machine() {
      return machine
    },
    start() {
      if (machine !== undefined) return
      life += 1
      syncedAt = events.now
      newest = 0
      const at = readClock()
      note('start', `life ${life}`)
      guard(() => {
        const { durable, log, keys } = disk
        machine = program.boot({ id, address, disk: durable, log, keys, at, life, host })
        perform(machine.start(at))
      })
    },
    crash,
    sleep() {
      asleep = true
      note('sleep')
    },
    wake() {
      asleep = false
      note('wake')
      const missed = waiting
      waiting = []
      // Timers first or messages first: the host decides, not the core.
      for (const each of random.chance(0.5) ? missed : random.shuffled(missed)) input(each)
    },
    input,
  }
}

function describeOperation(operation: { type: string; key?: string; name?: string }): string {
  const sign = operation.type === 'put' ? '+' : '−'
  return `${sign}${operation.key ?? operation.name}`
}
