/** What a voter does that lost its votes, with its key or without, or that is an older copy of itself. */
import { findConflict, type Vote } from '@folkmoot/consensus'
import { describe, expect, it } from 'vitest'
import { type Envelope, Table } from '../../test/table.ts'
import { entriesMessage } from './messages.ts'

const isVote = (kind: Vote['kind']) => (e: Envelope) =>
  e.message.type === 'vote' && e.message.vote.kind === kind

function votesOf(table: Table, seat: number): Vote[] {
  return table.wire
    .filter(({ from }) => from === seat)
    .flatMap(({ message }) => {
      if (message.type === 'vote') return [message.vote]
      if (message.type === 'repair') return message.votes
      return message.type === 'proposal' && message.vote ? [message.vote] : []
    })
}

/** Seat 1 has said S(1), everybody heard it, and then it is gone. */
function skippedAndGone(table: Table): void {
  table.startAll()
  table.submit('a', [1, 2, 3])
  table.pass(600, isVote('nullify'))
  expect(votesOf(table, 1)).not.toEqual([])
  table.crash(1)
  table.lose()
}

/** Puts a seat's disk back to what it is now. */
function copyOf(table: Table, at: number): () => void {
  const seat = table.seats[at]!
  const [records, keys] = [new Map(seat.records), new Map(seat.keys)]
  const { length } = seat.entries
  return () => {
    seat.records = records
    seat.keys.clear()
    for (const [name, pair] of keys) seat.keys.set(name, pair)
    seat.entries.splice(length)
    seat.delivered.splice(length)
    seat.pool = []
  }
}

const connectedTo = (table: Table, seat: number) =>
  ({ type: 'connected', peer: table.seats[seat]!.peer, at: table.seats[0]!.at }) as const

describe('a voter that lost its key with its votes', () => {
  it('follows, whatever others remember of it, and votes with a new key in the next epoch', () => {
    const table = new Table()
    skippedAndGone(table)
    const said = votesOf(table, 1)
    table.seats[1]!.keys.clear()
    table.restart(1, 'database')
    table.deliverAll()
    expect(table.seats[1]!.halted).toBeUndefined()
    expect(table.seats[1]!.core.peek().isVoting).toBe(false)
    table.pass(4_000)
    expect(table.texts(1)).toEqual(['a'])
    table.seatNext([0, 1, 2, 3])
    table.submit('next')
    table.pass(4_000)
    expect(table.seats[1]!.core.peek()).toMatchObject({ epoch: 2, isVoting: true })
    expect(votesOf(table, 1).filter(({ epoch }) => epoch === 1)).toEqual(said)
  })

  it('gets the whole log, also where it lost that as well', () => {
    const table = new Table()
    table.startAll()
    for (const text of ['a', 'b', 'c']) {
      table.submit(text)
      table.deliverAll()
    }
    const seat = table.seats[1]!
    table.crash(1)
    seat.keys.clear()
    seat.entries.splice(0)
    seat.delivered.splice(0)
    table.restart(1, 'database')
    // What the others remember arrives before what they decided.
    table.deliverAll(({ message }) => ['recall', 'recalled'].includes(message.type))
    table.deliverAll()
    table.submit('d')
    table.pass(4_000)
    expect(table.texts(1)).toEqual(['a', 'b', 'c', 'd'])
    expect(seat.halted).toBeUndefined()
  })
})

describe('a voter whose log lost its end, and whose votes are whole', () => {
  it('says nothing below what it knows to be final, after a second start either, when nobody remembers', () => {
    const table = new Table()
    table.startAll()
    table.pass(100)
    for (const text of ['a', 'b', 'c', 'd']) {
      table.submit(text)
      table.pass(300)
    }
    const seat = table.seats[3]!
    table.crash(3)
    seat.entries.splice(1)
    seat.delivered.splice(1)
    table.restart(3)
    const isRecalled = ({ to, message }: Envelope) => to !== 3 || message.type === 'recalled'
    table.deliverAll(isRecalled)
    // It is served one entry of those that it lacks, and says something in a later view.
    const bytes = entriesMessage([table.seats[0]!.entries[1]!])
    table.input(3, { type: 'message', from: table.seats[0]!.peer, bytes, at: seat.at })
    table.lose(({ to }) => to === 3)
    table.submit('e', [0, 1, 2])
    const isUndecided = ({ to, message }: Envelope) =>
      to !== 3 ||
      ['proposal', 'recalled'].includes(message.type) ||
      (message.type === 'vote' && message.vote.kind !== 'finalise')
    table.pass(3_000, isUndecided)
    table.lose(({ to }) => to === 3)
    for (const each of [3, 0, 1, 2]) {
      table.crash(each)
      table.restart(each)
    }
    table.deliverAll(isRecalled)
    table.lose(({ to }) => to === 3)
    table.submit('f', [3])
    table.pass(6_000, isRecalled)
    expect(findConflict(votesOf(table, 3))).toEqual([])
    expect(seat.halted).toBeUndefined()
    table.pass(6_000)
    expect(table.texts(3)).toEqual(table.texts(0))
  })
})

