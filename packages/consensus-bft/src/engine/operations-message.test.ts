import { describe, expect, it } from 'vitest'
import { encodeOperations, parseOperations } from './operations-message.ts'

const operation = (n: number, bytes: number) => ({
  id: `${n}`.padStart(64, '0'),
  bytes: new Uint8Array(bytes).fill(n),
  deadlineMs: n % 2 === 0 ? undefined : n,
})

describe('operations on their way to a leader', () => {
  /** A record on the topic holds no more (`voter-network.ts`). */
  const gossiped = 56 * 1024

  it.each([
    ['small ones', 3_000, 40],
    ['some of ten KiB', 30, 10 * 1024],
    ['large ones', 4, 40 * 1024],
  ])('are split so that gossip carries them: %s', (_, count, bytes) => {
    const operations = Array.from({ length: count }, (_, n) => operation(n, bytes))
    const messages = encodeOperations(operations)
    for (const message of messages) expect(message.length).toBeLessThanOrEqual(gossiped)
    expect(messages.flatMap((message) => parseOperations(message) ?? [])).toEqual(operations)
    // And no more messages than that takes.
    expect(messages.length).toBeLessThanOrEqual(Math.ceil((count * (bytes + 120)) / 36_000))
  })

  it('go alone where one is larger than that', () => {
    const messages = encodeOperations([operation(1, 10), operation(2, 100_000), operation(3, 10)])
    expect(messages.map((message) => parseOperations(message)?.length)).toEqual([1, 1, 1])
  })
})
