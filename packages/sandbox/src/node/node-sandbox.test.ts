import { afterAll, describe, expect, test } from 'vitest'
import { assembleStudy, region, type WatStudy } from '../fixtures/wat-study.ts'
import type { Job } from '../sandbox.ts'
import { createNodeSandbox } from './node-sandbox.ts'

const sandbox = createNodeSandbox()
afterAll(() => sandbox.close())

const limits = { stepMs: 300, unitMs: 5_000, memoryPages: 16, outputBytes: 64 }
const patient = { ...limits, stepMs: 2_000, unitMs: 60_000 }
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function runOf(parts: WatStudy, change: Partial<Job> = {}) {
  const code = await assembleStudy(parts)
  return sandbox.run({ code, input: new Uint8Array(), limits, share: 1, ...change })
}

async function outcomeOf(parts: WatStudy, change: Partial<Job> = {}) {
  return (await runOf(parts, change)).done
}

/** Finishes after `steps` steps of about `micros` each, and outputs how many it took. */
const counting = (steps: number, micros = 0): WatStudy => ({
  declare: `(global $n (mut i32) (i32.const 0))
    (func $work (local $i i32) (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const ${micros * 1000})))))`,
  step: `(call $work)
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (i32.store (i32.const 0) (global.get $n))
    (i32.ge_u (global.get $n) (i32.const ${steps}))`,
  output: region(0, 4),
})

const spin = '(loop $forever (br $forever))'

describe('a job', () => {
  test('gets its input, takes its steps, and its output comes back', async () => {
    const study = {
      ...counting(3),
      begin: '(memory.copy (i32.const 4) (local.get $ptr) (local.get $len))',
      output: region(0, 7),
    }
    const output = Uint8Array.of(3, 0, 0, 0, 7, 8, 9)
    const outcome = await outcomeOf(study, { input: Uint8Array.of(7, 8, 9) })
    expect(outcome).toMatchObject({ ok: true, steps: 3, output })
  })

  test('finds a fresh memory though its worker has served before', async () => {
    for (let round = 0; round < 3; round++) {
      expect(await outcomeOf(counting(2))).toMatchObject({ ok: true, steps: 2 })
    }
  })

  test('runs beside others', async () => {
    const runs = await Promise.all([1, 2, 3].map((steps) => outcomeOf(counting(steps, 1000))))
    expect(runs.map((outcome) => outcome.ok && outcome.steps)).toEqual([1, 2, 3])
  })

  test('reports progress, pauses between steps, and goes on', async () => {
    const run = await runOf(counting(3000, 1000), { limits: patient })
    const seen: number[] = []
    run.onProgress(({ steps }) => seen.push(steps))
    await wait(150)
    run.pause()
    // A busy machine takes a while to deliver it.
    let atPause = -1
    while (atPause !== seen.length) {
      atPause = seen.length
      await wait(500)
    }
    await wait(patient.stepMs + 800)
    expect(seen.length).toBe(atPause)
    expect(seen.at(-1)).toBeLessThan(3000)
    run.resume()
    expect(await run.done).toMatchObject({ ok: true, steps: 3000 })
    expect(seen.length).toBeGreaterThan(atPause)
  })

  test('paused at once does not start', async () => {
    const run = await runOf(counting(5, 1000))
    run.pause()
    const steps: number[] = []
    run.onProgress((progress) => steps.push(progress.steps))
    await wait(200)
    expect(steps.every((count) => count === 0)).toBe(true)
    run.resume()
    expect(await run.done).toMatchObject({ ok: true })
  })

  test('of very short steps after one that was held up is no flood', async () => {
    const short = counting(300_000, 200_000)
    const first = '(if (i32.eqz (global.get $n)) (then (call $work)))'
    const step = short.step!.replace('(call $work)', first)
    const outcome = await outcomeOf({ ...short, step }, { limits: patient })
    expect(outcome).toMatchObject({ ok: true, steps: 300_000 })
  })

  test('keeps to its share of a core', async () => {
    const started = performance.now()
    const outcome = await outcomeOf(counting(1000, 1000), { share: 0.25, limits: patient })
    if (!outcome.ok) throw new Error(outcome.detail)
    expect(outcome.computeMs / (performance.now() - started)).toBeLessThan(0.4)
  })

  test('is cancelled while it spins', async () => {
    const run = await runOf(
      { step: `${spin} (i32.const 1)` },
      { limits: { ...limits, stepMs: 30_000, unitMs: 60_000 } },
    )
    await wait(100)
    run.cancel()
    expect(await run.done).toMatchObject({ ok: false, reason: 'cancelled' })
  })

  test("with a limit out of range is the caller's mistake", async () => {
    await expect(runOf({}, { share: 0 })).rejects.toThrow('share must be')
    await expect(runOf({}, { limits: { ...limits, stepMs: 0 } })).rejects.toThrow('stepMs must be')
  })
})

