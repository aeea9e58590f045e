import {
  type CalleeInput,
  type CallerInput,
  itemCost,
  newCallee,
  newCaller,
  stepCallee,
  stepCaller,
} from '@folkmoot/calls'
import type { PeerId } from '@folkmoot/identity'
import { afterEach, describe, expect, it } from 'vitest'
import { type CallSession, openSessions } from '../call-session.ts'
import { type LabNode, labNode, stopLab, until } from './lab.ts'

afterEach(stopLab)

const say = (text: string) => new TextEncoder().encode(text)
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

function sessionsOf(
  node: LabNode,
  options: { hello?: string; accept?: (hello: string, peer: PeerId) => boolean } = {},
) {
  const frames: string[] = []
  const sessions = openSessions({
    transport: node.transport,
    hello: () => say(options.hello ?? 'receipt'),
    onHello: async (bytes, peer) => options.accept?.(text(bytes), peer) ?? true,
    onFrame: async (frame, session) => {
      frames.push(text(frame))
      if (text(frame).startsWith('ask')) await session.send(say(`answer${text(frame).slice(3)}`))
    },
  })
  return { sessions, frames }
}

async function pair() {
  const a = await labNode({ seed: 1 })
  const b = await labNode({ seed: 2 })
  await a.transport.dial(b.transport.addresses()[0]!)
  await until(() => b.transport.links().length === 1)
  return [a, b] as const
}

describe('a session', () => {
  it('is one stream for many calls, opened once when both sides begin', async () => {
    const [a, b] = await pair()
    const left = sessionsOf(a)
    const right = sessionsOf(b)
    await Promise.all([
      ...Array.from({ length: 20 }, (_, i) =>
        left.sessions.send(b.transport.peer, say(`ask ${i}`)),
      ),
      right.sessions.send(a.transport.peer, say('ask back')),
    ])
    await until(() => left.frames.length === 21 && right.frames.length === 21)
    expect(left.sessions.open().length).toBeLessThanOrEqual(2)
    expect(left.frames.filter((frame) => frame.startsWith('answer')).length).toBe(20)
  })

  it('hands nothing up before the hello was accepted', async () => {
    const [a, b] = await pair()
    b.standings.set(a.transport.peer, 'unknown')
    const left = sessionsOf(a, { hello: 'forged' })
    const right = sessionsOf(b, { accept: (hello) => hello === 'receipt' })
    await left.sessions.send(b.transport.peer, say('ask before')).catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(right.frames).toEqual([])
    expect(right.sessions.open()).toEqual([])
  })

  it.each([
    ['a frame larger than any hello', 'transport/frame', [17 * 1024]],
    ['more than a hello before it was judged', 'transport/overrun', [10, 10_000, 10_000]],
  ])('hangs up on %s', async (_, offence, sizes) => {
    const [a, b] = await pair()
    b.standings.set(a.transport.peer, 'unknown')
    openSessions({
      transport: b.transport,
      hello: () => new Uint8Array(),
      onHello: () => new Promise(() => {}),
      onFrame: () => {},
    })
    const stream = await a.transport.open(b.transport.peer, '/folkmoot/call/1')
    for (const size of sizes) await stream.send(new Uint8Array(size)).catch(() => {})
    await until(() => b.counts.get(`folkmoot_transport_offences_total ${offence}`) === 1)
    await until(() => b.transport.links().length === 0)
  })

  it('takes one stream of a stranger, and as large frames as ever of a member', async () => {
    const [a, b] = await pair()
    b.standings.set(a.transport.peer, 'unknown')
    let judged = 0
    const sizes: number[] = []
    const accepted = Promise.withResolvers<boolean>()
    openSessions({
      transport: b.transport,
      hello: () => new Uint8Array(),
      onHello: () => {
        judged += 1
        return accepted.promise
      },
      onFrame: (frame) => void sizes.push(frame.byteLength),
    })
    const held = await a.transport.open(b.transport.peer, '/folkmoot/call/1')
    await held.send(say('receipt'))
    await until(() => judged === 1)
    const second = await a.transport.open(b.transport.peer, '/folkmoot/call/1')
    await second.send(say('receipt')).catch(() => {})
    const cut = await second
      .frames()
      [Symbol.asyncIterator]()
      .next()
      .then(
        () => 'answered',
        () => 'cut',
      )
    expect([cut, judged]).toEqual(['cut', 1])
    b.standings.set(a.transport.peer, 'member')
    accepted.resolve(true)
    const { sessions } = sessionsOf(a)
    // Sent right behind the hello: the other side has raised its bound by then.
    await sessions.send(b.transport.peer, new Uint8Array(1024 * 1024))
    await until(() => sizes.includes(1024 * 1024))
  })

  it('lets a stranger in whose receipt verifies', async () => {
    const [a, b] = await pair()
    b.standings.set(a.transport.peer, 'unknown')
    const left = sessionsOf(a)
    const right = sessionsOf(b, {
      accept: (hello, peer) => {
        if (hello !== 'receipt') return false
        b.standings.set(peer, 'member')
        return true
      },
    })
    await left.sessions.send(b.transport.peer, say('ask'))
    await until(() => left.frames.includes('answer'))
    expect(right.frames).toEqual(['ask'])
  })

  it('opens anew after the connection was cut', async () => {
    const [a, b] = await pair()
    const left = sessionsOf(a)
    sessionsOf(b)
    await left.sessions.send(b.transport.peer, say('ask 1'))
    await until(() => left.frames.includes('answer 1'))
    await a.transport.hangUp(b.transport.peer, 'test')
    await until(() => left.sessions.open().length === 0)
    await a.transport.dial(b.transport.addresses()[0]!)
    await left.sessions.send(b.transport.peer, say('ask 2'))
    await until(() => left.frames.includes('answer 2'))
  })
})

