/** Members that ask others for what they lack, and what those answer. */
import { FederationError, memoryLog } from '@folkmoot/base'
import { concatBytes, utf8 } from '@folkmoot/codec'
import { type Application, type Chain, encodeSnapshot } from '@folkmoot/consensus'
import { createTextList } from '@folkmoot/consensus/conformance'
import type { PeerId } from '@folkmoot/identity'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createGroup, type Group, type Member } from '../../test/group.ts'
import { createCatchUp } from './catch-up.ts'
import {
  type EngineMessage,
  encodeEngineMessage,
  PIECE_BYTES,
  parseEngineMessage,
} from './engine-message.ts'

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

describe('a member that lacks entries', () => {
  let group: Group
  afterEach(() => group.close())
  const parts = { keepEntries: 4 }

  /** Three members, of which the third misses all but the first entry; the first begins at a snapshot. */
  async function threeOfWhichOneIsBehind(): Promise<[Member, Member]> {
    group = createGroup(3)
    const [a, b, c] = [
      await group.open(0, parts),
      await group.open(1, parts),
      await group.open(2, parts),
    ]
    await a.engine.submit(utf8('first'), { id: 'first' })
    await until(() => [a, b, c].every(({ engine }) => engine.status().height === 1))
    await c.engine.close()
    for (let i = 0; i < 20; i++) await a.engine.submit(utf8(`op${i}`), { id: `op${i}` })
    await until(() => b.engine.status().height === 21)
    return [await restart(a, 0), b]
  }

  async function restart({ engine }: Member, seat: number): Promise<Member> {
    const log = memoryLog([encodeSnapshot(await engine.snapshot())])
    await engine.close()
    return group.open(seat, { ...parts, log })
  }

  it('gets them from whichever member still has them', async () => {
    const [a, b] = await threeOfWhichOneIsBehind()
    for (let i = 0; i < 10; i++) await a.engine.submit(utf8(`more${i}`), { id: `more${i}` })
    await until(() => a.engine.peek().base.index > 0)
    const c = await group.open(2, parts)
    await until(() => c.engine.status().height === b.engine.status().height)
    expect(c.engine.status()).toMatchObject({ halted: undefined, stalled: undefined })
  })

  it('stops once every other member has said that it has them no more', async () => {
    const [a, b] = await threeOfWhichOneIsBehind()
    await until(() => a.engine.status().height === b.engine.status().height)
    const empty = await restart(b, 1)
    for (let i = 0; i < 10; i++) await a.engine.submit(utf8(`more${i}`), { id: `more${i}` })
    await until(() => a.engine.peek().base.index > 0)
    await empty.engine.close()
    const c = await group.open(2, parts)
    // A majority leads them: what is missing is the entries.
    await until(() => c.engine.status().stalled?.includes('no longer have') === true)
    expect(c.engine.status().halted).toBeUndefined()
    await group.open(1, parts)
    await until(() => c.engine.status().halted !== undefined)
    expect(c.engine.status().halted?.code).toBe('consensus-raft/too-far-behind')
  })
})

