/** Operations made to harm: every one ends in a refusal, none in an exception or a changed state. */
import { decode, encode, toHex } from '@folkmoot/codec'
import { sealRecord } from '@folkmoot/identity'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testSigner } from '../test/node-keys.ts'
import { createWorld, foundedWorld, outcomeOf } from '../test/world.ts'
import { sealOperation } from './index.ts'

const ann = testSigner(2)

function replaceText(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const copy = Buffer.from(bytes)
  Buffer.from(to).copy(copy, copy.indexOf(from))
  return new Uint8Array(copy)
}

describe('hostile operations', () => {
  it('with a wrong signature, of themselves or inside, fail the check', async () => {
    const { world, link } = await foundedWorld()
    const redemption = await world.redeem(link, ann)
    const spoilt = redemption.slice()
    spoilt[spoilt.length - 40]! ^= 1
    const body = { redemption: spoilt, nickname: '', role: 'member' } as const
    expect(outcomeOf(await world.submit(world.founder, 'member.admit', body))).toBe(
      'ledger/signature',
    )
    const good = await world.seal(world.founder, 'member.admit', { ...body, redemption })
    const forged = good.slice()
    forged[forged.length - 40]! ^= 1
    expect(outcomeOf(await world.ledger.check(forged))).toBe('ledger/signature')
    expect(outcomeOf(await world.ledger.check(good))).toBe('ok')
  })

  it('of another federation, version or shape are refused', async () => {
    const { world } = await foundedWorld()
    const common = { v: 1, fed: world.fed, kind: 'member.leave', sequence: 9, body: {} }
    const wrong: [unknown, string][] = [
      [{ ...common, fed: 'ab'.repeat(32) }, 'ledger/federation'],
      [{ ...common, v: 2 }, 'ledger/malformed'],
      [{ ...common, extra: 1 }, 'ledger/malformed'],
      [{ ...common, kind: 'member.crown' }, 'ledger/malformed'],
      [{ ...common, kind: 'toString' }, 'ledger/malformed'],
      [{ ...common, body: { a: 1 } }, 'ledger/malformed'],
      [{ ...common, sequence: 0 }, 'ledger/malformed'],
      [{ ...common, sequence: 1.5 }, 'ledger/malformed'],
      [{ ...common, sequence: 2 ** 53 }, 'ledger/malformed'],
      [{ ...common, expectHeight: -1 }, 'ledger/malformed'],
      [{ ...common, kind: 'report', body: { study: 'x', reason: '' } }, 'ledger/malformed'],
      [[1, 2], 'ledger/malformed'],
      [null, 'ledger/malformed'],
    ]
    for (const [value, code] of wrong) {
      const bytes = await sealRecord(ann, 'operation', value)
      expect(outcomeOf(await world.ledger.check(bytes))).toBe(code)
      expect(outcomeOf(await world.ledger.apply(bytes, { height: 5, time: 5, epoch: 0 }))).toBe(
        code,
      )
    }
  })

  it('of another purpose do not pass for operations', async () => {
    const { world } = await foundedWorld()
    const value = { v: 1, fed: world.fed, kind: 'member.leave', sequence: 9, body: {} }
    const bytes = await sealRecord(world.founder, 'report', value)
    expect(outcomeOf(await world.ledger.check(bytes))).toBe('ledger/signature')
  })

  it('with texts that cannot be written again are refused, not stored and not thrown', async () => {
    const { world, link } = await foundedWorld()
    await world.admit(link, ann)
    const study = await world.manifest(ann)
    await world.submit(world.founder, 'study.open', study)
    // Another encoder has no scruples: the text is put in place of one of the same length.
    for (const text of ['__proto__', '\ufeffsix23']) {
      const marker = 'X'.repeat(new TextEncoder().encode(text).length)
      const body = { study: study.manifestId, reason: marker }
      const value = { v: 1, fed: world.fed, kind: 'report', sequence: 50, body }
      const inside = replaceText(encode(value), marker, text)
      const signature = await ann.sign('operation', inside)
      const bytes = encode([inside, ann.publicKey, signature])
      const root = toHex(world.ledger.root())
      expect(outcomeOf(await world.ledger.check(bytes))).toBe('ledger/malformed')
      expect(outcomeOf(await world.ledger.apply(bytes, { height: 9, time: 9, epoch: 0 }))).toBe(
        'ledger/malformed',
      )
      expect(toHex(world.ledger.root())).toBe(root)
    }
  })

  it('cannot be sealed by mistake', async () => {
    const { world } = await foundedWorld()
    const value = { v: 1, fed: world.fed, kind: 'member.leave', sequence: 0, body: {} } as const
    await expect(sealOperation(ann, value)).rejects.toMatchObject({ code: 'ledger/unsealable' })
  })

  it('that are damaged at any byte never throw and never change the state unsigned', async () => {
    const { world, link } = await foundedWorld()
    const redemption = await world.redeem(link, ann)
    const body = { redemption, nickname: 'x', role: 'member' } as const
    const good = await world.seal(world.founder, 'member.admit', body)
    const root = toHex(world.ledger.root())
    for (let i = 0; i < good.length; i++) {
      const damaged = good.slice()
      damaged[i]! ^= 1 << (i % 8)
      expect((await world.ledger.check(damaged)).ok).toBe(false)
    }
    for (let length = 0; length < good.length; length += 7) {
      const torn = good.slice(0, length)
      expect((await world.ledger.apply(torn, { height: 9, time: 9, epoch: 0 })).ok).toBe(false)
    }
    expect(toHex(world.ledger.root())).toBe(root)
  })

  it('made of arbitrary values and bytes never throw', async () => {
    const { world } = await foundedWorld()
    const root = toHex(world.ledger.root())
    const at = { height: 9, time: 9, epoch: 0 }
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ minLength: 32, maxLength: 32 }))
        .map(([inside, key]) => encode([inside, key, new Uint8Array(64)])),
      fc
        .jsonValue({ maxDepth: 4 })
        .map((value) =>
          encode([
            encode(JSON.parse(JSON.stringify(value))),
            world.founder.publicKey,
            new Uint8Array(64),
          ]),
        ),
    )
    await fc.assert(
      fc.asyncProperty(junk, async (bytes) => {
        expect((await world.ledger.check(bytes)).ok).toBe(false)
        expect((await world.ledger.apply(bytes, at)).ok).toBe(false)
        expect(world.ledger.screen(bytes).ok).toBe(false)
      }),
      { numRuns: 500 },
    )
    expect(toHex(world.ledger.root())).toBe(root)
  })

  it('larger than the bounds are refused before anything is read', async () => {
    const { world } = await foundedWorld()
    const units = Array.from({ length: 10_001 }, (_, i) => i)
    const value = {
      v: 1,
      fed: world.fed,
      kind: 'study.batch',
      sequence: 9,
      body: { study: world.fed, root: new Uint8Array(32), count: 10_001, units, credits: [] },
    }
    const long = await sealRecord(world.founder, 'operation', value)
    expect(outcomeOf(await world.ledger.check(long))).toBe('ledger/malformed')
    const huge = await sealRecord(world.founder, 'operation', new Uint8Array(300_000))
    expect(outcomeOf(await world.ledger.check(huge))).toBe('ledger/malformed')
  })
})

