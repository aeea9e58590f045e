/** What is executed before it is committed: signed early, and taken back where it is replaced. */
import { equalBytes, utf8 } from '@folkmoot/codec'
import type { ConsensusNetwork } from '@folkmoot/consensus'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createGroup, type Group, type Member } from '../../test/group.ts'
import { parseMessage } from '../message.ts'
import {
  type EngineMessage,
  encodeEngineMessage,
  isEngineMessage,
  parseEngineMessage,
} from './engine-message.ts'

const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 30_000, interval: 5 })
const submit = ({ engine }: Member, text: string) => engine.submit(utf8(text), { id: text })
const isOf = (type: EngineMessage['type'], bytes: Uint8Array) => {
  const parsed = isEngineMessage(bytes) ? parseEngineMessage(bytes) : undefined
  return parsed?.ok === true && parsed.message.type === type
}
const texts = ({ application }: Member) => application.texts.map((text) => text.split(' ')[2])

describe('an entry that is not committed yet', () => {
  let group: Group | undefined
  afterEach(() => group?.close())

  /** Three members; `sends` says which messages leave a seat. */
  async function three(sends: (seat: number, bytes: Uint8Array) => boolean = () => true) {
    group = createGroup(3)
    const members: Member[] = []
    for (const seat of [0, 1, 2]) {
      const network = group.hub.attach(group.peers[seat]!)
      const send: ConsensusNetwork['send'] = (to, bytes) => {
        if (sends(seat, bytes)) network.send(to, bytes)
      }
      members.push(await group.open(seat, { network: { ...network, send } }))
    }
    return members as [Member, Member, Member]
  }

  const alike = (members: readonly Member[]) =>
    until(() =>
      members.every(
        ({ engine, application }) =>
          engine.status().height === members[0]!.engine.status().height &&
          equalBytes(application.root(), members[0]!.application.root()),
      ),
    )

  it('is signed before the leader says that it is committed: one way there, one back', async () => {
    let silent = false
    const [a, b, c] = await three((seat, bytes) => {
      if (seat !== 0 || !silent || isEngineMessage(bytes)) return true
      const parsed = parseMessage(bytes)
      if (!parsed.ok) return true
      // Whatever tells of the commitment is lost; the entry itself goes out.
      return parsed.message.type === 'append' && parsed.message.entries.length > 0
    })
    await submit(a, 'first')
    await alike([a, b, c])
    silent = true
    const { height } = await submit(a, 'second')
    expect(a.engine.peek().term).toBe(1)
    expect(b.engine.status().height).toBeLessThan(height)
    silent = false
    await alike([a, b, c])
    expect(texts(b)).toEqual(['first', 'second'])
  })

  it('leaves nothing behind where another leader replaces it', async () => {
    // Nothing but the Raft log says that it is another one now.
    const [a, b, c] = await three((_, bytes) => !isOf('entries', bytes))
    await submit(a, 'kept')
    await alike([a, b, c])
    for (const other of [b, c]) group!.hub.cut(a.peer, other.peer)
    const before = a.engine.status().height
    const alone = submit(a, 'alone')
    alone.catch(() => {})
    await until(() => a.engine.status().role === 'follower')
    expect(a.engine.status().height).toBe(before)
    await submit(b, 'instead')
    await submit(c, 'more')
    for (const other of [b, c]) group!.hub.cut(a.peer, other.peer, false)
    await until(() => texts(a).includes('instead'))
    await alike([a, b, c])
    // What waited at the old leader may be decided under the new one, once.
    expect(texts(a).filter((text) => text !== 'alone')).toEqual(['kept', 'instead', 'more'])
    for (const { engine } of [a, b, c]) expect(engine.status().halted).toBeUndefined()
  })

  it('is not judged by signatures over another entry of its height', async () => {
    const [a, b, c] = await three((_, bytes) => !isOf('share', bytes))
    const next = { height: 1, index: a.engine.peek().lastIndex + 2, hash: new Uint8Array(32) }
    const waiting = submit(a, 'a')
    await until(() => a.engine.peek().commit > 1)
    // Late, from a term that is over: both others signed something else then.
    for (const { peer } of [b, c]) {
      const share = { type: 'share', ...next, term: 0, signature: new Uint8Array(64) } as const
      group!.hub.attach(peer).send(a.peer, encodeEngineMessage(share))
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(a.engine.status().halted).toBeUndefined()
    expect(a.engine.status().height).toBe(0)
    await group!.open(1)
    await waiting
  })

  it('never shows in what members agree on, however the links break', async () => {
    const step = fc.record({
      seat: fc.nat(2),
      cut: fc.constantFrom('none', 'one link', 'both links'),
      pauseMs: fc.nat(120),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
        const members = await three()
        const acknowledged: string[] = []
        const sent: Promise<void>[] = []
        for (const [at, { seat, cut, pauseMs }] of steps.entries()) {
          const member = members[seat]!
          const others = members.filter((each) => each !== member)
          const cuts = others.slice(0, { none: 0, 'one link': 1, 'both links': 2 }[cut])
          for (const { peer } of cuts) group!.hub.cut(member.peer, peer)
          const name = `op-${at}`
          sent.push(
            submit(member, name)
              .then(() => void acknowledged.push(name))
              .catch(() => {}),
          )
          await new Promise((resolve) => setTimeout(resolve, pauseMs))
          for (const { peer } of cuts) group!.hub.cut(member.peer, peer, false)
        }
        await Promise.all(sent)
        await submit(members[0], 'last')
        await alike(members)
        for (const member of members) {
          const found = texts(member)
          expect(new Set(found).size).toBe(found.length)
          expect(found).toEqual(expect.arrayContaining([...acknowledged, 'last']))
          expect(member.engine.status().halted).toBeUndefined()
        }
        await group!.close()
      }),
      { numRuns: 12 },
    )
  }, 240_000)
})
