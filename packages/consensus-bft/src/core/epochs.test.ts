/** From one set of voters to the next, and what may go wrong on the way. */
import { fromUtf8 } from '@folkmoot/codec'
import { findConflict, parseHeader, type Vote } from '@folkmoot/consensus'
import { describe, expect, it } from 'vitest'
import { type Envelope, Table } from '../../test/table.ts'
import { encodeMessage, voteKeyName } from '../index.ts'
import { EPOCH_KEY } from './records.ts'

const headers = (table: Table, seat: number) =>
  table.seats[seat]!.delivered.map(({ header }) => {
    const parsed = parseHeader(header)
    if (!parsed.ok) throw new Error(parsed.fault.message)
    return parsed.header
  })

function votesOnTheWire(table: Table, seat: number): Vote[] {
  return table.wire
    .filter(({ from }) => from === seat)
    .flatMap(({ message }) => {
      if (message.type === 'vote') return [message.vote]
      return message.type === 'repair' ? message.votes : []
    })
}

const isReady = ({ message }: Envelope) => message.type === 'ready'

/** The next voters are decided, and no READY of theirs has arrived yet. */
function readyOnTheWay(): Table {
  const table = new Table()
  table.seatNext([0, 1, 2, 3])
  table.startAll()
  table.submit('next')
  table.pass(200, (e) => !isReady(e))
  return table
}

