import type { Timers } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { testSigner } from '@folkmoot/identity/test-keys'
import { expect, it } from 'vitest'
import { createForwarding } from './forwarding.ts'
import { type ForwardedOperation, parseOperations } from './operations-message.ts'

const me = testSigner(1).peer
const other = testSigner(2).peer

/** Runs what is due next by hand. */
function handTimers() {
  let due: (() => void)[] = []
  const timers: Timers = {
    after: (_, callback) => {
      due.push(callback)
      return () => {
        due = due.filter((each) => each !== callback)
      }
    },
    every: () => () => {},
  }
  const fire = () => {
    for (const callback of due.splice(0)) callback()
  }
  return { timers, fire }
}

function setUp(operations: readonly ForwardedOperation[]) {
  const { timers, fire } = handTimers()
  const sent: { to: PeerId; ids: string[]; urgency: string | undefined }[] = []
  let waiting = operations
  const forwarding = createForwarding({
    me,
    timers,
    deltaMs: 100,
    network: {
      send: (to, message, urgency) => {
        sent.push({ to, ids: parseOperations(message)!.map(({ id }) => id), urgency })
      },
      publish: () => {},
      onMessage: () => () => {},
      onConnected: () => () => {},
      connected: () => [other],
    },
    leaders: () => [other],
    voters: () => [me, other],
    waiting: () => waiting,
  })
  for (const operation of operations) forwarding.forward(operation)
  const turn = async () => {
    sent.length = 0
    await Promise.resolve()
    fire()
    await Promise.resolve()
    return sent.flatMap(({ ids }) => ids)
  }
  const final = (...ids: readonly string[]) => {
    waiting = waiting.filter(({ id }) => !ids.includes(id))
  }
  return { forwarding, sent, turn, final }
}

const large = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    id: `op-${i}`,
    bytes: new Uint8Array(250 * 1024),
    deadlineMs: undefined,
  }))

it('passes a megabyte on at a time, oldest first, and what comes after it the next time', async () => {
  const operations = large(10)
  const { forwarding, sent, turn, final } = setUp(operations)
  await Promise.resolve()
  const first = sent.flatMap(({ ids }) => ids)
  expect(first).toEqual(['op-0', 'op-1', 'op-2', 'op-3'])
  expect(sent.every(({ urgency, to }) => urgency === 'repeated' && to === other)).toBe(true)
  const told = new Set(first)
  // The timer of what was submitted together, and the one of what is repeated, both fire by hand.
  for (let round = 0; round < 5; round++) {
    const ids = await turn()
    expect(ids.length).toBeLessThanOrEqual(8)
    for (const id of ids) told.add(id)
  }
  expect(told.size).toBe(10)
  final(...operations.slice(0, 8).map(({ id }) => id))
  expect(await turn()).toEqual(['op-8', 'op-9'])
  expect(await turn()).toEqual(['op-8', 'op-9'])
  final('op-8', 'op-9')
  expect(await turn()).toEqual([])
  forwarding.stop()
})

it('repeats in turn what nobody takes, so that it holds up nothing', async () => {
  const { forwarding, turn } = setUp(large(7))
  // Two turns have passed all of it on at first; from then on it is only repeated.
  for (let round = 0; round < 6; round++) await turn()
  const rounds = [await turn(), await turn()].map((ids) => ids.join(' '))
  expect(rounds.toSorted()).toEqual(['op-0 op-1 op-2 op-3', 'op-4 op-5 op-6'])
  forwarding.stop()
})
