import { memoryLog } from '@folkmoot/base'
import { equalBytes, utf8 } from '@folkmoot/codec'
import { verifyFinality } from '@folkmoot/consensus'
import { createTextList } from '@folkmoot/consensus/conformance'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { checker, createGroup, type Group, type Member } from '../../test/group.ts'

const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000, interval: 5 })

describe('engine raft', () => {
  let group: Group | undefined
  afterEach(() => group?.close())

  async function three(seats = 3, init = {}): Promise<Member[]> {
    group = createGroup(3, seats)
    const members: Member[] = []
    for (const seat of [0, 1, 2]) members.push(await group.open(seat, init))
    return members
  }
  const submit = ({ engine }: Member, text: string) => engine.submit(utf8(text), { id: text })
  const agree = (members: readonly Member[]) => {
    const [first, ...rest] = members
    return until(() =>
      rest.every(
        ({ engine, application }) =>
          engine.status().height === first!.engine.status().height &&
          equalBytes(application.root(), first!.application.root()),
      ),
    )
  }
  const leaderOf = (members: readonly Member[]) =>
    members.find(({ engine }) => engine.status().role === 'leader')

  it('brings every member to the same state, whichever was asked', async () => {
    const members = await three()
    const names = ['a', 'no-b', 'c', 'd', 'e', 'f']
    const receipts = await Promise.all(names.map((name, i) => submit(members[i % 3]!, name)))
    await agree(members)
    for (const { proof, height } of receipts) {
      const final = await verifyFinality(checker, members[1]!.engine.anchor, proof)
      expect(final).toMatchObject({ ok: true, height, epoch: 1 })
    }
  })

  it('goes on without the member that led, and keeps what was acknowledged', async () => {
    const members = await three()
    await submit(members[0]!, 'a')
    await until(() => leaderOf(members) !== undefined)
    const old = leaderOf(members)!
    const left = members.filter((each) => each !== old)
    await old.engine.close()
    await submit(left[0]!, 'b')
    await agree(left)
    expect(left[1]!.application.texts.map((text) => text.split(' ')[2])).toEqual(['a', 'b'])
  })

  it('answers a read at a follower with all that others were acknowledged', async () => {
    const members = await three()
    for (const name of ['a', 'b', 'c']) {
      const { height } = await submit(members[0]!, name)
      expect(await members[2]!.engine.readBarrier()).toBeGreaterThanOrEqual(height)
      expect(members[2]!.application.texts.length).toBeGreaterThanOrEqual(height)
    }
  })

  it('brings back a member that was away while the others forgot their Raft log', async () => {
    const [a, b] = await three(3, { keepEntries: 4 })
    await submit(a!, 'first')
    await group!.members.get(2)!.engine.close()
    for (let i = 0; i < 20; i++) await submit(a!, `op-${i}`)
    await until(() => a!.engine.peek().base.index > 4)
    const again = await group!.open(2, { keepEntries: 4 })
    await agree([a!, b!, again])
    await submit(again, 'last')
    await agree([a!, b!, again])
  })

  it('adds a member that catches up first, and lets it decide without one of the old', async () => {
    const [a, b, c] = await three(4, { keepEntries: 4 })
    for (let i = 0; i < 12; i++) await submit(a!, `op-${i}`)
    const d = await group!.open(3)
    await until(() => leaderOf([a!, b!, c!]) !== undefined)
    const leader = leaderOf([a!, b!, c!])!
    await leader.engine.reconfigure({ kind: 'add', peer: d.peer })
    await agree([a!, b!, c!, d])
    expect(d.engine.peek().members.voters).toContain(d.peer)
    const gone = [a!, b!, c!].find((each) => each !== leader)!
    await leader.engine.reconfigure({ kind: 'remove', peer: gone.peer })
    await gone.engine.close()
    await submit(d, 'without')
    await agree([leader, d])
  })

  it('lets a learner follow without a vote', async () => {
    const [a, b, c] = await three(4)
    const d = await group!.open(3)
    await submit(a!, 'a')
    await until(() => leaderOf([a!, b!, c!]) !== undefined)
    await leaderOf([a!, b!, c!])!.engine.addLearner(d.peer)
    await submit(d, 'from-the-learner')
    await agree([a!, b!, c!, d])
    expect(d.engine.peek().members.voters).not.toContain(d.peer)
  })

  it('stops a member whose state is another than that of a majority', async () => {
    group = createGroup(3)
    const honest = [await group.open(0), await group.open(1)]
    const application = createTextList()
    const odd = { ...application, root: () => new Uint8Array(32).fill(1) }
    const wrong = await group.open(2, { application: odd })
    await submit(honest[0]!, 'a')
    await until(() => wrong.engine.status().halted !== undefined)
    expect(wrong.engine.status().halted?.code).toBe('consensus/state-mismatch')
    await submit(honest[1]!, 'b')
  })

  it('refuses to start where it has forgotten its votes', async () => {
    const [a] = await three()
    await submit(a!, 'a')
    const records = await a!.engine.entries(1, 10)
    const other = createGroup(3)
    await expect(other.open(0, { log: memoryLog(records) })).rejects.toMatchObject({
      code: 'consensus-raft/amnesia',
    })
  })

  it('says in time that nobody leads where a majority is away', async () => {
    const [a] = await three()
    await submit(a!, 'a')
    for (const seat of [1, 2]) await group!.members.get(seat)!.engine.close()
    await until(() => a!.engine.status().role === 'follower')
    await expect(a!.engine.readBarrier()).rejects.toMatchObject({
      code: 'consensus-raft/no-leader',
    })
  })
})
