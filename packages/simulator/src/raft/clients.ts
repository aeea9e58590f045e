/**
 * Clients that write and read, one call after another, and remember what they saw.
 *
 * @module
 */
import type { Random } from '../kernel/random.ts'
import type { Operation } from '../linearizability/history.ts'
import type { MapInput } from '../linearizability/models.ts'
import { encodeWrite, type RaftMachine, type RaftWorld, type Write } from './program.ts'

type Call = { -readonly [K in keyof Operation<MapInput, string>]: Operation<MapInput, string>[K] }

export interface Clients {
  readonly history: readonly Operation<MapInput, string>[]
  readonly answered: number
  start(count: number): void
  stop(): void
  applied(machine: RaftMachine, write: Write | undefined): void
  readable(machine: RaftMachine, token: number, index: number | undefined): void
}

const KEYS = ['a', 'b', 'c']
/** A client that heard nothing for so long asks something else, somewhere else. */
const PATIENCE_MS = 3_000

export function createClients(world: RaftWorld, random: Random): Clients {
  const history: Call[] = []
  const open = new Map<string, { call: Call; at: RaftMachine; done: () => void }>()
  const reads = new Map<number, { call: Call; at: RaftMachine; done: () => void; index?: number }>()
  let tokens = 0
  let answered = 0
  let running = true

  const answer = (call: Call, output: string, done: () => void) => {
    if (call.output !== undefined) return
    call.output = output
    call.answer = Math.min(call.answer, world.events.now)
    answered += 1
    done()
  }

  const next = (name: string) => {
    if (!running) return
    const waits = random.between(1, 60)
    world.events.after(waits, () => {
      const up = [...world.processes.values()].filter((each) => each.machine !== undefined)
      if (up.length === 0 || !running) return next(name)
      const looks = random.chance(0.4)
      // A write goes to whoever believes that it leads; a read to anybody, who may know less than it thinks.
      const leaders = up.filter(
        ({ machine }) => (machine as RaftMachine).core.peek().role === 'leader',
      )
      if (!looks && leaders.length === 0) return next(name)
      const process = random.pick(looks && random.chance(0.3) ? up : leaders.length ? leaders : up)
      const machine = process.machine as RaftMachine
      const key = random.pick(KEYS)
      let over = false
      const done = () => {
        if (!over) next(name)
        over = true
      }
      tokens += 1
      const common = { output: undefined, call: world.events.now, answer: Number.POSITIVE_INFINITY }
      if (looks) {
        const call: Call = { input: { f: 'get', key }, ...common }
        history.push(call)
        reads.set(tokens, { call, at: machine, done })
        process.input({ type: 'read', token: tokens })
      } else {
        const f = random.chance(0.3) ? 'put' : 'append'
        const write: Write = { id: `${name}-${tokens}`, f, key, value: `${tokens},` }
        const call: Call = { input: { f, key, value: write.value! }, ...common }
        history.push(call)
        open.set(write.id, { call, at: machine, done })
        process.input({ type: 'propose', data: [encodeWrite(write)] })
      }
      world.events.after(PATIENCE_MS, done)
    })
  }

  return {
    get history() {
      // What was never answered nor applied changed nothing that anybody could see.
      return history.filter(({ answer: at }) => at !== Number.POSITIVE_INFINITY)
    },
    get answered() {
      return answered
    },
    start(count) {
      for (let i = 0; i < count; i += 1) next(`client ${i}`)
    },
    stop() {
      running = false
    },
    applied(machine, write) {
      const waiting = write && open.get(write.id)
      // Whatever the client heard: from here on no read may miss it.
      if (waiting) waiting.call.answer = Math.min(waiting.call.answer, world.events.now)
      // Only the member that was asked answers; it may have been restarted since.
      if (waiting?.at === machine) answer(waiting.call, '', waiting.done)
      for (const each of reads.values()) tryRead(machine, each)
    },
    readable(machine, token, index) {
      const each = reads.get(token)
      if (each === undefined) return
      if (index === undefined) {
        reads.delete(token)
        each.done()
        return
      }
      each.index = index
      tryRead(machine, each)
    },
  }

  function tryRead(
    machine: RaftMachine,
    each: { call: Call; at: RaftMachine; done: () => void; index?: number },
  ): void {
    if (each.at !== machine || each.index === undefined || machine.applied < each.index) return
    answer(each.call, machine.get(each.call.input.key), each.done)
  }
}
