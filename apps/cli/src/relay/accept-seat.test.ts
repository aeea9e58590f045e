import { type Logger, refuse, type Verdict } from '@folkmoot/base'
import type { Peer } from '@folkmoot/federation'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { acceptSeat } from './accept-seat.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A peer to whom a seat is offered for as long as `answer` refuses. */
function offered(answer: (tries: number) => Verdict) {
  const seen = { tries: 0, epoch: 1, links: [] as string[], linksChanged: () => {} }
  let state = 'offered'
  const peer = {
    me: 'me',
    ledger: {
      state: { state: () => ({ voting: { roles: new Map([['me', { state }]]) } }) },
      status: () => ({ epoch: seen.epoch }),
      voters: () => ['voter'],
      onFinal: () => () => {},
    },
    transport: {
      links: () => seen.links.map((each) => ({ peer: each })),
      onLinks: (listener: () => void) => {
        seen.linksChanged = listener
        return () => {}
      },
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
  const link = async (...peers: string[]) => {
    seen.links = peers
    seen.linksChanged()
    await vi.advanceTimersByTimeAsync(0)
  }
  return { peer: peer as unknown as Peer, seen, link }
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

it('asks again at once when it is linked to somebody who decides, where it had reached nobody', async () => {
  const unheard = refuse('transport/unreachable', 'nobody who decides is in reach')
  const { peer, seen, link } = offered((tries) => (tries < 3 ? unheard : { ok: true }))
  acceptSeat(peer, logger)
  await vi.advanceTimersByTimeAsync(0)
  await link('observer')
  expect(seen.tries).toBe(1)
  await link('observer', 'voter')
  expect(seen.tries).toBe(2)
  // The same link says nothing new.
  await link('voter')
  expect(seen.tries).toBe(2)
  await link()
  await link('voter')
  expect(seen.tries).toBe(3)
  await link()
  await link('voter')
  expect(seen.tries).toBe(3)
})

it('asks again at once where it heard of the new epoch while its word was on the way', async () => {
  const { peer, seen } = offered((tries) => {
    if (tries > 1) return { ok: true }
    seen.epoch += 1
    return late
  })
  acceptSeat(peer, logger)
  await vi.advanceTimersByTimeAsync(0)
  expect(seen.tries).toBe(2)
})

it('does not repeat what the ledger refused for a link', async () => {
  const { peer, seen, link } = offered(() => refuse('ledger/orgs', 'fewer than four'))
  acceptSeat(peer, logger)
  await vi.advanceTimersByTimeAsync(0)
  await link('voter')
  expect(seen.tries).toBe(1)
})
