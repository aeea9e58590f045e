import { encode, hashSchema, intSchema, toHex } from '@folkmoot/codec'
import * as fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { nodeVerifier } from '../../storage/src/node/ed25519.ts'
import { createChecker } from './checker.ts'
import { openRecord, peekRecord, recordBody, sealRecord } from './record.ts'
import { hash, member, stranger } from './test-records.ts'

const checker = createChecker(nodeVerifier())
const schema = v.strictObject({ v: v.literal(1), n: intSchema(0, 10), hash: hashSchema })
const value = { v: 1, n: 7, hash }

test('a record opens to its value, its signer and its id', async () => {
  const bytes = await sealRecord(member, 'report', value)
  const opened = await openRecord(checker, 'report', schema, bytes)
  expect(opened).toMatchObject({ ok: true, value, signer: member.peer })
  expect(peekRecord('report', schema, bytes)).toEqual(opened)
})

test('the id depends on purpose, body and key, and not on the signature', async () => {
  const idOf = async (purpose: 'report' | 'result', by: typeof member, n: number) => {
    const bytes = await sealRecord(by, purpose, { ...value, n })
    const peeked = peekRecord(purpose, schema, bytes)
    return peeked.ok ? peeked.id : ''
  }
  const ids = await Promise.all([
    idOf('report', member, 7),
    idOf('result', member, 7),
    idOf('report', stranger, 7),
    idOf('report', member, 8),
  ])
  expect(new Set(ids).size).toBe(4)
  const body = encode(value)
  const unsigned = encode([body, member.publicKey, new Uint8Array(64)])
  expect(peekRecord('report', schema, unsigned)).toMatchObject({ id: ids[0] })
  expect((await openRecord(checker, 'report', schema, unsigned)).ok).toBe(false)
})

test('a record for one purpose is none for another', async () => {
  const bytes = await sealRecord(member, 'report', value)
  expect(await openRecord(checker, 'result', schema, bytes)).toMatchObject({
    fault: { code: 'identity/signature' },
    evidence: bytes,
  })
})

test('a record whose key was replaced is refused', async () => {
  const bytes = await sealRecord(member, 'report', value)
  const signature = bytes.slice(-64)
  const forged = encode([encode(value), stranger.publicKey, signature])
  expect(await openRecord(checker, 'report', schema, forged)).toMatchObject({
    fault: { code: 'identity/signature' },
  })
})

test('changed bytes anywhere are refused', async () => {
  const bytes = await sealRecord(member, 'report', value)
  const edit = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }))
  await fc.assert(
    fc.asyncProperty(edit, async ([at, flip]) => {
      const changed = bytes.slice()
      changed[at]! ^= flip
      expect((await openRecord(checker, 'report', schema, changed)).ok).toBe(false)
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['nothing', new Uint8Array()],
  ['another structure', encode({ a: 1 })],
  ['a part missing', encode([new Uint8Array(1), new Uint8Array(32)])],
  ['a part too many', encode([1, 2, 3, 4].map(() => new Uint8Array(32)))],
  ['a short key', encode([new Uint8Array(1), new Uint8Array(31), new Uint8Array(64)])],
  ['a long signature', encode([new Uint8Array(1), new Uint8Array(32), new Uint8Array(65)])],
  ['a body that is not CBOR', encode([new Uint8Array(), new Uint8Array(32), new Uint8Array(64)])],
  ['null', encode(null)],
])('what is not a record is refused: %s', async (_name, bytes) => {
  const fault = { code: 'identity/record-malformed' }
  expect(await openRecord(checker, 'report', schema, bytes)).toMatchObject({ fault })
})

test('content of another shape is refused, and a newer version says so', async () => {
  const code = async (content: unknown) => {
    const bytes = await sealRecord(member, 'report', content)
    const opened = await openRecord(checker, 'report', schema, bytes)
    return opened.ok ? 'ok' : opened.fault.code
  }
  expect(await code({ ...value, extra: 1 })).toBe('identity/record-content')
  expect(await code({ ...value, n: 11 })).toBe('identity/record-content')
  expect(await code({ ...value, v: 0 })).toBe('identity/record-content')
  expect(await code({ ...value, v: 2, extra: 1 })).toBe('identity/newer-version')
})

test('one value has one encoding: an integer written as a float is refused', async () => {
  const body = Uint8Array.from([0xa1, 0x61, 0x6e, 0xfb, 0x40, 0x08, 0, 0, 0, 0, 0, 0])
  const bytes = encode([body, member.publicKey, await member.sign('report', body)])
  const loose = v.strictObject({ n: v.number() })
  expect((await openRecord(checker, 'report', loose, bytes)).ok).toBe(false)
})

test('the signed bytes can be had again', async () => {
  const record = recordBody(await sealRecord(member, 'report', value))
  expect(record.ok && toHex(record.body)).toBe(toHex(encode(value)))
})
