import { memoryLog } from '@folkmoot/base'
import { equalBytes, utf8 } from '@folkmoot/codec'
import {
  encodeForkEvidence,
  encodeHeader,
  encodeReceipt,
  encodeSnapshot,
  makeReceipt,
  NO_PARENT,
  type RaftProof,
  verifyFinality,
} from '@folkmoot/consensus'
import { createTextList } from '@folkmoot/consensus/conformance'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  checker,
  clock,
  createGroup,
  type Group,
  instance,
  type Member,
  signersOf,
} from '../../test/group.ts'
import { encodeMessage } from '../message.ts'
import { encodeEngineMessage, parseEngineMessage } from './engine-message.ts'

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
  const submit = ({ engine }: Member, text: string) =>
    engine.submit(utf8(text), { id: text.replaceAll(' ', '-').slice(0, 128) })
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

  it('goes on under a leader whose ledger is behind: who has the receipts gives them', async () => {
    const [, b, c] = await three()
    const log = memoryLog()
    await group!.open(0, { log })
    for (let i = 0; i < 5; i++) await submit(b!, `op-${i}`)
    await until(() => log.length >= 5)
    await group!.members.get(0)!.engine.close()
    await until(() => b!.engine.status().height === 5)
    for (const { engine } of [b!, c!]) await engine.close()
    // It died before the last entries were on its disk, though it had told the others of them.
    const shorter = memoryLog()
    await shorter.append(await log.read(0, log.length - 2))
    // Nor did it catch up before it led: the answers to what it asked meanwhile were lost.
    const network = group!.hub.attach(group!.peers[0]!)
    const isLost = (bytes: Uint8Array) => {
      const parsed = parseEngineMessage(bytes)
      return parsed.ok && parsed.message.type === 'entries'
    }
    const poor: typeof network = {
      ...network,
      onMessage: (listener) =>
        network.onMessage((from, bytes) => !isLost(bytes) && listener(from, bytes)),
    }
    const back = await group!.open(0, { log: shorter, network: poor })
    const other = await group!.open(1)
    await until(() => back.engine.status().role === 'leader')
    await submit(back, 'last')
    await agree([back, other])
  })

  it('holds as a leader no more bytes for the others than for itself', async () => {
    group = createGroup()
    const parts = { maxWaitingBytes: 1_000 }
    const [a] = [await group.open(0, parts), await group.open(1, parts)]
    await submit(a, 'a')
    expect(a.engine.status().role).toBe('leader')
    const network = group.hub.attach(group.peers[2]!)
    const refused: string[] = []
    network.onMessage((_, bytes) => {
      const parsed = parseEngineMessage(bytes)
      if (!parsed.ok || parsed.message.type !== 'refused') return
      refused.push(`${parsed.message.id} ${parsed.message.code}`)
    })
    const ops = ['1', '2', '3', '4'].map((id) => {
      return { id, bytes: new Uint8Array(400).fill(97), deadlineMs: null }
    })
    network.send(a.peer, encodeEngineMessage({ type: 'forward', ops }))
    await until(() => refused.length === 2)
    expect(refused).toEqual(['3 consensus/busy', '4 consensus/busy'])
    // What was taken is decided, and makes room.
    await until(() => a.application.texts.length === 3)
    network.send(a.peer, encodeEngineMessage({ type: 'forward', ops: ops.slice(2) }))
    await until(() => a.application.texts.length === 5)
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

  it('follows the ledger: brings in who is to vote next, ends the epoch, lets go of who left', async () => {
    const [a, b, c] = await three(4, { keepEntries: 4 })
    for (let i = 0; i < 12; i++) await submit(a!, `op-${i}`)
    const d = await group!.open(3)
    await submit(a!, group!.seats(2, [0, 1, 2, 3]))
    await until(() => [a!, b!, c!, d].every(({ engine }) => engine.status().epoch === 2))
    await agree([a!, b!, c!, d])
    const voters = () => d.engine.peek().members.voters
    await until(() => voters().length === 4)
    // Whoever leads may be the one who is let go.
    await submit(a!, group!.seats(3, [1, 2, 3]))
    await until(() => d.engine.status().epoch === 3 && voters().length === 3)
    expect(voters()).not.toContain(a!.peer)
    await a!.engine.close()
    await submit(d, 'without')
    await agree([b!, c!, d])
    const { proof } = (await d.engine.entryAt(d.engine.status().height))!
    const final = await verifyFinality(checker, b!.engine.anchor, proof)
    expect(final).toMatchObject({ ok: true, epoch: 3 })
  })

  it('begins with one member, and goes back to one', async () => {
    group = createGroup(1, 3)
    const a = await group.open(0)
    await submit(a, 'alone')
    const b = await group.open(1)
    const c = await group.open(2)
    await submit(a, group.seats(2, [0, 1]))
    await until(() => b.engine.status().epoch === 2)
    await submit(b, group.seats(3, [0, 1, 2]))
    await until(() => c.engine.status().epoch === 3)
    await submit(c, 'three')
    await agree([a, b, c])
    await submit(a, group.seats(4, [2]))
    // Those who left are needed until it is certain that they did.
    await until(() => {
      const { members, membersIndex, commit } = c.engine.peek()
      return members.voters.length === 1 && membersIndex <= commit
    })
    await a.engine.close()
    await b.engine.close()
    await submit(c, 'the last')
  })

  it('ends no epoch for a voter that is not there yet', async () => {
    group = createGroup(1, 2)
    const a = await group.open(0)
    await submit(a, group.seats(2, [0, 1]))
    // A learner that never answered is not level, however short the log is.
    for (let i = 0; i < 10; i++) {
      await submit(a, `alone still ${i}`)
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    expect(a.engine.peek().members).toEqual({ voters: [a.peer], learners: [group.peers[1]] })
    expect(a.engine.status()).toMatchObject({ epoch: 1, stalled: undefined })
    const b = await group.open(1)
    await until(() => b.engine.status().epoch === 2)
    await submit(b, 'together')
    await agree([a, b])
  })

  it('lets a peer without a seat follow, and ask for what it missed', async () => {
    const [a, b, c] = await three(4, { keepEntries: 4 })
    for (let i = 0; i < 10; i++) await submit(a!, `op-${i}`)
    const d = await group!.open(3)
    await agree([a!, b!, c!, d])
    await submit(b!, 'more')
    await agree([a!, b!, c!, d])
    expect(d.engine.peek().lastIndex).toBe(0)
  })

  it('brings in a member by a snapshot where the others have no older entries', async () => {
    const members = await three(4, { keepEntries: 4 })
    for (let i = 0; i < 12; i++) await submit(members[0]!, `op-${i}`)
    await agree(members)
    const snapshot = encodeSnapshot(await members[0]!.engine.snapshot())
    for (const seat of [0, 1, 2]) await group!.members.get(seat)!.engine.close()
    const back: Member[] = []
    for (const seat of [0, 1, 2]) {
      back.push(await group!.open(seat, { keepEntries: 4, log: memoryLog([snapshot]) }))
    }
    const d = await group!.open(3)
    await submit(back[1]!, group!.seats(2, [0, 1, 2, 3]))
    await until(() => d.engine.status().epoch === 2)
    await agree([...back, d])
    expect(await d.engine.entryAt(1)).toBeUndefined()
  })

  it('changes its members by the ledger alone, whoever is asked', async () => {
    const members = await three(4)
    await submit(members[0]!, 'a')
    for (const { engine } of members) {
      const change = { kind: 'add', peer: group!.peers[3]! } as const
      await expect(engine.reconfigure(change)).rejects.toMatchObject({
        code: 'consensus/unsupported',
      })
    }
  })

  it('hears nobody whom neither its log nor the ledger names', async () => {
    const [a, b, c] = await three(4)
    await submit(a!, 'a')
    const stranger = group!.hub.attach(group!.peers[3]!)
    const { term } = a!.engine.peek()
    const usurped = { type: 'append', term: term + 5, round: 1, commit: 0 } as const
    for (const { peer } of [a!, b!, c!]) {
      const message = encodeMessage({ ...usurped, prevIndex: 0, prevTerm: 0, entries: [] })
      stranger.send(peer, message)
    }
    await submit(b!, 'b')
    await agree([a!, b!, c!])
    expect(b!.engine.peek().term).toBeLessThan(term + 5)
  })

  it('stops at proof that a majority signed two histories, and votes no more after a restart', async () => {
    const [a, b] = await three()
    const log = memoryLog()
    const shown = await group!.open(2, { log })
    const signers = signersOf(3)
    const decided = async (time: number): Promise<RaftProof> => {
      const zero = new Uint8Array(32)
      const hashes = {
        payloadHash: zero,
        stateRoot: zero,
        historyRoot: zero,
        parentHash: NO_PARENT,
      }
      const header = encodeHeader({ instance, epoch: 1, height: 1, time, ...hashes })
      const signed = new Map<number, Uint8Array>()
      for (const index of [0, 1]) {
        signed.set(index, await signers[index]!.sign('entry', header))
      }
      const receipt = encodeReceipt(makeReceipt(group!.facts.firstSet!, signed)!)
      return { kind: 'raft', header, receipt, under: null }
    }
    const [one, other] = [await decided(1), await decided(2)]
    const nothing = encodeForkEvidence(one, one)
    expect(await shown.engine.acceptFork(nothing)).toMatchObject({ ok: false })
    await submit(shown, 'a')
    const evidence = encodeForkEvidence(one, other)
    expect(await shown.engine.acceptFork(evidence)).toMatchObject({ ok: true })
    expect(shown.engine.status().halted?.code).toBe('consensus/fork')
    await expect(submit(shown, 'b')).rejects.toMatchObject({ code: 'consensus/halted' })
    await shown.engine.close()
    const again = await group!.open(2, { log })
    expect(again.engine.evidence).toEqual(evidence)
    expect(again.engine.status().halted?.code).toBe('consensus/fork')
    await submit(a!, 'c')
    // With it there would be a majority: nobody leads where it gives no vote.
    const last = leaderOf([a!, b!])!
    await last.engine.close()
    const left = last === a ? b! : a!
    const { term } = left.engine.peek()
    await until(() => left.engine.peek().role !== 'follower' || left.engine.peek().term > term)
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    expect(left.engine.status().role).toBe('follower')
    expect(again.engine.peek().term).toBeLessThanOrEqual(term)
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

  it('starts again with an empty disk only once the others went on without it', async () => {
    const [a, b, c] = await three(3)
    await submit(a!, 'a')
    await agree([a!, b!, c!])
    await c!.engine.close()
    group!.loseDatabase(2)
    await expect(group!.open(2)).rejects.toMatchObject({ code: 'consensus-raft/amnesia' })
    await submit(a!, group!.seats(2, [0, 1]))
    await until(
      () => a!.engine.peek().members.voters.length === 2 || b!.engine.status().epoch === 2,
    )
    await submit(b!, 'without it')
    await submit(a!, group!.seats(3, [0, 1, 2]))
    // It has heard that its seat was taken away, as whoever follows hears.
    const log = memoryLog(await a!.engine.entries(1, 100))
    const again = await group!.open(2, { log })
    await until(() => again.engine.status().epoch === 3)
    await submit(again, 'with it')
    await agree([a!, b!, again])
  })

  it('starts again with an empty disk as one who joins, also where it once founded the group alone', async () => {
    group = createGroup(1, 3)
    const a = await group.open(0)
    await submit(a, 'alone')
    const [b, c] = [await group.open(1), await group.open(2)]
    await submit(a, group.seats(2, [0, 1, 2]))
    await until(() => [a, b, c].every(({ engine }) => engine.status().epoch === 2))
    await a.engine.close()
    group.loseDatabase(0)
    await submit(b, group.seats(3, [1, 2]))
    await until(() => [b, c].every(({ engine }) => engine.status().epoch === 3))
    await submit(c, group.seats(4, [0, 1, 2]))
    const log = memoryLog(await b.engine.entries(1, 100))
    const again = await group.open(0, { log })
    // It would lead a group of its own, and agree with itself on what the others never heard.
    expect(again.engine.status().role).toBe('follower')
    await until(() => again.engine.status().epoch === 4)
    await submit(again, 'with it')
    await agree([b, c, again])
    expect(again.engine.status().halted).toBeUndefined()
  })

  it('goes on after a power cut without one who was there before the newest member', async () => {
    group = createGroup(1, 3)
    const a = await group.open(0)
    await submit(a, 'alone')
    const b = await group.open(1)
    const c = await group.open(2)
    await submit(a, group.seats(2, [0, 1]))
    await until(() => b.engine.status().epoch === 2)
    await submit(b, group.seats(3, [0, 1, 2]))
    await until(() => [a, b, c].every(({ engine }) => engine.status().epoch === 3))
    await agree([a, b, c])
    for (const { engine } of [a, b, c]) await engine.close()
    // Two of three are back; of the two that took in the third only one.
    const back = [await group.open(0), await group.open(2)]
    await submit(back[0]!, 'two of three')
    await agree(back)
  })

  it('says in time that nobody leads where a majority is away', async () => {
    const [a] = await three()
    await submit(a!, 'a')
    for (const seat of [1, 2]) await group!.members.get(seat)!.engine.close()
    await until(() => a!.engine.status().role === 'follower')
    const waits = submit(a!, 'nobody decides')
    waits.catch(() => {})
    await until(() => a!.engine.status().stalled !== undefined)
    await expect(a!.engine.readBarrier()).rejects.toMatchObject({
      code: 'consensus-raft/no-leader',
    })
    await expect(waits).rejects.toMatchObject({ code: 'consensus-raft/not-proposed' })
    await group!.open(1)
    await submit(a!, 'resumed')
    expect(a!.engine.status().stalled).toBeUndefined()
  })

  it('tells those who wait at a leader that lost its majority what may still be decided', async () => {
    const [a] = await three()
    await submit(a!, 'a')
    expect(a!.engine.status().role).toBe('leader')
    for (const seat of [1, 2]) await group!.members.get(seat)!.engine.close()
    const endings: Promise<unknown>[] = []
    // Two entries are under way at most: the third waits for its turn, which never comes.
    for (const text of ['in the log', 'in the log too', 'in the queue']) {
      endings.push(submit(a!, text).catch((error: unknown) => error))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(a!.engine.status().role).toBe('leader')
    const code = (name: string) => expect.objectContaining({ code: name })
    expect(await Promise.all(endings)).toEqual([
      code('consensus-raft/no-leader'),
      code('consensus-raft/no-leader'),
      code('consensus-raft/not-proposed'),
    ])
    const alone = a!.engine.submit(utf8('while nobody leads'), { id: 'alone' })
    await expect(alone).rejects.toMatchObject({ code: 'consensus-raft/not-proposed' })
    expect(a!.engine.status()).toMatchObject({ waiting: 0, height: 1 })
    const b = await group!.open(1)
    await submit(b, 'resumed')
    await agree([a!, b])
    const texts = a!.application.texts.map((text) => text.split(' ').slice(2).join(' '))
    expect(texts).toEqual(['a', 'in the log', 'in the log too', 'resumed'])
  })

  it('refuses at its deadline what nobody proposed, though nobody leads', async () => {
    const [a] = await three()
    await submit(a!, 'a')
    for (const seat of [1, 2]) await group!.members.get(seat)!.engine.close()
    await until(() => a!.engine.status().stalled !== undefined)
    const late = { id: 'late', deadlineMs: clock.now() + 1 }
    await expect(a!.engine.submit(utf8('late'), late)).rejects.toMatchObject({
      code: 'consensus/deadline',
    })
  })
})
