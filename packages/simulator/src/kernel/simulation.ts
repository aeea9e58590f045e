/**
 * A world of processes under one seed: their network, their crashes, their trace. Whatever goes
 * wrong in it is drawn from the seed, so the seed alone replays the run.
 *
 * @module
 */
import type { CoreEffect } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { Survives } from './disk.ts'
import { createEventQueue, type EventQueue } from './event-queue.ts'
import { createKeyring, type Keyring } from './keyring.ts'
import { createNetwork, type LinkRule, type Network } from './network.ts'
import { type Boundary, createProcess, type ProcessInit, type SimulatedProcess } from './process.ts'
import { createRandom, type Random } from './random.ts'
import { createTrace, type Trace, type TraceInit } from './trace.ts'

export interface SimulationInit extends TraceInit {
  readonly seed: number
  readonly link?: LinkRule
  /** Decides at every boundary between two effects; default never. */
  readonly dies?: (boundary: Boundary) => boolean
  /** How much of what was not synced outlives a crash, see `Disk.crash`; default by chance. */
  readonly survives?: Survives | undefined
  /** Time until a process that died starts again; undefined leaves it down. Default 200 to 2,000 ms. */
  readonly restartMs?: readonly [low: number, high: number] | undefined
  /** Sees every message as it is handed to the network. */
  readonly onSend?: (from: string, to: readonly PeerId[], message: Uint8Array) => void
  /** Sees every effect as it is about to happen. */
  readonly onEffect?: (address: string, effect: CoreEffect<unknown>) => void
  /** Events after which a run counts as endless; default 5 million. */
  readonly maxEvents?: number
}

export interface Simulation<Input, Effect> {
  readonly random: Random
  readonly network: Network
  readonly keyring: Keyring
  readonly trace: Trace
  readonly events: EventQueue
  readonly processes: ReadonlyMap<string, SimulatedProcess<Input, Effect>>
  /** What machines threw: each is a fault in a program. */
  readonly failures: readonly { readonly address: string; readonly error: unknown }[]
  readonly crashes: number
  add(init: ProcessInit<Input, Effect>): SimulatedProcess<Input, Effect>
  /** Starts a process and tells it and those it reaches that they are connected. */
  start(address: string): void
  /** Takes a process down for good. */
  kill(address: string): void
  /** Splits the network; undefined heals it, and whoever can talk again is told. */
  partition(groups: readonly (readonly string[])[] | undefined): void
  /** Runs until `untilMs`, or until `done`; false when time ran out first. */
  run(untilMs: number, done?: () => boolean): boolean
}

export function createSimulation<Input, Effect>(init: SimulationInit): Simulation<Input, Effect> {
  const { seed, dies = () => false, survives, onSend, onEffect, maxEvents = 5_000_000 } = init
  const restartMs = 'restartMs' in init ? init.restartMs : ([200, 2_000] as const)
  const random = createRandom(seed)
  const events = createEventQueue()
  const keyring = createKeyring()
  const trace = createTrace(init)
  const network = createNetwork(random.fork('network'), init.link)
  const restarts = random.fork('restarts')
  const greetings = random.fork('greetings')
  const processes = new Map<string, SimulatedProcess<Input, Effect>>()
  const byPeer = new Map<PeerId, string[]>()
  const killed = new Set<string>()
  const failures: { address: string; error: unknown }[] = []
  let crashes = 0
  let handled = 0

  const all = (kind: string, detail: string) =>
    trace.record({ at: events.now, node: '*', kind, detail })

  const deliver = (from: string, to: string, message: Uint8Array) => {
    const sender = processes.get(from)!
    const copies = network.deliveries(from, to, message)
    if (copies.length === 0) all('lost', `${from} → ${to}`)
    for (const delay of copies) {
      events.after(delay, () => {
        const receiver = processes.get(to)!
        if (!receiver.up) return
        receiver.input({ type: 'message', from: sender.id, bytes: message } as never)
      })
    }
  }

  /** Both ends learn of the link, not at the same moment. */
  const greet = (a: string, b: string) => {
    for (const [at, of] of [
      [a, b],
      [b, a],
    ] as const) {
      events.after(greetings.below(20_000) / 1_000, () => {
        const here = processes.get(at)!
        const there = processes.get(of)!
        if (!here.up || !there.up || !network.reachable(at, of)) return
        here.input({ type: 'connected', peer: there.id } as never)
      })
    }
  }

  return {
    random,
    network,
    keyring,
    trace,
    events,
    processes,
    failures,
    get crashes() {
      return crashes
    },
    add(process) {
      const added = createProcess<Input, Effect>(process, {
        events,
        random,
        trace,
        keyring,
        dies,
        ...(survives ? { survives } : {}),
        send(from, to, message) {
          onSend?.(from, to, message)
          for (const peer of to) {
            for (const address of byPeer.get(peer) ?? []) {
              if (address === from) continue
              trace.record({ at: events.now, node: from, kind: `> ${address}`, bytes: message })
              deliver(from, address, message)
            }
          }
        },
        died(address) {
          crashes += 1
          if (restartMs === undefined) return
          const [low, high] = restartMs
          events.after(restarts.between(low, high), () => start(address))
        },
        ...(onEffect ? { performed: onEffect } : {}),
        failed(address, error) {
          failures.push({ address, error })
        },
      })
      processes.set(process.address, added)
      byPeer.set(process.id, [...(byPeer.get(process.id) ?? []), process.address])
      return added
    },
    start,
    kill(address) {
      killed.add(address)
      processes.get(address)!.crash('for good')
    },
    partition(groups) {
      all('partition', groups?.map((group) => group.join(' ')).join(' | ') ?? 'healed')
      const addresses = [...processes.keys()]
      const pairs = addresses.flatMap((a, i) => addresses.slice(i + 1).map((b) => [a, b] as const))
      const apart = pairs.filter(([a, b]) => !network.reachable(a, b))
      network.partition(groups)
      for (const [a, b] of apart) if (network.reachable(a, b)) greet(a, b)
    },
    run(untilMs, done = () => false) {
      while (!done()) {
        if (!events.next(untilMs)) return done()
        handled += 1
        if (handled > maxEvents)
          throw new Error(`more than ${maxEvents} events: the run is endless`)
      }
      return true
    },
  }

  function start(address: string): void {
    if (killed.has(address)) return
    processes.get(address)!.start()
    for (const other of processes.keys()) if (other !== address) greet(address, other)
  }
}
