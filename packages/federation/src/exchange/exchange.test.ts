import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCable } from '../../test/cable.ts'
import { blobs, echo, gate, openToMembers } from '../../test/capabilities.ts'
import type { Peer } from '../peer.ts'

const blob = new Uint8Array(100_000).fill(7)
/** Bytes that a sender may have on the way unhandled. */
const windowBytes = 1024 * 1024

describe('calls between two peers', () => {
  let federation: LoopbackFederation
  let ann: Peer
  beforeAll(async () => {
    federation = await startLoopbackFederation()
    ann = await federation.join()
  })
  afterAll(() => federation.stop())
  const relay = () => federation.founder()

  it('answer, many at once, each to its own', async () => {
    relay().exchange.expose({
      capability: echo(),
      exposure: openToMembers,
      handler: async (output) => ({ ok: true, output }),
    })
    const words = Array.from({ length: 200 }, (_, at) => `word ${at}`)
    const answers = await Promise.all(words.map((word) => ann.call(relay().me, echo(), word)))
    expect(answers.map((answer) => answer.ok && answer.output)).toEqual(words)
  })

  it('may go both ways on one session', async () => {
    ann.exchange.expose({
      capability: echo({ name: 'test.back' }),
      exposure: openToMembers,
      handler: async (output) => ({ ok: true, output: output.toUpperCase() }),
    })
    expect(await relay().call(ann.me, echo({ name: 'test.back' }), 'hello')).toEqual({
      ok: true,
      output: 'HELLO',
    })
  })

  it('bring an answer that is not as declared to nobody', async () => {
    const liar = echo({ name: 'test.liar' })
    relay().exchange.expose({
      capability: liar,
      exposure: openToMembers,
      handler: async () => ({ ok: true, output: 42 as unknown as string }),
    })
    // The caller hears that, and nothing of what was blocked.
    expect(await ann.call(relay().me, liar, 'hello', { deadlineMs: 30_000 })).toEqual({
      ok: false,
      fault: { code: 'guard/undeclared', message: 'the answer was held back' },
    })
  })

  it('end at once when an answer arrives that this side blocks', async () => {
    const wide = echo({ name: 'test.wide' })
    relay().exchange.expose({
      capability: wide,
      exposure: openToMembers,
      handler: async () => ({ ok: true, output: 'x'.repeat(50) }),
    })
    const narrow = { ...wide, output: v.pipe(v.string(), v.maxLength(10)) }
    const answer = await ann.call(relay().me, narrow, 'hello', { deadlineMs: 600_000 })
    expect(answer.ok).toBe(false)
  })

  it('end at their deadline on both sides', async () => {
    let aborted: unknown = null
    const slow = echo({ name: 'test.slow' })
    relay().exchange.expose({
      capability: slow,
      exposure: openToMembers,
      handler: (output, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            aborted = (signal.reason as Error).cause
            resolve({ ok: true, output })
          })
        }),
    })
    const answer = await ann.call(relay().me, slow, 'hello', { deadlineMs: 400 })
    expect(answer).toMatchObject({ ok: false, fault: { code: 'calls/deadline' } })
    await waitUntil('the handler hears of it', () => aborted !== null)
    expect(aborted).toMatchObject({ code: 'calls/deadline' })
  })

  it('are cancelled all the way to the handler', async () => {
    const { opened, open } = gate()
    let aborted: unknown = null
    const long = echo({ name: 'test.long' })
    relay().exchange.expose({
      capability: long,
      exposure: openToMembers,
      handler: (output, { signal }) =>
        new Promise((resolve) => {
          open()
          signal.addEventListener('abort', () => {
            aborted = (signal.reason as Error).cause
            resolve({ ok: true, output })
          })
        }),
    })
    const controller = new AbortController()
    const call = ann.call(relay().me, long, 'hello', {
      deadlineMs: 60_000,
      signal: controller.signal,
    })
    await opened
    controller.abort()
    expect(await call).toMatchObject({ ok: false, fault: { code: 'calls/cancelled' } })
    await waitUntil('the handler hears of it', () => aborted !== null)
    expect(aborted).toMatchObject({ code: 'calls/cancelled' })
  })

  it('are not sent when they were cancelled before', async () => {
    const answer = await ann.call(relay().me, echo(), 'hello', { signal: AbortSignal.abort() })
    expect(answer).toMatchObject({ ok: false, fault: { code: 'calls/cancelled' } })
  })

  it('stream at the pace of whoever reads', async () => {
    const total = 60
    let written = 0
    relay().exchange.expose({
      capability: blobs(),
      exposure: openToMembers,
      stream: async function* (count) {
        for (let at = 0; at < count; at++) {
          written += 1
          yield blob
        }
      },
    })
    const stream = ann.exchange.stream(relay().me, blobs(), total, { deadlineMs: 120_000 })
    const reader = stream[Symbol.asyncIterator]()
    expect((await reader.next()).value).toEqual(blob)
    await waitUntil('the window is used', () => written >= 10)
    // Nobody reads on: what was written stays within the window, one item that waits included.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(written * blob.length).toBeLessThanOrEqual(windowBytes + 2 * blob.length)
    let read = 1
    for (let next = await reader.next(); next.done !== true; next = await reader.next()) read += 1
    expect(read).toBe(total)
    expect(written).toBe(total)
    expect((await stream.outcome).ok).toBe(true)
  })

  it('stop a stream when its reader has had enough', async () => {
    let ended: unknown = null
    relay().exchange.expose({
      capability: blobs('test.endless'),
      exposure: openToMembers,
      stream: async function* (_, { signal }) {
        try {
          for (;;) yield blob
        } finally {
          ended = signal.aborted
        }
      },
    })
    const stream = ann.exchange.stream(relay().me, blobs('test.endless'), 0, { deadlineMs: 60_000 })
    let read = 0
    for await (const _ of stream) if (++read === 15) break
    await waitUntil('the source is closed', () => ended !== null)
    expect(ended).toBe(true)
    expect(await stream.outcome).toMatchObject({ ok: false, fault: { code: 'calls/cancelled' } })
  })

  it('say in a stream that its source failed, after the items before', async () => {
    relay().exchange.expose({
      capability: blobs('test.broken'),
      exposure: openToMembers,
      stream: async function* () {
        yield blob
        yield blob
        throw new Error('the source broke')
      },
    })
    const stream = ann.exchange.stream(relay().me, blobs('test.broken'), 0)
    let read = 0
    for await (const _ of stream) read += 1
    expect(read).toBe(2)
    expect(await stream.outcome).toMatchObject({
      ok: false,
      fault: { message: 'the source broke' },
    })
  })

  it('end on both sides when the link is lost', async () => {
    const [address] = federation.relays().filter((each) => !each.includes('/ws'))
    const cable = await startCable(address!)
    const bob = await federation.join({ relays: [cable.address] })
    const { opened, open } = gate()
    let aborted: unknown = null
    const held = echo({ name: 'test.held' })
    relay().exchange.expose({
      capability: held,
      exposure: openToMembers,
      handler: (output, { signal }) =>
        new Promise((resolve) => {
          open()
          signal.addEventListener('abort', () => {
            aborted = (signal.reason as Error).cause
            resolve({ ok: true, output })
          })
        }),
    })
    const call = bob.call(relay().me, held, 'hello', { deadlineMs: 60_000 })
    await opened
    cable.cut()
    expect(await call).toMatchObject({ ok: false, fault: { code: 'calls/lost' } })
    await waitUntil('the handler hears of it', () => aborted !== null)
    expect(aborted).toMatchObject({ message: 'the link was lost during the call' })
    // The next call finds its way again.
    expect(await bob.call(relay().me, echo(), 'again', { deadlineMs: 30_000 })).toMatchObject({
      ok: true,
    })
    await cable.stop()
  })

  it('end when the other side stops', async () => {
    const bob = await federation.join()
    const { opened, open } = gate()
    const waiting = echo({ name: 'test.waiting' })
    bob.exchange.expose({
      capability: waiting,
      exposure: openToMembers,
      handler: (output, { signal }) =>
        new Promise((resolve) => {
          open()
          signal.addEventListener('abort', () => resolve({ ok: true, output }))
        }),
    })
    const call = relay().call(bob.me, waiting, 'hello', { deadlineMs: 60_000 })
    await opened
    await bob.stop()
    const answer = await call
    expect(answer.ok || answer.fault.code).toMatch(/^(federation\/stopped|calls\/lost)$/)
  })

  it('leave intent and outcome on both sides', async () => {
    const word = `word ${Math.random()}`
    expect((await ann.call(relay().me, echo(), word)).ok).toBe(true)
    await waitUntil('both sides know how it ended', async () => {
      const sides = await Promise.all([ann, relay()].map((peer) => outcomesOf(peer, 'test.echo')))
      return sides.every(([done, open]) => done > 0 && open === 0)
    })
  })
})

/** Ended and open actions of one capability in a log. */
async function outcomesOf(peer: Peer, capability: string): Promise<[number, number]> {
  let intents = 0
  let outcomes = 0
  for await (const { phase, action, capability: of } of peer.audit.query()) {
    if (of !== capability || action === 'refusal') continue
    if (phase === 'intent') intents += 1
    else outcomes += 1
  }
  return [outcomes, intents - outcomes]
}
