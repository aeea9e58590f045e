import { memoryStore, silentLogger, type Verdict } from '@folkmoot/base'
import { nodeTimers } from '@folkmoot/storage/node'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { keyOf, loneRoom } from '../../test/lone-room.ts'
import { recordBatches } from './record-batches.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

async function recording(
  submit: () => Promise<Verdict>,
  ledger: { open: boolean; height: number },
) {
  const { room, seal } = await loneRoom()
  for (const n of [2, 3]) await room.take(await seal(await keyOf(n), 0))
  const submitted = vi.fn(submit)
  const stop = recordBatches({
    room,
    store: memoryStore(),
    timers: nodeTimers,
    logger: silentLogger,
    finalUnits: () => (ledger.open ? new Set() : null),
    height: () => ledger.height,
    submit: submitted,
  })
  return { submitted, stop, room }
}

it('submits nothing of a closed study', async () => {
  const { submitted, stop, room } = await recording(async () => ({ ok: true }), {
    open: false,
    height: 3,
  })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(submitted).not.toHaveBeenCalled()
  stop()
  room.close()
})

it('submits what the ledger refused again only when the ledger has changed', async () => {
  const ledger = { open: true, height: 3 }
  const { submitted, stop, room } = await recording(async () => {
    // A refusal is an entry too.
    ledger.height += 1
    return { ok: false, fault: { code: 'ledger/batch-final', message: '' } }
  }, ledger)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(submitted).toHaveBeenCalledTimes(1)
  ledger.height += 1
  room.touch()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(submitted).toHaveBeenCalledTimes(2)
  stop()
  room.close()
})
