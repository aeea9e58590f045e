import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { HostMessage } from './messages.ts'
import type { Job } from './sandbox.ts'
import { superviseRun, type WorkerChannel } from './supervise-run.ts'

const job: Job = {
  code: Uint8Array.of(1),
  input: Uint8Array.of(2),
  limits: { stepMs: 100, unitMs: 1_000, memoryPages: 1, outputBytes: 8 },
  share: 1,
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A worker that does nothing by itself: the test says what it sends. */
async function supervised() {
  const posted: HostMessage[] = []
  const ends: string[] = []
  let say: (data: unknown) => void = () => {}
  let die: (detail: string) => void = () => {}
  const channel: WorkerChannel = {
    post: (message) => void posted.push(message),
    listen: (onMessage, onDeath) => {
      say = onMessage
      die = onDeath
    },
    kill: () => void ends.push('killed'),
  }
  const run = superviseRun({
    job,
    open: async () => channel,
    release: () => void ends.push('released'),
  })
  await Promise.resolve()
  await Promise.resolve()
  return { run, posted, ends, say: (data: unknown) => say(data), die: (why: string) => die(why) }
}

const beat = { type: 'beat', steps: 1, computeMs: 1, restMs: 0, paused: false }
const done = { type: 'done', output: Uint8Array.of(1), steps: 2, computeMs: 3 }

describe('a worker that behaves', () => {
  test('is given the job once and goes back to the pool', async () => {
    const { run, posted, ends, say } = await supervised()
    say({ type: 'ready' })
    say(beat)
    say(done)
    expect(await run.done).toEqual({ ok: true, output: done.output, steps: 2, computeMs: 3 })
    expect(posted.map(({ type }) => type)).toEqual(['job'])
    expect(ends).toEqual(['released'])
  })

  test('is not killed while it rests or is paused', async () => {
    const { run, ends, say } = await supervised()
    say({ type: 'ready' })
    say({ ...beat, restMs: 4_000 })
    await vi.advanceTimersByTimeAsync(4_500)
    say(beat)
    run.pause()
    say({ ...beat, paused: true })
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(ends).toEqual([])
    run.resume()
    say(done)
    expect(await run.done).toMatchObject({ ok: true })
  })
})

describe('a worker that is silent', () => {
  test('before it is ready is killed', async () => {
    const { run, ends } = await supervised()
    await vi.advanceTimersByTimeAsync(16_000)
    expect(await run.done).toMatchObject({ ok: false, reason: 'trap' })
    expect(ends).toEqual(['killed'])
  })

  test.each([
    ['in begin', [{ type: 'ready' }]],
    ['in a step', [{ type: 'ready' }, beat]],
  ])('%s is killed', async (_, messages) => {
    const { run, ends, say } = await supervised()
    for (const message of messages) say(message)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await run.done).toMatchObject({ ok: false, reason: 'step-timeout' })
    expect(ends).toEqual(['killed'])
  })

  test('is killed also when a pause was asked for', async () => {
    const { run, say } = await supervised()
    say({ type: 'ready' })
    say(beat)
    run.pause()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await run.done).toMatchObject({ ok: false, reason: 'step-timeout' })
  })

  test('says more than its compute time allows, and is killed', async () => {
    const { run, say } = await supervised()
    say({ ...beat, computeMs: 1_001 })
    expect(await run.done).toMatchObject({ ok: false, reason: 'unit-timeout' })
  })
})

describe('a worker that lies', () => {
  const nonsense: [name: string, data: unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['text', 'done'],
    ['an array', []],
    ['another type', { type: 'job' }],
    ['a name of the prototype', { type: 'constructor' }],
    ['a field too many', { ...done, more: 1 }],
    ['a field too few', { type: 'done', output: done.output, steps: 1 }],
    ['an output too long', { ...done, output: new Uint8Array(9) }],
    ['an output that is none', { ...done, output: { length: 1 } }],
    ['half a step', { ...beat, steps: 0.5 }],
    ['no number', { ...beat, computeMs: Number.NaN }],
    ['an endless rest', { ...beat, restMs: 1e8 }],
    ['a reason that is not its own', { type: 'failed', reason: 'cancelled', detail: '' }],
    ['a story', { type: 'failed', reason: 'trap', detail: 'x'.repeat(301) }],
    ['a prototype', JSON.parse('{"__proto__": {"type": "ready"}}')],
  ]
  test.each(nonsense)('with %s is killed', async (_, data) => {
    const { run, ends, say } = await supervised()
    say(data)
    expect(await run.done).toMatchObject({ ok: false, reason: 'abi' })
    expect(ends).toEqual(['killed'])
  })

  test('after the outcome changes nothing', async () => {
    const { run, ends, say, die } = await supervised()
    say(done)
    say({ ...done, output: Uint8Array.of(9) })
    die('late')
    expect(await run.done).toMatchObject({ output: Uint8Array.of(1) })
    expect(ends).toEqual(['released'])
  })

  test('with a flood is killed', async () => {
    const { run, ends, say } = await supervised()
    for (let index = 0; index < 1_000; index++) say(beat)
    expect(await run.done).toMatchObject({ ok: false, detail: 'the worker sent too many messages' })
    expect(ends).toEqual(['killed'])
  })
})

describe('an end', () => {
  test('by a worker that dies', async () => {
    const { run, die } = await supervised()
    die('out of memory')
    expect(await run.done).toEqual({ ok: false, reason: 'trap', detail: 'out of memory' })
  })

  test('by a platform without workers', async () => {
    const run = superviseRun({
      job,
      open: () => Promise.reject(new Error('no workers')),
      release: () => {},
    })
    expect(await run.done).toMatchObject({ ok: false, reason: 'unavailable' })
  })

  test('cancelled before the worker came: it is killed when it does', async () => {
    const kills: number[] = []
    const { promise, resolve } = Promise.withResolvers<WorkerChannel>()
    const run = superviseRun({ job, open: () => promise, release: () => {} })
    run.cancel()
    resolve({ post: () => {}, listen: () => {}, kill: () => void kills.push(1) })
    expect(await run.done).toMatchObject({ ok: false, reason: 'cancelled' })
    await Promise.resolve()
    expect(kills.length).toBe(1)
  })
})
