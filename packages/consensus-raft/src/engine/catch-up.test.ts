/** Members that ask others for what they lack, and what those answer. */
import { FederationError, memoryLog } from '@folkmoot/base'
import { utf8 } from '@folkmoot/codec'
import { encodeSnapshot } from '@folkmoot/consensus'
import { createTextList } from '@folkmoot/consensus/conformance'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createGroup, type Group } from '../../test/group.ts'
import { type EngineMessage, encodeEngineMessage, parseEngineMessage } from './engine-message.ts'

const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000, interval: 5 })

describe('a member that is asked for entries', () => {
  let group: Group
  afterEach(() => group.close())

  /** What a seat without a member hears of a type, and how it asks. */
  function asking(seat: number, type: EngineMessage['type']) {
    const network = group.hub.attach(group.peers[seat]!)
    const heard: EngineMessage[] = []
    network.onMessage((_, bytes) => {
      const parsed = parseEngineMessage(bytes)
      if (parsed.ok && parsed.message.type === type) heard.push(parsed.message)
    })
    const ask = (to: number, height: number) =>
      network.send(group.peers[to]!, encodeEngineMessage({ type: 'fetch', height }))
    return { heard, ask }
  }

  it('goes on where it has none at all, whatever is asked for', async () => {
    group = createGroup(3)
    const members = [await group.open(0), await group.open(1)]
    const { ask, heard } = asking(2, 'entries')
    for (const seat of [0, 1]) for (const height of [0, 1]) ask(seat, height)
    await members[0]!.engine.submit(utf8('a'), { id: 'a' })
    ask(0, 1)
    await until(() => heard.length > 0)
    for (const { engine } of members) expect(engine.status().halted).toBeUndefined()
  })

  it('goes on where it cannot answer', async () => {
    group = createGroup(3)
    const a = await group.open(0)
    const b = await group.open(1)
    await a.engine.submit(utf8('a'), { id: 'a' })
    await until(() => b.engine.status().height === 1)
    const log = memoryLog([encodeSnapshot(await a.engine.snapshot())])
    let isBroken = false
    let asked = 0
    const list = createTextList()
    const snapshot = () => {
      if (!isBroken) return list.snapshot()
      asked += 1
      throw new FederationError('test/large', 'the state is too large to be copied')
    }
    const back = await group.open(0, { log, application: { ...list, snapshot } })
    isBroken = true
    asking(2, 'piece').ask(0, 1)
    await until(() => asked > 0)
    await back.engine.submit(utf8('b'), { id: 'b' })
    expect(back.engine.status().halted).toBeUndefined()
  })
})
