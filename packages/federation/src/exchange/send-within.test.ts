import type { Timers } from '@folkmoot/base'
import { expect, test } from 'vitest'
import { sendWithin } from './send-within.ts'

function lab() {
  const waiting = new Set<() => void>()
  const timers: Timers = {
    after: (_, run) => {
      waiting.add(run)
      return () => void waiting.delete(run)
    },
    every: () => () => {},
  }
  let closed = 0
  const session = { close: async () => void closed++ }
  return { timers, waiting, session: () => session, closed: () => closed }
}

test('a send that nobody takes fails, and its session is closed', async () => {
  const { timers, waiting, session, closed } = lab()
  const sending = sendWithin(timers, new Promise(() => {}), session)
  for (const run of waiting) run()
  await expect(sending).rejects.toMatchObject({ code: 'transport/timeout' })
  expect([closed(), waiting.size]).toEqual([1, 0])
})

test('a send that is taken, or fails by itself, leaves nothing behind', async () => {
  const { timers, waiting, session, closed } = lab()
  expect(await sendWithin(timers, Promise.resolve(7), session)).toBe(7)
  await expect(sendWithin(timers, Promise.reject(new Error('gone')), session)).rejects.toThrow(
    'gone',
  )
  expect([closed(), waiting.size]).toEqual([0, 0])
})
