import { expect, test } from 'vitest'
import { frameBatch, RECORD_OVERHEAD_BYTES, scanBatches } from '../../../storage/src/framed-log.ts'
import { brokenRules } from '../bft/mutants.ts'
import { type Crash, sweep, tell } from './crash-sweep.ts'
import { deciding, turning } from './stories.ts'

const WAIT_MS = 120_000

test('the stories have every kind of effect in them, and nothing wrong', () => {
  const plain = [tell(deciding), tell(turning)]
  expect(plain.flatMap(({ violations }) => violations)).toEqual([])
  const met = new Set(plain.flatMap(({ boundaries }) => boundaries.map(({ before }) => before)))
  const wanted = ['sign', 'persist', 'sync', 'synced', 'send', 'deliver', 'publish', 'epoch', 'end']
  expect([...met]).toEqual(expect.arrayContaining(wanted))
})

test.each(['v0', 'v1', 'v2', 'v3'])(
  '%s may die at every boundary: it contradicts nothing it said, logs agree, and it goes on',
  (address) => {
    const found: { crash: Crash; violations: readonly string[] }[] = []
    let crashes = 0
    let torn = 0
    for (const { crash, ended } of sweep(deciding, address)) {
      crashes += ended.counts.crashes!
      if (crash.kept !== 'nothing') torn += 1
      if (ended.violations.length > 0) found.push({ crash, violations: ended.violations })
    }
    expect(found).toEqual([])
    expect(crashes).toBeGreaterThan(150)
    expect(torn).toBeGreaterThan(20)
  },
  WAIT_MS,
)

test(
  'a voter that sends before it has synced is found out by one of these crashes',
  () => {
    const rules = brokenRules('send before sync')
    const found = []
    for (const { ended } of sweep(deciding, 'v0', { rules })) {
      found.push(...ended.violations)
      if (found.length > 0) break
    }
    expect(found).not.toEqual([])
  },
  WAIT_MS,
)

test('a log torn at any byte of its last record is the log without it, never another one', () => {
  const { entries } = tell(deciding)
  expect(entries.length).toBeGreaterThan(1)
  const marker = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
  const batches = entries.map((entry) => frameBatch(marker, [entry]))
  const whole = Buffer.concat(batches)
  const first = whole.length - batches.at(-1)!.length
  expect(batches.at(-1)!.length).toBeGreaterThan(RECORD_OVERHEAD_BYTES + 100)
  for (let bytes = first; bytes <= whole.length; bytes += 1) {
    const { records } = scanBatches(marker, whole.subarray(0, bytes))
    const found = records.map(({ start, length }) => whole.subarray(start, start + length))
    const expected = bytes === whole.length ? entries : entries.slice(0, -1)
    expect(Buffer.concat(found).equals(Buffer.concat(expected))).toBe(true)
  }
})