describe('a hostile study', () => {
  const cases: [name: string, reason: string, study: WatStudy][] = [
    ['spins in a step', 'step-timeout', { step: `${spin} (i32.const 1)` }],
    ['spins in begin', 'step-timeout', { begin: spin }],
    ['spins in alloc', 'step-timeout', { alloc: `${spin} (i32.const 0)` }],
    ['spins in output', 'step-timeout', { output: `${spin} (i64.const 0)` }],
    [
      'fills its memory for ever',
      'step-timeout',
      {
        step: '(loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br $l)) (i32.const 1)',
      },
    ],
    ['never finishes', 'unit-timeout', { step: '(i32.const 0)' }],
    ['traps', 'trap', { step: 'unreachable' }],
    ['traps in begin', 'trap', { begin: 'unreachable' }],
    ['divides by zero', 'trap', { step: '(i32.div_u (i32.const 1) (i32.const 0))' }],
    ['reads past its memory', 'trap', { step: '(i32.load (i32.const 65533))' }],
    [
      'overflows the stack',
      'trap',
      {
        declare:
          '(func $f (param i64 i64 i64) (result i32) (call $f (i64.const 1) (i64.const 2) (i64.const 3)))',
        step: '(call $f (i64.const 0) (i64.const 0) (i64.const 0))',
      },
    ],
    [
      'overflows the stack with large frames',
      'trap',
      {
        declare: `(func $f (param i32) (result i32) (local ${'f64 '.repeat(5_000)}) (i32.add (i32.const 1) (call $f (local.get 0))))`,
        step: '(call $f (i32.const 1))',
      },
    ],
    ['allocates outside of its memory', 'abi', { alloc: '(i32.const -1)' }],
    ['returns neither 0 nor 1', 'abi', { step: '(i32.const 2)' }],
    ['returns -1', 'abi', { step: '(i32.const -1)' }],
    ['outputs from past its memory', 'abi', { output: region(65_530, 8) }],
    ['outputs from a negative pointer', 'abi', { output: region(-8, 8) }],
    ['outputs a negative length', 'abi', { output: '(i64.const 0xffffffff)' }],
    ['outputs -1', 'abi', { output: '(i64.const -1)' }],
    ['outputs more than allowed', 'output-too-large', { output: region(0, 65) }],
  ]
  test.each(cases)('that %s ends as %s', async (_, reason, study) => {
    // Only a step that is meant to be late may be: a busy machine delays honest ones as well.
    const { stepMs } = reason === 'step-timeout' ? limits : patient
    expect(await outcomeOf(study, { limits: { ...limits, stepMs, unitMs: 1_000 } })).toMatchObject({
      ok: false,
      reason,
    })
  })

  test('that asks for imports does not start', async () => {
    const code = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 2, 5, 1, 0, 0, 0, 0)
    const run = sandbox.run({ code, input: new Uint8Array(), limits, share: 1 })
    const outcome = await run.done
    expect(outcome).toMatchObject({ ok: false, reason: 'invalid-module' })
    expect(!outcome.ok && outcome.detail).toMatch(/^sandbox\/imports: /)
  })

  test('leaves a sandbox that works', async () => {
    expect(await outcomeOf(counting(1))).toMatchObject({ ok: true })
  })

  test('cannot take input that it has no memory for', async () => {
    const outcome = await outcomeOf({}, { input: new Uint8Array(70_000) })
    expect(outcome).toMatchObject({ ok: false, reason: 'abi' })
  })
})

describe('closing', () => {
  test('cancels what runs and refuses what comes after', async () => {
    const closing = createNodeSandbox()
    const code = await assembleStudy({ step: `${spin} (i32.const 1)` })
    const job = { code, input: new Uint8Array(), limits, share: 1 }
    const run = closing.run(job)
    await closing.close()
    expect(await run.done).toMatchObject({ ok: false, reason: 'cancelled' })
    expect(() => closing.run(job)).toThrow('closed')
  })
})
