/** Reads that are to see everything acknowledged before them. */
import { describe, expect, it } from 'vitest'
import { type Envelope, Table } from '../../test/table.ts'
import { entriesMessage } from './messages.ts'

const isRead = ({ message }: Envelope) => ['tip', 'tip-request'].includes(message.type)
const concerns = (seat: number) => (e: Envelope) => e.from === seat || e.to === seat

describe('a read barrier', () => {
  it('waits for what was decided before the answers, not for what is decided while it waits', () => {
    const table = new Table()
    table.startAll()
    const [first, , , reader] = table.seats
    const withoutReader = (e: Envelope) => !concerns(3)(e)
    table.submit('a', [0, 1, 2])
    table.pass(600, withoutReader)
    table.lose(concerns(3))
    table.input(3, { type: 'barrier', token: 1, at: reader!.at })
    table.deliverAll(isRead)
    // More is decided; whoever were asked again would tell of that.
    table.submit('b', [0, 1, 2])
    table.pass(600, withoutReader)
    expect(table.texts(0)).toEqual(['a', 'b'])
    table.deliverAll(isRead)
    table.lose(concerns(3))
    expect(reader!.passed).toEqual([])
    const bytes = entriesMessage([first!.entries[0]!])
    table.input(3, { type: 'message', from: first!.peer, bytes, at: reader!.at })
    expect(table.texts(3)).toEqual(['a'])
    expect(reader!.passed).toEqual([1])
  })

  it('asks nobody twice who answered', () => {
    const table = new Table()
    table.startAll()
    table.input(3, { type: 'barrier', token: 1, at: table.seats[3]!.at })
    const answered = (e: Envelope) => isRead(e) && concerns(1)(e)
    table.deliverAll(answered)
    table.lose(isRead)
    const before = table.wire.length
    table.pass(600, answered)
    const asked = table.wire.slice(before).filter(({ message }) => message.type === 'tip-request')
    expect(new Set(asked.map(({ to }) => to))).toEqual(new Set([0, 2]))
  })
})
