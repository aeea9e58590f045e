/** Final entries that others send to whoever is behind, true and false ones. */
import { encodeCertificate, encodeEntry, parseCertificate, parseEntry } from '@folkmoot/consensus'
import { describe, expect, it } from 'vitest'
import { type Envelope, Table } from '../../test/table.ts'
import { entriesMessage } from '../index.ts'

/** Seat 3 was away while the others decided on `count` operations; it is back and was told nothing. */
function behindBy(count: number, table = new Table()): Table {
  table.startAll()
  table.crash(3)
  for (let i = 0; i < count; i++) {
    table.submit(`op-${i}`, [0, 1, 2])
    table.pass(2_000)
  }
  table.restart(3)
  table.lose()
  return table
}

function send(table: Table, from: number, entries: readonly Uint8Array[]): void {
  const bytes = entriesMessage(entries)
  const { at } = table.seats[3]!
  table.input(3, { type: 'message', from: table.seats[from]!.peer, bytes, at })
}

/** The entry with a certificate in which one signature is none. */
function withFalseCertificate(bytes: Uint8Array): Uint8Array {
  const { proof, ops } = read(bytes)
  const parsed = parseCertificate(proof.certificate)
  if (!parsed.ok) throw new Error(parsed.fault.message)
  const [first, ...others] = parsed.certificate.signatures
  const signatures = [first!.map((byte) => byte ^ 1), ...others]
  const certificate = encodeCertificate({ ...parsed.certificate, signatures })
  return encodeEntry({ ...proof, certificate }, ops)
}

function withoutCertificate(bytes: Uint8Array): Uint8Array {
  const { proof, ops } = read(bytes)
  return encodeEntry({ ...proof, certificate: new Uint8Array([1, 2, 3]), under: null }, ops)
}

function read(bytes: Uint8Array) {
  const parsed = parseEntry(bytes)
  if (!parsed.ok || parsed.entry.proof.kind !== 'bft') throw new Error('no entry of this engine')
  const { proof, ops } = parsed.entry
  return { proof, ops }
}

/** Three entries under one certificate are final, of which seat 3, which was away, got two. */
function batchCut(): Table {
  const table = new Table()
  table.startAll()
  table.crash(3)
  const isFinality = ({ message }: Envelope) =>
    (message.type === 'vote' && message.vote.kind === 'finalise') || message.type === 'repair'
  for (const text of ['a', 'b', 'c']) {
    table.submit(text, [0, 1, 2])
    table.deliverAll((envelope) => !isFinality(envelope))
  }
  expect(table.log(0)).toEqual([])
  table.deliverAll(({ message }) => message.type === 'vote' && message.vote.view === 3)
  const { entries } = table.seats[0]!
  expect(entries.map((bytes) => read(bytes).proof.under !== null)).toEqual([true, true, false])
  table.restart(3)
  table.lose()
  send(table, 0, entries.slice(0, 2))
  return table
}

describe('entries from somebody else', () => {
  it('bring a voter that was away up to date', () => {
    const table = behindBy(4)
    send(table, 0, table.seats[0]!.entries)
    expect(table.log(3)).toEqual(table.log(0))
  })

  for (const [what, falsify] of [
    ['a false signature', withFalseCertificate],
    ['no certificate', withoutCertificate],
  ] as const) {
    it(`of which one has ${what} are taken as far as the one before it`, () => {
      const table = behindBy(4)
      const [first, second, ...rest] = table.seats[0]!.entries
      send(table, 0, [first!, falsify(second!), ...rest])
      expect(table.log(3)).toEqual(table.log(0).slice(0, 1))
      expect(table.seats[3]!.halted).toBeUndefined()
      send(table, 1, table.seats[0]!.entries)
      expect(table.log(3)).toEqual(table.log(0))
    })

    it(`with ${what} are charged to whoever sent them, who is not heard after some`, () => {
      const table = behindBy(4)
      const [first, ...rest] = table.seats[0]!.entries
      for (let i = 0; i < 100; i++) send(table, 1, [falsify(first!), ...rest])
      send(table, 1, table.seats[0]!.entries)
      expect(table.log(3)).toEqual([])
      send(table, 0, table.seats[0]!.entries)
      expect(table.log(3)).toEqual(table.log(0))
    })
  }

  it('may end inside a batch that one certificate decided: the rest is asked for, and it votes on', () => {
    const table = batchCut()
    expect(table.texts(3)).toEqual(['a', 'b'])
    table.deliverAll()
    expect(table.texts(3)).toEqual(['a', 'b', 'c'])
    table.crash(2)
    table.submit('d', [0, 1, 3])
    table.pass(5_000)
    expect(table.texts(0)).toEqual(['a', 'b', 'c', 'd'])
    expect(table.log(3)).toEqual(table.log(0))
  })

  it('may end inside such a batch, and the log with them when a crash comes: it is caught up with all the same', () => {
    const table = batchCut()
    table.crash(3)
    table.restart(3)
    table.deliverAll()
    expect(table.texts(3)).toEqual(['a', 'b', 'c'])
  })

  it('cost no more than one check of each, when everybody sends them at the same time', () => {
    const table = behindBy(8)
    table.verified = 0
    const unanswered: (() => void)[] = []
    table.unanswered = unanswered
    for (const seat of [0, 1, 2]) send(table, seat, table.seats[0]!.entries)
    table.unanswered = undefined
    for (const answer of unanswered) answer()
    expect(table.log(3)).toEqual(table.log(0))
    expect(table.verified).toBeLessThanOrEqual(table.log(0).length * 3)
  })
})