describe('a voter that is an older copy of itself', () => {
  it('is told of votes that the others are done with, and stops', () => {
    const table = new Table()
    table.startAll()
    const putBack = copyOf(table, 1)
    for (const text of ['a', 'b']) {
      table.submit(text)
      // Seats 0 and 2 need every vote of seat 1, so none of them comes too late to count.
      table.deliverAll(({ from }) => from !== 3)
    }
    table.crash(1)
    table.lose()
    putBack()
    table.restart(1)
    // Nothing else of what was decided gets there, and its time for view 1 runs out, in which it said F.
    const isRecall = ({ message, from, to }: Envelope) =>
      ['recall', 'recalled'].includes(message.type) && from !== 3 && to !== 3
    table.deliverAll(isRecall)
    table.lose()
    table.submit('c', [1])
    table.pass(2_000, isRecall)
    expect(findConflict(votesOf(table, 1))).toEqual([])
    expect(table.seats[1]!.halted).toBe('consensus-bft/amnesia')
  })

  it('stops in an epoch that it had been in already, when it comes to it again', () => {
    const table = new Table()
    table.seatNext([0, 1, 2, 3])
    table.startAll()
    const putBack = copyOf(table, 0)
    table.submit('next')
    table.pass(1_000)
    expect(table.seats[0]!.core.peek().epoch).toBe(2)
    // Seat 0 leads view 1 of the new epoch; its block is heard, and nothing more is.
    table.submit('b', [0])
    table.pass(300, ({ message }) => message.type === 'proposal')
    expect(votesOf(table, 0).some(({ epoch, kind }) => epoch === 2 && kind === 'notarise')).toBe(
      true,
    )
    table.crash(0)
    table.lose()
    putBack()
    table.restart(0)
    table.submit('c')
    table.pass(4_000)
    expect(table.seats[0]!.core.peek().epoch).toBe(2)
    expect(findConflict(votesOf(table, 0))).toEqual([])
    expect(table.seats[0]!.halted).toBe('consensus-bft/amnesia')
    expect(table.texts(1)).toContain('c')
  })

  it('says nothing again that it finds on its disk before others told it what it said', () => {
    const table = new Table()
    table.startAll()
    const putBackEmpty = copyOf(table, 0)
    // Written, and never sent: this copy knows of a vote that nobody heard.
    table.crashBefore = (seat, effect) => seat === 0 && effect === 'synced'
    table.submit('a', [0])
    table.crashBefore = undefined
    expect([...table.seats[0]!.records.keys()].some((key) => key.startsWith('bft/vote'))).toBe(true)
    const putBackUnsent = copyOf(table, 0)
    putBackEmpty()
    table.restart(0)
    table.deliverAll()
    table.submit('b', [0])
    table.pass(50, ({ message }) => message.type === 'proposal')
    table.crash(0)
    table.lose()
    putBackUnsent()
    table.restart(0)
    for (const seat of [1, 2, 3]) table.input(0, connectedTo(table, seat))
    table.pass(2_000)
    expect(findConflict(votesOf(table, 0))).toEqual([])
    expect(table.seats[0]!.halted).toBe('consensus-bft/amnesia')
  })

  it('stops also when the answer that shows it comes after a quorum of others', () => {
    const table = new Table()
    table.startAll()
    const putBack = copyOf(table, 0)
    table.submit('a', [0])
    // Only seat 3 hears the block that seat 0 proposes, and its vote.
    table.pass(50, ({ message, to }) => message.type === 'proposal' && to === 3)
    table.crash(0)
    table.lose()
    putBack()
    table.restart(0)
    table.deliverAll(({ from, to, message }) => {
      return ['recall', 'recalled'].includes(message.type) && from !== 3 && to !== 3
    })
    expect(table.seats[0]!.core.peek().isVoting).toBe(true)
    table.deliverAll(({ message }) => ['recall', 'recalled'].includes(message.type))
    expect(table.seats[0]!.halted).toBe('consensus-bft/amnesia')
  })
})