describe('credits on TCP', () => {
  it('bound what is on the way to a slow consumer, and lose nothing', async () => {
    const [a, b] = await pair()
    const config = { windowBytes: 1024 * 1024 }
    const deadline = Date.now() + 60_000
    const item = 64 * 1024
    const items = 100
    const kinds = ['call', 'item', 'end', 'error', 'cancel', 'credit', 'result']
    const frameOf = (kind: string, body: Uint8Array) =>
      new Uint8Array([kinds.indexOf(kind), ...[]].concat([...body]))

    // The callee writes as fast as it is allowed to.
    let callee = newCallee(deadline)
    let written = 0
    let writable = true
    openSessions({
      transport: b.transport,
      hello: () => new Uint8Array(),
      onHello: async () => true,
      onFrame: (frame, session) => {
        const kind = kinds[frame[0]!]!
        const body = frame.slice(1)
        const at = Date.now()
        asCallee(
          session,
          kind === 'call'
            ? { type: 'call', request: body, at }
            : ({ type: 'received', kind, body, at } as CalleeInput),
        )
        while (writable && written < items) {
          written += 1
          asCallee(session, { type: 'write', data: new Uint8Array(item).fill(written) })
        }
        if (written === items) asCallee(session, { type: 'end-writing' })
      },
    })
    function asCallee(session: CallSession, input: CalleeInput): void {
      const step = stepCallee(config, callee, input)
      callee = step.state
      for (const effect of step.effects) {
        if (effect.type === 'send') void session.send(frameOf(effect.kind, effect.body))
        if (effect.type === 'writable') writable = effect.writable
      }
    }

    let caller = newCaller({ request: new Uint8Array([1]), deadline })
    const queue: Uint8Array[] = []
    const seen: number[] = []
    let most = 0
    let finished = false
    const sessions = openSessions({
      transport: a.transport,
      hello: () => new Uint8Array(),
      onHello: async () => true,
      onFrame: (frame) => {
        const kind = kinds[frame[0]!]!
        const input = { type: 'received', kind, body: frame.slice(1), at: Date.now() }
        void asCaller(input as CallerInput)
      },
    })
    async function asCaller(input: CallerInput): Promise<void> {
      const step = stepCaller(config, caller, input)
      caller = step.state
      for (const effect of step.effects) {
        if (effect.type === 'deliver') queue.push(effect.data)
        if (effect.type === 'finish') finished = effect.outcome.ok
        if (effect.type === 'send')
          await sessions.send(b.transport.peer, frameOf(effect.kind, effect.body))
      }
      most = Math.max(
        most,
        queue.reduce((sum, { byteLength }) => sum + byteLength, 0),
      )
    }
    await asCaller({ type: 'start', at: Date.now() })
    await until(async () => {
      const data = queue.shift()
      if (data !== undefined) {
        seen.push(data[0]!)
        await asCaller({ type: 'handled', cost: itemCost(data) })
      }
      return finished && queue.length === 0
    })
    expect(seen).toEqual(Array.from({ length: items }, (_, i) => (i + 1) % 256))
    expect(most).toBeLessThanOrEqual(config.windowBytes)
    expect(b.counts.get('folkmoot_transport_offences_total transport/overrun')).toBeUndefined()
  })
})