describe('hostile snapshots', () => {
  it('are refused and leave the state', async () => {
    const { world } = await foundedWorld()
    const root = toHex(world.ledger.root())
    const decoded = decode(world.ledger.snapshot())
    if (!decoded.ok) throw new Error('the snapshot is no CBOR')
    const [, facts] = decoded.value as [number, [string, Uint8Array][]]
    const bad = [
      new Uint8Array(),
      encode([2, facts]),
      encode([1, facts.toReversed()]),
      encode([1, [...facts, facts.at(-1)]]),
      encode([1, [['nobody/1', encode(1)]]]),
      encode([1, [['__proto__/1', encode(1)]]]),
      encode([1, [['member/x', encode({ role: 'king' })]]]),
      encode([1, [['sequence/x', new Uint8Array([0xff])]]]),
    ]
    for (const bytes of bad) {
      await expect(world.ledger.restore(bytes)).rejects.toMatchObject({ code: 'ledger/snapshot' })
    }
    expect(toHex(world.ledger.root())).toBe(root)
  })
})

describe('a charter', () => {
  it('must be one', async () => {
    const { createLedger } = await import('./index.ts')
    const world = await createWorld()
    for (const charterBytes of [new Uint8Array(), encode([1]), world.charter.bytes.slice(1)]) {
      expect(() => createLedger({ charterBytes, checker: world.checker })).toThrow(/no charter/)
    }
  })
})
