import { type Logger, refuse, type Verdict } from '@folkmoot/base'
import type { Peer } from '@folkmoot/federation'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { acceptSeat } from './accept-seat.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A peer to whom a seat is offered for as long as `answer` refuses. */
function offered(answer: (tries: number) => Verdict) {
  const seen = { tries: 0 }
  let state = 'offered'
  const peer = {
    me: 'me',
    ledger: {
      state: { state: () => ({ voting: { roles: new Map([['me', { state }]]) } }) },
      onFinal: () => () => {},
    },
    agreement: {
      accept: async () => {
        seen.tries += 1
        const verdict = answer(seen.tries)
        if (verdict.ok) state = 'standby'
        return verdict
      },
    },
  }
  return { peer: peer as unknown as Peer, seen }
}
const logger: Logger = { log: () => {} }
const late = refuse('ledger/epoch', 'the epoch turned')

it('asks again where the epoch turned on the way, though nothing else is decided', async () => {
  const { peer, seen } = offered((tries) => (tries < 2 ? late : { ok: true }))
  acceptSeat(peer, logger)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(seen.tries).toBe(2)
})

it('asks ever more seldom where it is always refused, and no more once it is stopped', async () => {
  const { peer, seen } = offered(() => late)
  const stop = acceptSeat(peer, logger)
  await vi.advanceTimersByTimeAsync(600_000)
  expect(seen.tries).toBeGreaterThan(6)
  expect(seen.tries).toBeLessThan(20)
  stop()
  const before = seen.tries
  await vi.advanceTimersByTimeAsync(600_000)
  expect(seen.tries).toBe(before)
})
