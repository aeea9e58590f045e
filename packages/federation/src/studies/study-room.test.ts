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

it('stores no more results than it holds, however often one is signed again', async () => {
  const { room, store, seal } = await loneRoom()
  const signer = await keyOf(2)
  let fresh = 0
  for (let seq = 40; seq > 0; seq--) {
    const taken = await room.take(await seal(signer, 0, 1, seq))
    if (taken.ok && taken.fresh) fresh += 1
  }
  expect(room.results.size).toBe(1)
  expect(await store.list({ prefix: 'result/' })).toHaveLength(1)
  expect(fresh).toBeLessThan(20)
  room.close()
})

it('has room for every trust root, however many keys another one has', async () => {
  const keys = await Promise.all(Array.from({ length: 8 }, (_, n) => keyOf(n + 2)))
  const last = keys.at(-1)!
  const { room, seal } = await loneRoom(
    { rootOf: (peer) => (peer === last.peer ? 'another' : 'one') },
    'root',
  )
  const verdicts = []
  for (const key of keys) verdicts.push(await room.take(await seal(key, 0)))
  expect(verdicts.filter(({ ok }) => ok)).toHaveLength(5)
  expect(verdicts.at(-1)).toMatchObject({ ok: true })
  room.close()
})

it('has room for the first result of every member where each is a voice', async () => {
  const { room, seal } = await loneRoom()
  for (let n = 2; n < 10; n++) {
    expect(await room.take(await seal(await keyOf(n), 0))).toMatchObject({ ok: true })
  }
  room.close()
})
