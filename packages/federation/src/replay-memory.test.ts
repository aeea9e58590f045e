import { memoryStore } from '@folkmoot/base'
import { describe, expect, it } from 'vitest'
import { createReplayMemory, takeKept } from './replay-memory.ts'

const hour = 3_600_000
const claim = (sent: number, id = 'a', from = 'ann') => ({
  from,
  id,
  sent,
  deadline: sent + 60_000,
  at: sent,
})
const code = (verdict: ReturnType<ReturnType<typeof createReplayMemory>['take']>) =>
  verdict.ok ? 'taken' : verdict.fault.code

describe('the memory of what was taken', () => {
  it('follows the relay’s clock, so that a fast machine refuses nobody', () => {
    const memory = createReplayMemory(10 * hour)
    expect(code(memory.take(claim(9 * hour)))).toBe('calls/before-memory')
    memory.moved(-hour)
    expect(code(memory.take(claim(9 * hour, 'b')))).toBe('taken')
    expect(code(memory.take(claim(9 * hour, 'c', 'bob')))).toBe('taken')
  })

  it('takes nothing from before it began, when a slow machine learns the time', () => {
    const memory = createReplayMemory(10 * hour)
    memory.moved(hour)
    expect(code(memory.take(claim(10 * hour)))).toBe('calls/before-memory')
    expect(code(memory.take(claim(11 * hour)))).toBe('taken')
  })

  it('forgets nothing that was taken, however often the time is set', () => {
    const memory = createReplayMemory(10 * hour)
    expect(code(memory.take(claim(10 * hour + 5)))).toBe('taken')
    for (const by of [3, -23, 20, -hour]) memory.moved(by)
    expect(code(memory.take(claim(10 * hour + 5)))).toBe('calls/replay')
  })

  it('is kept over a stop in order, once, and begins anew after a crash', async () => {
    const store = memoryStore()
    const memory = createReplayMemory(10 * hour)
    expect(code(memory.take(claim(10 * hour + 5)))).toBe('taken')
    await memory.keep(store)

    const kept = await takeKept(store)
    const next = createReplayMemory(10 * hour + 50, kept)
    expect(code(next.take(claim(10 * hour + 5)))).toBe('calls/replay')
    // Sent while nobody was here to take it: nobody has, so it is not refused.
    expect(code(next.take(claim(10 * hour + 20, 'b')))).toBe('taken')
    expect(code(next.take(claim(9 * hour, 'c')))).toBe('calls/before-memory')
    expect(await takeKept(store)).toBeUndefined()
    const afterCrash = createReplayMemory(10 * hour + 100)
    expect(code(afterCrash.take(claim(10 * hour + 20, 'b')))).toBe('calls/before-memory')
  })
})
