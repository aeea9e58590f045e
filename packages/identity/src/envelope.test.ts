import { encode, equalBytes, sha256 } from '@folkmoot/codec'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodeVerifier } from '../../storage/src/node/ed25519.ts'
import { createChecker } from './checker.ts'
import { isStaticFault, openEnvelope, sealEnvelope } from './envelope.ts'
import type { Envelope } from './envelope-schema.ts'
import { envelope, fed, hash, member, now, stranger } from './test-records.ts'

const checker = createChecker(nodeVerifier())
const expected = { fed, now }

/** Signed by hand, so that what `sealEnvelope` refuses can be sent too. */
async function send(value: unknown): Promise<Uint8Array> {
  const body = encode(value)
  return encode([body, await member.sign('envelope', body)])
}

async function faultOf(bytes: Uint8Array, change: object = {}) {
  const opened = await openEnvelope(checker, bytes, { ...expected, ...change })
  return opened.ok ? undefined : opened.fault
}

test('an envelope opens to what was sealed, with the hash that logs hold', async () => {
  const opened = await openEnvelope(checker, await sealEnvelope(member, envelope), expected)
  expect(opened).toMatchObject({ ok: true, envelope })
  const input = Uint8Array.from([...envelope.salt, ...envelope.body])
  expect(opened.ok && equalBytes(opened.bodyHash, sha256(input))).toBe(true)
})

test('gossip has no addressee and need carry nothing optional', async () => {
  const { to, capability, idempotencyKey, budget, guard, trace, ...rest } = envelope
  const record: Envelope = { ...rest, kind: 'record' }
  expect(await openEnvelope(checker, await sealEnvelope(member, record), expected)).toMatchObject({
    ok: true,
    envelope: record,
  })
})

test('nobody seals in another’s name', async () => {
  await expect(sealEnvelope(stranger, envelope)).rejects.toMatchObject({
    code: 'identity/unsealable',
  })
  const body = encode(envelope)
  const forged = encode([body, await stranger.sign('envelope', body)])
  expect(await faultOf(forged)).toMatchObject({ code: 'identity/envelope-signature' })
})

describe('times', () => {
  test.each([
    ['at the deadline', { now: envelope.deadline }, undefined],
    ['past the deadline', { now: envelope.deadline + 1 }, 'identity/envelope-expired'],
    ['within the skew', { now: now - 120_000 }, undefined],
    ['beyond the skew', { now: now - 120_001 }, 'identity/envelope-future'],
    ['within a longer skew', { now: now - 200_000, maxSkewMs: 200_000 }, undefined],
    ['living as long as permitted', { maxLifetimeMs: 60_000 }, undefined],
    ['living longer', { maxLifetimeMs: 59_999 }, 'identity/envelope-lifetime'],
  ])('an envelope %s', async (_name, change, code) => {
    expect((await faultOf(await send(envelope), change))?.code).toBe(code)
  })

  test('a deadline that is not after the sending is refused', async () => {
    for (const deadline of [now, now - 1]) {
      expect((await faultOf(await send({ ...envelope, deadline })))?.code).toBe(
        'identity/envelope-lifetime',
      )
    }
  })
})

describe('what every honest forwarder refuses is told from what depends on the receiver', () => {
  const { deadline: _, ...undying } = envelope
  test.each<[string, unknown, object, string, boolean]>([
    ['another federation', { ...envelope, fed: hash }, {}, 'fed', true],
    ['no deadline', undying, {}, 'malformed', true],
    ['an unknown field', { ...envelope, extra: 1 }, {}, 'malformed', true],
    ['an unknown kind', { ...envelope, kind: 'shout' }, {}, 'malformed', true],
    ['a short id', { ...envelope, id: new Uint8Array(15) }, {}, 'malformed', true],
    ['too many bytes', envelope, { maxBytes: 200 }, 'malformed', true],
    ['a later version', { ...envelope, v: 2, extra: 1 }, {}, 'version', false],
    ['the past', envelope, { now: now + 3_600_000 }, 'expired', false],
    ['the future', envelope, { now: now - 3_600_000 }, 'future', false],
  ])('%s', async (_name, value, change, what, isStatic) => {
    const fault = await faultOf(await send(value), change)
    expect(fault?.code).toBe(`identity/envelope-${what}`)
    expect(isStaticFault(fault!)).toBe(isStatic)
  })
})

test.each([
  ['nothing', new Uint8Array()],
  ['one part', encode([new Uint8Array(3)])],
  ['three parts', encode([new Uint8Array(3), new Uint8Array(64), 1])],
  ['text for bytes', encode(['a', 'b'])],
  ['a map', encode({ 0: new Uint8Array(3), 1: new Uint8Array(64) })],
])('what is not an envelope is refused: %s', async (_name, bytes) => {
  expect((await faultOf(bytes))?.code).toBe('identity/envelope-malformed')
})

test('changed bytes anywhere, or cut off, are refused', async () => {
  const bytes = await sealEnvelope(member, envelope)
  const edit = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }))
  await fc.assert(
    fc.asyncProperty(edit, async ([at, flip]) => {
      const changed = flip === 0 ? bytes.slice(0, at) : bytes.slice()
      if (flip !== 0) changed[at]! ^= flip
      expect((await openEnvelope(checker, changed, expected)).ok).toBe(false)
    }),
    { numRuns: 500 },
  )
})
