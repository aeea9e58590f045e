/** What a core may rely on: order, writes that share a sync, and silence after the end. */
import type { Millis, StoreOperation } from '@folkmoot/base'
import { type PeerId, peerIdOf } from '@folkmoot/identity'
import { expect, it, vi } from 'vitest'
import type { CoreEffect, CoreInput } from './core.ts'
import { createDriver } from './driver.ts'

type Own = { readonly type: 'did'; readonly what: string }
type Effects = readonly CoreEffect<Own>[]

const peer: PeerId = peerIdOf(new Uint8Array(32).fill(1))
const did = (what: string): Own => ({ type: 'did', what })
const put = (key: string): StoreOperation => ({ type: 'put', key, value: new Uint8Array() })
const persist = (key: string | undefined, ...then: Effects): CoreEffect<Own> => ({
  type: 'persist',
  operations: key === undefined ? [] : [put(key)],
  then,
})
/** Messages have one byte, which says which of the answers the core gives. */
const ask = (at: number) => ({ type: 'message', from: peer, bytes: Uint8Array.of(at) }) as const

/** A driver whose core answers a message by `answers`, and a timer by doing its name. */
function drive(answers: readonly (Effects | Error)[]) {
  const done: string[] = []
  const syncs: { readonly keys: string[]; end(error?: Error): void }[] = []
  const wall = { now: 1_000 }
  const armed = new Map<() => void, Millis>()
  const failed = vi.fn()
  const driver = createDriver<never, Own>({
    core: {
      step: (input: CoreInput<never>) => {
        if (input.type === 'timer') return [did(`${input.timer} at ${input.at}`)]
        const answer = input.type === 'message' ? answers[input.bytes[0]!]! : []
        if (answer instanceof Error) throw answer
        return answer
      },
    },
    database: {
      write: (operations) =>
        new Promise((resolve, reject) => {
          const keys = operations.flatMap((each) => (each.type === 'put' ? each.key : []))
          syncs.push({ keys, end: (error) => (error ? reject(error) : resolve()) })
        }),
    },
    network: { send: (to, message) => done.push(`send ${message[0]} to ${to === peer}`) },
    clock: { now: () => wall.now },
    timers: {
      after: (delayMs, callback) => {
        armed.set(callback, delayMs)
        return () => armed.delete(callback)
      },
      every: () => () => {},
    },
    perform: (effect) => {
      if (effect.type === 'did') done.push(effect.what)
      if (effect.type === 'did' && effect.what === 'asks') driver.input(ask(1))
    },
    failed,
  })
  return { driver, done, syncs, wall, armed, failed }
}

const send = (number: number): CoreEffect<Own> => ({
  type: 'send',
  to: [peer],
  message: Uint8Array.of(number),
})

it('sends what waits for the disk when the disk has it, in order, and the rest at once', async () => {
  const { driver, done, syncs } = drive([[persist('a', send(1)), send(2)]])
  driver.input(ask(0))
  expect(done).toEqual(['send 2 to true'])
  syncs[0]!.end()
  await vi.waitFor(() => expect(done).toEqual(['send 2 to true', 'send 1 to true']))
})

it('writes in one transaction what came while another was under way', async () => {
  const { driver, done, syncs } = drive([
    [persist('a', did('a'))],
    [persist('b', did('b')), persist(undefined, did('after b'))],
    [persist('c', did('c'))],
  ])
  for (const at of [0, 1, 2]) driver.input(ask(at))
  expect(syncs.map(({ keys }) => keys)).toEqual([['a']])
  syncs[0]!.end()
  await vi.waitFor(() => expect(syncs[1]?.keys).toEqual(['b', 'c']))
  expect(done).toEqual(['a'])
  syncs[1]!.end()
  await vi.waitFor(() => expect(done).toEqual(['a', 'b', 'after b', 'c']))
})

it('does at once what waits for nothing that is being written', () => {
  const { driver, done, syncs } = drive([[persist(undefined, did('now'))]])
  driver.input(ask(0))
  expect([done, syncs]).toEqual([['now'], []])
})

it('ends a step before it begins the one that an effect asked for', () => {
  const { driver, done } = drive([[did('asks'), did('first')], [did('second')]])
  driver.input(ask(0))
  expect(done).toEqual(['asks', 'first', 'second'])
})

it('neither sends nor writes after the disk failed, and says so once', async () => {
  const { driver, done, syncs, armed, failed } = drive([
    [persist('a', send(1)), { type: 'setTimer', timer: 'beat', at: 2_000 }],
    [persist('b', send(2)), send(3)],
  ])
  driver.input(ask(0))
  const full = new Error('no space left')
  syncs[0]!.end(full)
  await vi.waitFor(() => expect(failed).toHaveBeenCalledExactlyOnceWith(full))
  driver.input(ask(1))
  await driver.stop()
  expect([done, syncs.length, armed.size]).toEqual([[], 1, 0])
})

it('says that a write failed to who waits for it, after a stop too', async () => {
  const { driver, syncs, failed } = drive([[persist('a', send(1))]])
  driver.input(ask(0))
  const stopping = driver.stop()
  syncs[0]!.end(new Error('no space left'))
  await stopping
  expect(failed).toHaveBeenCalledOnce()
})

it('stops where the core throws, and never performs half a step after it', () => {
  const broken = new Error('a state that cannot be')
  const { driver, done, failed } = drive([broken, [did('more')]])
  driver.input(ask(0))
  driver.input(ask(1))
  expect(failed).toHaveBeenCalledExactlyOnceWith(broken)
  expect(done).toEqual([])
})

it('waits for the write under way when it is told to stop, and does nothing after it', async () => {
  const { driver, done, syncs } = drive([[persist('a', send(1))]])
  driver.input(ask(0))
  let isStopped = false
  const stopping = driver.stop().then(() => {
    isStopped = true
  })
  await Promise.resolve()
  expect(isStopped).toBe(false)
  syncs[0]!.end()
  await stopping
  expect(done).toEqual([])
})

it('counts a timer as due when it fires, whatever a clock that was set back says', () => {
  const { driver, done, wall, armed } = drive([
    [{ type: 'setTimer', timer: 'beat', at: 1_500 }],
    [{ type: 'setTimer', timer: 'beat', at: 1_800 }],
    [{ type: 'clearTimer', timer: 'beat' }],
  ])
  driver.input(ask(0))
  driver.input(ask(1))
  expect([...armed.values()]).toEqual([800])
  wall.now = 10
  const [fire] = armed.keys()
  armed.clear()
  fire!()
  expect(done).toEqual(['beat at 1800'])
  driver.input(ask(1))
  driver.input(ask(2))
  expect(armed.size).toBe(0)
})
