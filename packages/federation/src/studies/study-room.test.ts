import { encode } from '@folkmoot/codec'
import { expect, it, vi } from 'vitest'
import { keyOf, loneRoom } from '../../test/lone-room.ts'

/** Longer than a judgement and a plan to reduce take together. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 700))

it('reduces only where the owner lets the study run, and at the share given', async () => {
  let may = false
  const { room, runs, seal } = await loneRoom({ mayRun: () => may, share: () => 0.25 })
  expect(await room.take(await seal(await keyOf(2), 0))).toMatchObject({ ok: true, fresh: true })
  await settled()
  expect(runs).toEqual([])

  may = true
  room.permitChanged()
  await vi.waitFor(() => expect(runs).toMatchObject([{ share: 0.25, cancelled: false }]))

  may = false
  room.permitChanged()
  expect(runs[0]).toMatchObject({ cancelled: true })
  await settled()
  expect(runs).toHaveLength(1)

  may = true
  room.permitChanged()
  await vi.waitFor(() => expect(runs).toHaveLength(2))
  runs[1]!.end({
    ok: true,
    output: encode({ estimate: 1.5, low: 1.25, high: 1.75 }),
    computeMs: 1,
    steps: 1,
  })
  await vi.waitFor(() => expect(room.answer()).toMatchObject({ estimate: 1.5, done: 1 }))
  room.close()
})