describe('a change of voters', () => {
  it('ends the epoch by a block that takes a height, and begins the next with new keys', () => {
    const table = new Table({ observers: 1 })
    table.seatNext([1, 2, 3, 4])
    table.startAll()
    table.submit('a')
    table.submit('next')
    table.pass(1_000)
    table.submit('b')
    table.pass(3_000)
    for (const seat of [1, 2, 3, 4]) {
      expect(table.texts(seat)).toEqual(['a', 'next', 'b'])
      expect(table.seats[seat]!.core.peek()).toMatchObject({ epoch: 2, isVoting: true })
    }
    const all = headers(table, 1)
    const end = all.find(({ nextSetHash }) => nextSetHash)!
    expect(end).toMatchObject({ epoch: 1, bft: { flags: 1 } })
    expect(all.map(({ height }) => height)).toEqual(all.map((_, i) => i + 1))
    const after = all[all.indexOf(end) + 1]!
    expect(after).toMatchObject({ epoch: 2, height: end.height + 1, bft: { parentView: 0 } })
  })

  it('deletes the old key, the old votes and the old blocks with the very write that begins the epoch', () => {
    const table = new Table()
    table.seatNext([0, 1, 2, 3])
    table.startAll()
    table.submit('next')
    table.pass(1_000)
    for (const { keys, records } of table.seats) {
      expect(keys.has(voteKeyName(1))).toBe(false)
      expect(keys.has(voteKeyName(2))).toBe(true)
      expect(fromUtf8(records.get(EPOCH_KEY)!)).toBe('2')
      const left = [...records.keys()].filter((key) => /vote|block/.test(key))
      expect(left).toEqual([])
    }
  })

  it('begins an epoch once, however often the log says that its end is written', () => {
    const table = new Table()
    const begun = table.seats.map(() => 0)
    table.crashBefore = (seat, effect) => {
      if (effect !== 'synced' && effect.type === 'epoch') begun[seat]! += 1
      return false
    }
    table.tellsTwice = true
    table.seatNext([0, 1, 2, 3])
    table.startAll()
    table.submit('next')
    table.pass(1_000)
    table.submit('b')
    table.pass(3_000)
    expect(begun).toEqual([1, 1, 1, 1])
    for (const seat of [0, 1, 2, 3]) expect(table.texts(seat)).toEqual(['next', 'b'])
  })

  it('to voters of another engine leaves a core that rests, with nothing due again and again', () => {
    const table = new Table()
    table.seatNext([0, 1, 2, 3], 'raft')
    table.startAll()
    table.submit('next')
    table.pass(1_000)
    const set = table.seats.map(() => 0)
    table.crashBefore = (seat, effect) => {
      if (effect !== 'synced' && effect.type === 'setTimer') set[seat]! += 1
      return false
    }
    table.pass(300_000)
    for (const { core } of table.seats)
      expect(core.peek()).toMatchObject({ epoch: 2, isVoting: false })
    expect(Math.max(...set)).toBeLessThan(1_000)
  })

  it('waits until a quorum of the next voters says READY, and decides on meanwhile', () => {
    const table = new Table({ observers: 2 })
    table.seatNext([0, 1, 4, 5])
    table.startAll()
    table.crash(4)
    table.crash(5)
    table.submit('next', [0, 1, 2, 3])
    table.pass(2_000)
    table.submit('a', [0, 1, 2, 3])
    table.pass(2_000)
    expect(table.texts(0)).toEqual(['next', 'a'])
    expect(table.seats[0]!.core.peek().epoch).toBe(1)
    // One of them is back, and that is a quorum.
    table.restart(4)
    table.pass(65_000)
    expect(table.seats[0]!.core.peek().epoch).toBe(2)
    table.submit('b', [0, 1, 4])
    table.pass(5_000)
    expect(table.texts(4)).toEqual(['next', 'a', 'b'])
  })

  it('is survived by a voter at whatever effect it dies, without a word that contradicts another', () => {
    let boundaries = 0
    for (let at = 0; ; at++) {
      const table = new Table()
      table.seatNext([0, 1, 2, 3])
      table.startAll()
      let count = 0
      table.crashBefore = (seat) => seat === 1 && count++ === at
      table.submit('next')
      table.pass(600)
      const died = table.seats[1]!.isDown
      table.crashBefore = undefined
      if (!died) break
      boundaries += 1
      table.pass(500)
      table.restart(1)
      table.pass(3_000)
      table.submit('a')
      table.pass(4_000)
      expect([at, table.seats[1]!.core.peek().epoch, table.seats[1]!.halted]).toEqual([
        at,
        2,
        undefined,
      ])
      expect([at, table.texts(1)]).toEqual([at, ['next', 'a']])
      const votes = votesOnTheWire(table, 1)
      expect(findConflict(votes)).toEqual([])
      expect(table.seats[1]!.keys.has(voteKeyName(1))).toBe(false)
    }
    expect(boundaries).toBeGreaterThan(20)
  })

  it('tells a reader nothing at an end block: the next voters may have decided more', () => {
    const table = new Table({ observers: 3 })
    table.seatNext([0, 4, 5, 6])
    table.startAll()
    table.submit('next')
    table.pass(400, ({ message }) => message.type !== 'ready')
    expect(table.texts(3)).toEqual(['next'])
    // 1, 2 and 3 say F for the end block and do not hear that it is final; the next voters go on.
    const late = [1, 2, 3]
    const isF = (e: Envelope) => e.message.type === 'vote' && e.message.vote.kind === 'finalise'
    const before = new Set(table.wire)
    const passes = (e: Envelope) => {
      if (!late.includes(e.to)) return true
      const isDone = table.wire.some((sent) => sent.from === e.to && isF(sent) && !before.has(sent))
      return !isDone && !isF(e) && !['certificate', 'entries', 'repair'].includes(e.message.type)
    }
    for (let i = 0; i < 20 && table.seats[0]!.core.peek().epoch === 1; i++) table.pass(500, passes)
    table.submit('b', [0, 4, 5, 6])
    for (let i = 0; i < 20 && table.texts(0).length < 2; i++) table.pass(500, passes)
    expect(table.texts(0)).toEqual(['next', 'b'])
    const decided = table.log(0).length
    expect(table.seats.map(({ core }) => core.peek().epoch).slice(0, 4)).toEqual([2, 1, 1, 1])
    table.lose()
    table.input(3, { type: 'barrier', token: 1, at: table.seats[3]!.at })
    table.deliverAll((e) => ['tip', 'tip-request'].includes(e.message.type) && e.from !== 0)
    expect(table.seats[3]!.passed).toEqual([])
    table.pass(5_000)
    expect(table.seats[3]!.core.peek().epoch).toBe(2)
    expect(table.seats[3]!.passed.every((height) => height >= decided)).toBe(true)
    expect(table.seats[3]!.passed).toHaveLength(1)
  })

  it('ends though READY for a state that is past is said again and again by somebody else', () => {
    const table = readyOnTheWay()
    const old = table.queue.filter((e) => isReady(e) && e.to === 3)
    expect(old.length).toBe(3)
    table.submit('a')
    table.pass(500, (e) => !isReady(e))
    table.lose(isReady)
    expect(table.texts(0)).toEqual(['next', 'a'])
    for (let ms = 0; ms < 20_000; ms += 10) {
      for (const to of [0, 1, 2]) {
        const { at } = table.seats[to]!
        for (const { bytes } of old) {
          table.input(to, { type: 'message', from: table.seats[3]!.peer, bytes, at })
        }
      }
      table.pass(10, (e) => !(isReady(e) && e.from === 3))
    }
    expect(table.seats[0]!.core.peek().epoch).toBe(2)
  })

  it('checks a forged READY once, and forgets it', () => {
    const table = readyOnTheWay()
    const { message } = table.queue.find((e) => isReady(e) && e.from === 3)!
    if (message.type !== 'ready') throw new Error('no READY')
    table.lose(isReady)
    // For a state to come: it waits, and is looked at when the state is ours.
    const forged = { ...message, signature: new Uint8Array(64) }
    table.verified = 0
    const say = (bytes: Uint8Array) => {
      const { at } = table.seats[0]!
      table.input(0, { type: 'message', from: table.seats[3]!.peer, bytes, at })
    }
    say(encodeMessage(forged))
    say(encodeMessage({ ...forged, stateRoot: new Uint8Array(32) }))
    expect(table.verified).toBe(1)
    say(encodeMessage(forged))
    expect(table.verified).toBe(2)
    // Nothing waits: a final block that leaves the state as it is has no READY to check.
    table.verified = 0
    table.input(0, { type: 'delivered', height: 1, nextSet: table.nextSet, at: table.seats[0]!.at })
    expect(table.verified).toBe(0)
    say(encodeMessage(message))
    expect(table.verified).toBe(1)
    say(encodeMessage(message))
    expect(table.verified).toBe(1)
  })

  it.each([20, 200, 300])(
    'ends under steady load, with messages of %i ms and Δ of 500',
    (delay) => {
      const table = new Table({ timing: { deltaMs: 500 } })
      table.seatNext([0, 1, 2, 3])
      table.startAll()
      const sentAt = new Map<Envelope, number>()
      let now = 0
      const load = (ms: number) => {
        for (
          const end = now + ms;
          now < end && table.seats[0]!.core.peek().epoch === 1;
          now += 10
        ) {
          if (now % 40 === 0) table.submit(`op-${now}`)
          for (const envelope of table.queue) {
            if (!sentAt.has(envelope)) sentAt.set(envelope, now)
          }
          table.pass(10, (e) => sentAt.has(e) && now - sentAt.get(e)! >= delay)
        }
      }
      load(1_000)
      table.submit('next')
      load(20_000)
      expect(table.seats[0]!.core.peek().epoch).toBe(2)
    },
  )

  it('goes on deciding under load while the next voters are not there, and stands still seldom', () => {
    const table = new Table({ observers: 3 })
    table.seatNext([0, 4, 5, 6])
    table.startAll()
    for (const seat of [4, 5, 6]) table.crash(seat)
    table.submit('next', [0, 1, 2, 3])
    table.pass(1_000)
    const before = table.log(0).length
    // A block each Δ/2 or so, and now and then one that waited 1.5 Δ for READY.
    for (let i = 0; i < 100; i++) {
      table.submit(`op-${i}`, [0, 1, 2, 3])
      table.pass(100)
    }
    expect(table.seats[0]!.core.peek().epoch).toBe(1)
    expect(table.log(0).length - before).toBeGreaterThan(30)
    expect(
      table.wire.some(({ message }) => message.type === 'vote' && message.vote.kind === 'nullify'),
    ).toBe(false)
  })
})
