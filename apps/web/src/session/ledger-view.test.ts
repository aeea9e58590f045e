import { encodeHeader, type FinalEntry, type Header } from '@folkmoot/consensus'
import { expect, it } from 'vitest'
import { words } from '../words.ts'
import { decisionView } from './ledger-view.ts'

const entry = (more: Partial<Header>) => {
  const hash = new Uint8Array(32)
  const header = encodeHeader({
    instance: 'ab'.repeat(32),
    epoch: 1,
    height: 7,
    parentHash: hash,
    payloadHash: hash,
    stateRoot: hash,
    historyRoot: hash,
    time: 1_000,
    ...more,
  } as unknown as Header)
  return { header, height: 7, time: 1_000, ops: [] } as unknown as FinalEntry
}

it('says of an entry without operations that the voters are alive, or that the next take over', () => {
  expect(decisionView(entry({})).words).toBe(words.decisions.nothing)
  expect(decisionView(entry({ nextSetHash: new Uint8Array(32) })).words).toBe(
    words.decisions.turned,
  )
})
