import type { Timers } from '@folkmoot/base'
import type { FinalEntry } from '@folkmoot/consensus'
import { expect, it } from 'vitest'
import type { SharedLedger } from './shared-ledger.ts'
import { untilFinal } from './until-final.ts'

function standing(at: number) {
  const listeners = new Set<(entry: FinalEntry) => void>()
  const due = new Set<() => void>()
  let height = at
  const ledger = {
    status: () => ({ height }),
    onFinal: (listener: (entry: FinalEntry) => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  } as unknown as SharedLedger
  const timers = {
    after: (_ms: number, callback: () => void) => {
      due.add(callback)
      return () => due.delete(callback)
    },
  } as unknown as Timers
  const decide = () => {
    height += 1
    for (const listener of listeners) listener({} as FinalEntry)
  }
  return { ledger, timers, decide, listeners, due }
}

it('waits for what is being decided, and leaves nothing behind', async () => {
  const { ledger, timers, decide, listeners, due } = standing(4)
  await untilFinal(ledger, 4, timers, 1_000)
  let done = false
  const waiting = untilFinal(ledger, 6, timers, 1_000).then(() => {
    done = true
  })
  decide()
  await Promise.resolve()
  expect(done).toBe(false)
  decide()
  await waiting
  expect([listeners.size, due.size]).toEqual([0, 0])
})

it('waits no longer than it may where nothing is decided', async () => {
  const { ledger, timers, listeners, due } = standing(4)
  const waiting = untilFinal(ledger, 6, timers, 1_000)
  for (const callback of due) callback()
  await waiting
  expect(listeners.size).toBe(0)
})
