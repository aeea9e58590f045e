import { describe, expect, it } from 'vitest'
import { createReplayMemory } from './replay-memory.ts'

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
    memory.moveTo(-hour)
    expect(code(memory.take(claim(9 * hour, 'b')))).toBe('taken')
    expect(code(memory.take(claim(9 * hour, 'c', 'bob')))).toBe('taken')
  })

  it('takes nothing from before it began, when a slow machine learns the time', () => {
    const memory = createReplayMemory(10 * hour)
    memory.moveTo(hour)
    expect(code(memory.take(claim(10 * hour)))).toBe('calls/before-memory')
    expect(code(memory.take(claim(11 * hour)))).toBe('taken')
  })

  it('forgets nothing that was taken, however often the time is set', () => {
    const memory = createReplayMemory(10 * hour)
    expect(code(memory.take(claim(10 * hour + 5)))).toBe('taken')
    for (const offset of [3, -20, 0, -hour]) memory.moveTo(offset)
    expect(code(memory.take(claim(10 * hour + 5)))).toBe('calls/replay')
  })
})