describe('catching up', () => {
  let group: Group
  afterEach(() => group.close())

  /** A chain of a group of one with some entries, and an empty one of another member. */
  async function chains(entries: number, application?: () => Application) {
    group = createGroup(1, 2)
    const app = application && { application: application() }
    const { engine } = await group.open(0, app)
    for (let i = 0; i < entries; i++) await engine.submit(utf8(`op${i}`), { id: `op${i}` })
    const other = await group.open(1, application && { application: application() })
    group.hub.cut(group.peers[0]!, group.peers[1]!)
    return { full: engine, empty: await other.engine.release() }
  }

  /** One end, without a network or a clock: messages pile up, and periods pass when they are told to. */
  function end(chain: Chain, whom: readonly PeerId[]) {
    const sent: { to: PeerId; message: EngineMessage }[] = []
    const every: (() => void)[] = []
    let asides = 0
    const catchUp = createCatchUp({
      chain,
      timers: {
        every: (_, callback) => {
          every.push(callback)
          return () => {}
        },
        after: () => () => {},
      },
      retryMs: 1,
      whom: () => whom,
      members: () => whom,
      hearsLeader: () => true,
      aside: (action) => {
        asides += 1
        return action()
      },
      send: (to, message) => sent.push({ to, message }),
      stopped: (fault) => {
        throw new Error(fault.message)
      },
    })
    return { catchUp, sent, pass: () => every[0]!(), asides: () => asides }
  }

  it('is over where the log brought the last entry, and no answer comes any more', async () => {
    const { full, empty } = await chains(2)
    const { catchUp, pass } = end(empty, [group.peers[0]!])
    let isDone = false
    catchUp.start(full.status().height, group.peers[0]!, () => {
      isDone = true
    })
    for (const entry of await full.entries(1, 10)) await empty.accept(entry)
    expect(isDone).toBe(false)
    pass()
    expect(isDone).toBe(true)
  })

  it('lets few messages of entries wait, whoever sends how many, and none that has no entry', async () => {
    const { full, empty } = await chains(2)
    const { catchUp, asides } = end(empty, [group.peers[0]!])
    catchUp.start(full.status().height, group.peers[0]!, () => {})
    await Promise.all(Array.from({ length: 1_000 }, () => catchUp.onEntries([])))
    expect(asides()).toBe(0)
    const entries = await full.entries(1, 10)
    const junk = Array.from({ length: 1_000 }, () => catchUp.onEntries([new Uint8Array(9)]))
    expect(asides()).toBe(64)
    await Promise.all(junk)
    // What came once there was room again is taken.
    await catchUp.onEntries(entries)
    expect(empty.tip.height).toBe(2)
  })

  /** A text list whose snapshot is several pieces long. */
  function large(): Application {
    const list = createTextList()
    const padding = new Uint8Array(5 * PIECE_BYTES)
    return {
      ...list,
      snapshot: () => concatBytes(padding, list.snapshot()),
      restore: (bytes) => list.restore(bytes.subarray(padding.length)),
    }
  }

  /** A chain that begins at a large snapshot, and an empty one. */
  async function largeAndEmpty() {
    const { full, empty } = await chains(2, large)
    const log = memoryLog([encodeSnapshot(await full.snapshot())])
    const again = await group.open(0, { log, application: large() })
    return { source: await again.engine.release(), empty }
  }

  it('ends with a snapshot that takes longer than a period, whoever else sends one too', async () => {
    const { source, empty } = await largeAndEmpty()
    const peers = ['a', 'b', 'c'] as unknown as PeerId[]
    const joiner = end(empty, peers)
    const sources = new Map(peers.map((peer) => [peer, end(source, [])]))
    joiner.catchUp.start(2, peers[0]!, () => {})
    // Within two periods one message of each comes, in turn.
    for (let round = 0; round < 100 && empty.tip.height === 0; round++) {
      for (const { to, message } of joiner.sent.splice(0)) {
        if (message.type !== 'fetch') continue
        await sources.get(to)!.catchUp.onFetch(peers[0]!, message.height, true)
      }
      for (const [from, { sent }] of sources) {
        const next = sent.shift()?.message
        if (next?.type === 'piece') await joiner.catchUp.onPiece(from, next)
      }
      joiner.pass()
      joiner.pass()
    }
    expect(empty.tip.height).toBe(2)
  })

  it('turns to another peer where the pieces of one end halfway', async () => {
    const { source, empty } = await largeAndEmpty()
    const peers = ['a', 'b'] as unknown as PeerId[]
    const [joiner, a, b] = [end(empty, peers), end(source, []), end(source, [])]
    joiner.catchUp.start(2, peers[0]!, () => {})
    await a.catchUp.onFetch(peers[0]!, 1, true)
    const first = a.sent[0]!.message
    if (first.type === 'piece') await joiner.catchUp.onPiece(peers[0]!, first)
    joiner.sent.length = 0
    for (let i = 0; i < 10; i++) joiner.pass()
    expect(joiner.sent[0]).toEqual({ to: peers[1], message: { type: 'fetch', height: 1 } })
    await b.catchUp.onFetch(peers[0]!, 1, true)
    for (const { message } of b.sent) {
      if (message.type === 'piece') await joiner.catchUp.onPiece(peers[1]!, message)
    }
    expect(empty.tip.height).toBe(2)
  })

  it('sends one snapshot at a time to a peer, however often that one asks', async () => {
    const { source } = await largeAndEmpty()
    const { catchUp, sent } = end(source, [])
    const asker = group.peers[1]!
    await Promise.all(Array.from({ length: 20 }, () => catchUp.onFetch(asker, 1, true)))
    await catchUp.onFetch(asker, 1, true)
    expect(sent.length).toBe(6)
  })
})
