import { readFileSync } from 'node:fs'
import { decode, encode } from '@folkmoot/codec'
import { createNodeSandbox } from '@folkmoot/sandbox/node'
import { afterAll, describe, expect, test } from 'vitest'
import { biscoe, torgersen } from './flippers.ts'
import { exactP, penguinsStudy } from './study.ts'

const sandbox = createNodeSandbox()
afterAll(() => sandbox.close())

const study = await penguinsStudy({ units: 6, permutationsPerUnit: 200_000 })
const { limits, params } = study.fields

function input(unit: number, blocks: Uint8Array[] = [], given: Uint8Array = params) {
  return encode({ study: 'f'.repeat(64), unit, seed: 2 ** 52 + unit + 1, params: given, blocks })
}

async function run(code: Uint8Array, bytes: Uint8Array) {
  const outcome = await sandbox.run({ code, input: bytes, limits, share: 1 }).done
  if (!outcome.ok) throw new Error(`${outcome.reason}: ${outcome.detail}`)
  return outcome
}

function decoded(bytes: Uint8Array) {
  const verdict = decode(bytes)
  if (!verdict.ok) throw new Error(verdict.fault.message)
  return verdict.value as Record<string, number>
}

/** How many of all groupings of the birds differ at least as much as the real one, by counting sums. */
function exactShare(first: readonly number[], second: readonly number[]): number {
  const birds = [...first, ...second]
  const total = birds.reduce((sum, mm) => sum + mm, 0)
  const ways: Map<number, bigint>[] = second.map(() => new Map())
  ways.push(new Map())
  ways[0]!.set(0, 1n)
  for (const mm of birds) {
    for (let size = second.length - 1; size >= 0; size--) {
      for (const [sum, count] of ways[size]!) {
        const larger = ways[size + 1]!
        larger.set(sum + mm, (larger.get(sum + mm) ?? 0n) + count)
      }
    }
  }
  const distance = (sum: number) => Math.abs(birds.length * sum - second.length * total)
  const observed = distance(second.reduce((sum, mm) => sum + mm, 0))
  let extreme = 0n
  let all = 0n
  for (const [sum, count] of ways[second.length]!) {
    all += count
    if (distance(sum) >= observed) extreme += count
  }
  return Number((extreme * 10n ** 18n) / all) / 1e18
}

describe('the data', () => {
  test('are those of vega-datasets', () => {
    const file = new URL('node_modules/vega-datasets/data/penguins.json', import.meta.url)
    const rows: Record<string, string | number | null>[] = JSON.parse(readFileSync(file, 'utf8'))
    const lengths = (island: string) =>
      rows
        .filter((row) => row.Species === 'Adelie' && row.Island === island)
        .map((row) => row['Flipper Length (mm)'])
        .filter((mm) => mm !== null)
    expect(lengths('Torgersen')).toEqual(torgersen)
    expect(lengths('Biscoe')).toEqual(biscoe)
    expect([torgersen.length, biscoe.length]).toEqual([51, 44])
  })

  test('have an exact two-sided p of 0.07548', () => {
    const p = exactShare(torgersen, biscoe)
    expect(p).toBeCloseTo(exactP, 12)
    expect(p.toFixed(5)).toBe('0.07548')
  })
})

describe('the study', () => {
  test('answers with an interval around the exact value', async () => {
    const rows: [number, Uint8Array][] = []
    for (let unit = 0; unit < study.fields.units; unit++) {
      rows.push([unit, (await run(study.unit, input(unit))).output])
    }
    expect(decoded(rows[0]![1]).trials).toBe(200_000)
    const answer = decoded((await run(study.reduce, input(-1, [encode(rows)]))).output)
    expect(answer).toMatchObject({ done: 6, trials: 1_200_000 })
    const hits = rows.reduce((sum, [, output]) => sum + decoded(output).hits!, 0)
    expect(answer.hits).toBe(hits)
    expect(answer.estimate).toBe(hits / 1_200_000)
    expect(answer.low).toBeLessThan(exactP)
    expect(answer.high).toBeGreaterThan(exactP)
    // Wilson's interval is about 2 × 3.29 standard errors wide.
    const width = 2 * 3.290527 * Math.sqrt((exactP * (1 - exactP)) / 1_200_000)
    expect(answer.high! - answer.low!).toBeCloseTo(width, 4)
  })

  test('gives the same bytes for the same unit, and others for another', async () => {
    const [one, again, other] = [
      await run(study.unit, input(1)),
      await run(study.unit, input(1)),
      await run(study.unit, input(2)),
    ]
    expect(one.output).toEqual(again.output)
    expect(one.output).not.toEqual(other.output)
  })

  test('works in steps of well under 20 ms', async () => {
    const { computeMs, steps } = await run(study.unit, input(3))
    expect(steps).toBe(8)
    expect(computeMs / steps).toBeLessThan(100)
  })

  test('with nothing done says that it knows nothing', async () => {
    const answer = decoded((await run(study.reduce, input(-1, [encode([])]))).output)
    expect(answer).toEqual({ low: 0, done: 0, high: 1, hits: 0, trials: 0, estimate: 0 })
  })

  test('traps on params that it cannot read, instead of answering', async () => {
    const bad = [
      {},
      { groups: [[1], []], permutations: 1 },
      { groups: [[1], [2]], permutations: 0 },
      { groups: [[-1], [2]], permutations: 1 },
    ]
    for (const value of bad) {
      await expect(run(study.unit, input(0, [], encode(value)))).rejects.toThrow(/^trap/)
    }
    await expect(run(study.unit, input(0, [], Uint8Array.of(0xbb, 0xff)))).rejects.toThrow(/^trap/)
    await expect(run(study.unit, Uint8Array.of(0x9f))).rejects.toThrow(/^trap/)
  })
})
