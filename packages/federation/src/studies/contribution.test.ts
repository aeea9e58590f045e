import { silentLogger } from '@folkmoot/base'
import { nodeClock, nodeTimers } from '@folkmoot/storage/node'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { loneRoom } from '../../test/lone-room.ts'
import { type ContributionInit, createContribution } from './contribution.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

async function idle(lease: ContributionInit['lease']) {
  const { room } = await loneRoom()
  let tell = () => {}
  const asked = vi.fn(lease)
  const contribution = createContribution({
    manifest: room.manifest,
    sandbox: { run: () => Promise.reject() as never, close: async () => {} },
    share: 1,
    clock: nodeClock,
    timers: nodeTimers,
    logger: silentLogger,
    code: async () => new Uint8Array(),
    input: async () => new Uint8Array(),
    lease: asked,
    publish: async () => ({ ok: true }),
    complete: () => false,
    settled: () => false,
    onChange: (listener) => {
      tell = listener
      return () => {}
    },
  })
  return { contribution, asked, tell: () => tell() }
}

it('asks for work ever less often while there is none, and again when a result came', async () => {
  const { contribution, asked, tell } = await idle(async () => ({
    ok: true,
    units: [],
    retryAt: Date.now(),
  }))
  await vi.advanceTimersByTimeAsync(600_000)
  expect(contribution.peek().held).toEqual({ reason: 'no-work' })
  const before = asked.mock.calls.length
  await vi.advanceTimersByTimeAsync(600_000)
  expect(asked.mock.calls.length - before).toBeLessThanOrEqual(10)
  // Just after a question, the next is a minute away.
  const last = asked.mock.calls.length
  while (asked.mock.calls.length === last) await vi.advanceTimersByTimeAsync(1_000)
  const quiet = asked.mock.calls.length
  await vi.advanceTimersByTimeAsync(10_000)
  tell()
  await vi.advanceTimersByTimeAsync(1)
  expect(asked.mock.calls.length).toBe(quiet + 1)
  await contribution.stop()
})

it('asks again when the dispatcher said', async () => {
  const { contribution, asked } = await idle(async () => ({
    ok: true,
    units: [],
    retryAt: Date.now() + 20_000,
  }))
  await vi.advanceTimersByTimeAsync(19_000)
  expect(asked).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(asked).toHaveBeenCalledTimes(2)
  await contribution.stop()
})
