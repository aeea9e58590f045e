/** A voter that sees the other side of a fork decide. */
import { expect, it } from 'vitest'
import { Table } from '../../test/table.ts'

it('stays stopped over restarts once a final block does not descend from its own', () => {
  const table = new Table()
  table.startAll()
  table.submit('a')
  table.pass(500)
  expect(table.texts(3)).toEqual(['a'])
  table.crash(3)
  // More than may lie begin anew, and decide something else.
  for (const at of [0, 1, 2]) {
    table.crash(at)
    const seat = table.seats[at]!
    seat.entries.splice(0)
    seat.delivered.splice(0)
    table.restart(at, 'database')
  }
  table.submit('b', [0, 1, 2])
  table.pass(500)
  expect(table.texts(0)).toEqual(['b'])
  const seat = table.seats[3]!
  table.restart(3)
  table.submit('c', [0, 1, 2])
  table.pass(2_000)
  expect(seat.halted).toBe('consensus-bft/fork')
  for (let restarts = 0; restarts < 2; restarts++) {
    table.crash(3)
    seat.halted = undefined
    table.restart(3)
    expect(seat.halted).toBe('consensus-bft/fork')
    const before = table.wire.length
    table.submit('d')
    table.pass(2_000)
    const said = table.wire.slice(before).filter(({ from }) => from === 3)
    expect(said.map(({ message }) => message.type)).not.toContain('vote')
    expect(seat.core.peek().isVoting).toBe(false)
  }
})
