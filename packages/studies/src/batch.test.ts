import { contentIdOf, sha256, toHex, utf8 } from '@folkmoot/codec'
import type { PeerId } from '@folkmoot/identity'
import { accept, type Vote } from '@folkmoot/validation'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBatch, nextBatch, openBatch } from './batch.ts'
import type { StudyId } from './study-id.ts'

const study = 'ab'.repeat(32) as StudyId
const rule = { kind: 'quorum', m: 2, distinct: 'peer' } as const
const output = contentIdOf(utf8('r'))
const vote = (peer: string, unit: number): Vote => ({
  id: toHex(sha256(utf8(`${peer}${unit}`))),
  unit,
  peer: peer as PeerId,
  output,
  seq: unit,
})
const judge = (units: number, ...votes: Vote[]) => accept(rule, units, () => 'root', votes)

describe('the next batch', () => {
  const acceptance = judge(3, vote('a', 0), vote('b', 0), vote('a', 1), vote('b', 2), vote('a', 2))

  it('holds accepted units only, with the results behind them, and credits their workers', () => {
    const batch = nextBatch(study, acceptance, () => false)!
    expect(batch.units.map((unit) => unit.unit)).toEqual([0, 2])
    expect(batch.units[0]?.results).toEqual([vote('a', 0).id, vote('b', 0).id].sort())
    expect(batch.credits).toEqual([
      ['a', 2],
      ['b', 2],
    ])
  })

  it('leaves out what is final already, and is none when nothing is left', () => {
    expect(nextBatch(study, acceptance, (unit) => unit === 0)?.units).toHaveLength(1)
    expect(nextBatch(study, acceptance, () => true)).toBeUndefined()
  })

  it('is bounded', () => {
    expect(nextBatch(study, acceptance, () => false, 1)?.units).toHaveLength(1)
  })
})

describe('a batch that travels', () => {
  const batch = nextBatch(study, judge(1, vote('a', 0), vote('b', 0)), () => false)!

  it('opens against the root on the ledger', () => {
    expect(openBatch(encodeBatch(batch), batch.root)).toMatchObject({
      ok: true,
      batch: { study, units: batch.units },
    })
  })

  it('is refused when any byte is altered', () => {
    const bytes = encodeBatch(batch)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const altered = bytes.slice()
        altered[at]! ^= mask
        expect(openBatch(altered, batch.root).ok).toBe(false)
      }),
      { numRuns: 500 },
    )
  })
})
