/** The bytes of messages and records, which members of different versions exchange and keep. */
import { toHex } from '@folkmoot/codec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wireFixture } from '../../consensus/test/wire-fixture.ts'
import {
  encodeEngineMessage,
  isEngineMessage,
  parseEngineMessage,
} from './engine/engine-message.ts'
import { exampleEngineMessages, exampleMessages } from './example-messages.ts'
import * as fuzz from './message.fuzz.ts'
import { encodeMessage, parseMessage } from './message.ts'
import { putBase, putEntry, putHard } from './storage.ts'

const base = { index: 4, term: 1, members: { voters: [], learners: [] }, info: new Uint8Array([1]) }
const records = () => {
  const append = exampleMessages.find((each) => each.type === 'append')!
  const puts = [
    putHard({ term: 3, votedFor: null }),
    putBase(base),
    ...append.entries.map(putEntry),
  ]
  return puts.flatMap((each) => (each.type === 'put' ? [[each.key, toHex(each.value)]] : []))
}

describe('the wire', () => {
  it('has not drifted', () => {
    const now = {
      core: exampleMessages.map((each) => [each.type, toHex(encodeMessage(each))]),
      engine: exampleEngineMessages.map((each) => [each.type, toHex(encodeEngineMessage(each))]),
      records: records(),
    }
    expect(now).toEqual(wireFixture(new URL('fixtures/wire-v1.json', import.meta.url), now))
  })

  it('gives back what was sent, and tells messages of cores from those of engines', () => {
    for (const message of exampleMessages) {
      const bytes = encodeMessage(message)
      expect(isEngineMessage(bytes)).toBe(false)
      expect(parseMessage(bytes)).toEqual({ ok: true, message })
    }
    for (const message of exampleEngineMessages) {
      const bytes = encodeEngineMessage(message)
      expect(isEngineMessage(bytes)).toBe(true)
      expect(parseEngineMessage(bytes)).toEqual({ ok: true, message })
    }
  })

  it('refuses an entry of a later term than its leader', () => {
    const append = exampleMessages.find((each) => each.type === 'append')!
    expect(parseMessage(encodeMessage({ ...append, term: 2 }))).toMatchObject({
      fault: { code: 'consensus-raft/malformed' },
    })
  })

  it('survives bytes that were changed anywhere', () => {
    fc.assert(
      fc.property(fc.constantFrom(...fuzz.seeds), fc.nat(), fc.nat(255), (seed, at, value) => {
        const bytes = seed.slice()
        if (bytes.length > 0) bytes[at % bytes.length] = value
        fuzz.run(bytes)
      }),
    )
  })
})
