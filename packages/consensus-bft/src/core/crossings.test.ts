/** What a voter can show, afterwards, of every view that its history went through. */
import { encodeCertificate, parseCertificate, parseEntry } from '@folkmoot/consensus'
import { expect, it } from 'vitest'
import { Table } from '../../test/table.ts'
import { crossingKey, readCrossing } from '../index.ts'

/** The certificates by which the entries of a seat were decided, by view. */
function decidedViews(table: Table, seat: number): Map<number, Uint8Array> {
  return new Map(
    table.seats[seat]!.entries.map((bytes) => {
      const parsed = parseEntry(bytes)
      if (!parsed.ok || parsed.entry.proof.kind !== 'bft') throw new Error('no entry')
      const certificate = parseCertificate(parsed.entry.proof.certificate)
      if (!certificate.ok) throw new Error('no certificate')
      return [certificate.certificate.view, encodeCertificate(certificate.certificate)]
    }),
  )
}

it('is a certificate of each: F in the log, or S or N that was kept, over a restart too', () => {
  const table = new Table()
  table.startAll()
  table.crash(1)
  for (let i = 0; i < 12; i++) {
    table.submit(`op-${i}`, [0, 2, 3])
    table.pass(2_000)
    if (i === 6) table.restart(0)
  }
  const decided = decidedViews(table, 0)
  const newest = Math.max(...decided.keys())
  const { records } = table.seats[0]!
  const kinds = new Map<string, number>()
  // What was crossed last waits for the next write.
  for (let view = 1; view < newest - 1; view++) {
    const shown =
      decided.get(view) ??
      readCrossing(records.get(crossingKey({ epoch: 1, view })), { epoch: 1, view })
    const parsed = shown && parseCertificate(shown)
    expect(parsed, `view ${view}`).toMatchObject({ ok: true, certificate: { epoch: 1, view } })
    const { kind } = (parsed as { certificate: { kind: string } }).certificate
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  expect(kinds.get('nullify')).toBeGreaterThanOrEqual(2)
  expect(kinds.get('finalise')).toBeGreaterThanOrEqual(6)
})

it('is said of no other view or epoch than its own: places are used again', () => {
  const table = new Table()
  table.startAll()
  table.crash(1)
  for (let i = 0; i < 4; i++) {
    table.submit(`op-${i}`, [0, 2, 3])
    table.pass(2_000)
  }
  const { records } = table.seats[0]!
  const view = [1, 2, 3, 4, 5].find((each) => records.has(crossingKey({ epoch: 1, view: each })))!
  const stored = records.get(crossingKey({ epoch: 1, view }))
  const key = crossingKey({ epoch: 1, view })
  expect(crossingKey({ epoch: 1, view: view + 4_096 })).toBe(key)
  expect(crossingKey({ epoch: 2, view })).not.toBe(key)
  expect(readCrossing(stored, { epoch: 1, view })).toBe(stored)
  expect(readCrossing(stored, { epoch: 1, view: view + 4_096 })).toBeUndefined()
  expect(readCrossing(stored, { epoch: 2, view })).toBeUndefined()
  expect(readCrossing(new Uint8Array([1]), { epoch: 1, view })).toBeUndefined()
})
