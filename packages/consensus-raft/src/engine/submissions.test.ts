/** What becomes of an operation between the one who submits it and the entry that it gets into. */
import { memoryLog } from '@folkmoot/base'
import { utf8 } from '@folkmoot/codec'
import { encodeSnapshot } from '@folkmoot/consensus'
import { createTextList, type TextList } from '@folkmoot/consensus/conformance'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { clock, createGroup, type Group } from '../../test/group.ts'
import { isEngineMessage, parseEngineMessage } from './engine-message.ts'

const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000, interval: 5 })

/** A text list whose check of `X` lasts until it is let go. */
function slowToCheck() {
  const list = createTextList()
  const { promise: gate, resolve: letGo } = Promise.withResolvers<void>()
  const check: TextList['check'] = async (op) => {
    if (op[0] === 'X'.charCodeAt(0)) await gate
    return list.check(op)
  }
  const application = Object.defineProperty({ ...list, check }, 'texts', { get: () => list.texts })
  return { application, letGo }
}

describe('an operation that was submitted', () => {
  let group: Group
  afterEach(() => group.close())

  it('gives way to what the core says where not everything can be sent', async () => {
    group = createGroup(3)
    await group.open(0)
    const urgencies = new Map<string, Set<unknown>>()
    const network = group.hub.attach(group.peers[1]!)
    const send: typeof network.send = (to, bytes, urgency) => {
      const parsed = isEngineMessage(bytes) ? parseEngineMessage(bytes) : undefined
      const type = parsed?.ok ? parsed.message.type : 'core'
      urgencies.set(type, (urgencies.get(type) ?? new Set()).add(urgency))
      network.send(to, bytes)
    }
    const b = await group.open(1, { network: { ...network, send } })
    await b.engine.submit(utf8('a'), { id: 'a' })
    expect(urgencies.get('forward')).toEqual(new Set(['repeated']))
    for (const type of ['core', 'share']) expect(urgencies.get(type)).toEqual(new Set([undefined]))
  })

  it('is recorded once where it became final while the leader still checked it', async () => {
    group = createGroup(3)
    const { application, letGo } = slowToCheck()
    const a = await group.open(0, { application })
    const [b] = [await group.open(1), await group.open(2)]
    await b.engine.submit(utf8('first'), { id: 'first' })
    expect(a.engine.status().role).toBe('leader')
    const again = a.engine.submit(utf8('X'), { id: 'X' })
    const once = await b.engine.submit(utf8('X'), { id: 'X' })
    expect((await again).height).toBe(once.height)
    letGo()
    await new Promise((resolve) => setImmediate(resolve))
    await a.engine.submit(utf8('last'), { id: 'last' })
    await until(() => b.engine.status().height === a.engine.status().height)
    const texts = b.application.texts.map((text) => text.split(' ')[2])
    expect(texts).toEqual(['first', 'X', 'last'])
  })

  it('is not proposed after its submitter was told that it will not be', async () => {
    group = createGroup(3)
    const { application, letGo } = slowToCheck()
    const config = { heartbeatMs: 15, electionMs: 100, rttMs: 5 }
    const [a, b] = [await group.open(0), await group.open(1)]
    const c = await group.open(2, { application, config })
    await b.engine.submit(utf8('first'), { id: 'first' })
    for (const { engine } of [a, b]) await engine.close()
    await expect(c.engine.submit(utf8('X'), { id: 'X' })).rejects.toMatchObject({
      code: 'consensus-raft/not-proposed',
    })
    for (const seat of [0, 1]) await group.open(seat)
    await until(() => c.engine.status().stalled === undefined)
    letGo()
    await new Promise((resolve) => setImmediate(resolve))
    await c.engine.submit(utf8('last'), { id: 'last' })
    expect(c.application.texts.map((text) => text.split(' ')[2])).toEqual(['first', 'last'])
  })

  it('may have any number as its deadline, and holds nobody up', async () => {
    group = createGroup(3)
    const [, b] = [await group.open(0), await group.open(1), await group.open(2)]
    const asked = (id: string, deadlineMs?: number) =>
      b.engine
        .submit(utf8(id), { id, ...(deadlineMs !== undefined && { deadlineMs }) })
        .then(() => 'recorded')
        .catch((error) => error.code)
    await asked('first')
    const soon = clock.now() + 60_000
    const answers = [
      asked('endless', Number.POSITIVE_INFINITY),
      asked('no-number', Number.NaN),
      asked('in-parts', soon + 0.5),
      asked('inexact', 2 ** 60),
      asked('before-all', -1),
      asked('never', Number.NEGATIVE_INFINITY),
      asked('beside-them'),
    ]
    const late = 'consensus/deadline'
    const taken = Array.from({ length: 4 }, () => 'recorded')
    expect(await Promise.all(answers)).toEqual([...taken, late, late, 'recorded'])
  })

  it('is answered where it is final below the snapshot that the member begins with', async () => {
    group = createGroup(3)
    const members = [await group.open(0), await group.open(1), await group.open(2)]
    const [a] = members
    for (const id of ['a', 'b']) await a!.engine.submit(utf8(id), { id })
    await until(() => members.every(({ engine }) => engine.status().height === 2))
    const log = memoryLog([encodeSnapshot(await a!.engine.snapshot())])
    const c = await group.open(2, { log })
    await expect(c.engine.submit(utf8('a'), { id: 'a' })).rejects.toMatchObject({
      code: 'consensus-raft/recorded-below',
      details: { height: 1 },
    })
    await c.engine.submit(utf8('c'), { id: 'c' })
    expect(c.engine.status()).toMatchObject({ height: 3, waiting: 0 })
  })

  it('waits no longer than its deadline and a while for a leader that never answers', async () => {
    group = createGroup(3)
    const [a, b] = [await group.open(0), await group.open(1), await group.open(2)]
    await b.engine.submit(utf8('first'), { id: 'first' })
    // The leader hears nothing of it, and is heard.
    const network = group.hub.attach(group.peers[1]!)
    const send: typeof network.send = (to, bytes) => {
      const parsed = parseEngineMessage(bytes)
      if (!parsed.ok || parsed.message.type !== 'forward') network.send(to, bytes)
    }
    const mute = await group.open(1, { network: { ...network, send } })
    await until(() => mute.engine.peek().leader === a.peer)
    const options = { id: 'lost', deadlineMs: clock.now() + 100 }
    await expect(mute.engine.submit(utf8('lost'), options)).rejects.toMatchObject({
      code: 'consensus-raft/no-leader',
    })
    expect(mute.engine.status()).toMatchObject({ waiting: 0, stalled: undefined })
  })
})
