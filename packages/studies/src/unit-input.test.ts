import { decode, encode } from '@folkmoot/codec'
import { expect, it } from 'vitest'
import { manifestOf } from '../test/world.ts'
import { openAnswer } from './answer.ts'
import type { StudyId } from './study-id.ts'
import { reduceInput, unitInput, unitSeed } from './unit-input.ts'

const study = 'ab'.repeat(32) as StudyId
const manifest = manifestOf('cd'.repeat(32), { kind: 'quorum', m: 2, distinct: 'root' }, 9)
const read = (bytes: Uint8Array) => {
  const decoded = decode(bytes)
  if (!decoded.ok) throw new Error(decoded.fault.message)
  return decoded.value as { unit: number; seed: number; params: Uint8Array; blocks: Uint8Array[] }
}

it('gives every unit of every study its own seed, exact in every runtime', () => {
  const seeds = new Set([0, 1, 2, 3, 99_999, -1].map((unit) => unitSeed(study, unit)))
  expect(seeds.size).toBe(6)
  for (const seed of seeds) expect(Number.isSafeInteger(seed) && seed >= 0).toBe(true)
  expect(unitSeed('ba'.repeat(32) as StudyId, 0)).not.toBe(unitSeed(study, 0))
})

it('hands a module the study, its unit, params and blocks, and nothing else', () => {
  const input = read(unitInput(manifest, study, 4, [new Uint8Array([7])]))
  expect(input).toEqual({
    study,
    unit: 4,
    seed: unitSeed(study, 4),
    params: manifest.params,
    blocks: [new Uint8Array([7])],
  })
})

it('gives reduce the same bytes whatever order the outputs came in', () => {
  const outputs = [2, 0, 1].map((unit) => ({ unit, output: encode({ hits: unit }) }))
  const bytes = reduceInput(manifest, study, outputs)
  expect(reduceInput(manifest, study, outputs.toReversed())).toEqual(bytes)
  const { unit, blocks } = read(bytes)
  expect(unit).toBe(-1)
  expect(read(blocks[0]!)).toEqual([0, 1, 2].map((one) => [one, encode({ hits: one })]))
})

it('takes an estimate with its interval for an answer, and nothing less', () => {
  const answer = { estimate: 0.5, low: 0.25, high: 0.75, done: 3, hits: 7 }
  expect(openAnswer(encode(answer))).toEqual({ ok: true, answer })
  const { low, ...rest } = answer
  expect(openAnswer(encode(rest)).ok).toBe(false)
  expect(openAnswer(encode({ ...answer, low: `${low}` })).ok).toBe(false)
})
