/** The bytes of every message: regenerated only by FOLKMOOT_WRITE_FIXTURES=1, on purpose. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fromHex, toHex } from '@folkmoot/codec'
import { voteKeyName } from '@folkmoot/consensus'
import { describe, expect, it } from 'vitest'
import { parseOperations } from '../engine/operations-message.ts'
import * as fuzz from './messages.fuzz.ts'
import { encodeMessage, parseMessage } from './messages.ts'
import { blockKey, voteKey } from './records.ts'

const file = new URL('../fixtures/wire-v1.json', import.meta.url)
const current = {
  messages: fuzz.samples.map((message) => [message.type, toHex(encodeMessage(message))] as const),
  operations: fuzz.sampleOperations.map(toHex),
  records: [
    voteKey({ view: 12, kind: 'finalise' }),
    blockKey({ view: 12, id: new Uint8Array(32) }),
    voteKeyName(2),
  ],
}

describe('the wire of voters', () => {
  if (process.env.FOLKMOOT_WRITE_FIXTURES === '1') {
    writeFileSync(file, `${JSON.stringify(current, undefined, 1)}\n`)
  }
  const stored = JSON.parse(readFileSync(file, 'utf8')) as typeof current

  it('has not drifted, nor have the names of what a voter keeps', () => {
    expect(current).toEqual(stored)
  })

  it('is read as it was written', () => {
    for (const [i, [, hex]] of stored.messages.entries()) {
      expect(parseMessage(fromHex(hex))).toEqual({ ok: true, message: fuzz.samples[i] })
    }
    expect(parseOperations(fromHex(stored.operations[0]!))?.length).toBe(2)
  })

  it('is refused where a byte is missing or one is too many', () => {
    for (const seed of fuzz.seeds) {
      fuzz.run(seed)
      expect(parseMessage(seed.slice(0, -1)).ok).toBe(false)
      expect(parseMessage(new Uint8Array([...seed, 0])).ok).toBe(false)
    }
  })
})
