import { memoryLog, memoryStore } from '@folkmoot/base'
import { expect, it } from 'vitest'
import { act, peer, sampleLog } from '../test/sample-log.ts'

const leaves = async (audit: {
  leaf(seq: number): Promise<Uint8Array | undefined>
  size: number
}) => Promise.all(Array.from({ length: audit.size }, async (_, seq) => (await audit.leaf(seq))!))

it('goes on with the same log', async () => {
  const { audit, reopen } = await sampleLog()
  await act(audit, 'a')
  const checkpoint = await audit.checkpoint()
  const again = await reopen()
  expect(again.logId).toBe(audit.logId)
  expect(again.root()).toEqual(audit.root())
  expect(again.bytes).toBe(audit.bytes)
  expect(again.recovery).toEqual({ droppedBytes: 0, replaced: undefined, interrupted: 0 })
  expect(await again.checkpoint()).toEqual(checkpoint)
  await act(again, 'b')
  expect(await again.verify()).toMatchObject({ ok: true, reason: 'first', entries: 4, unsigned: 2 })
})

it('says that it is the first log, and of whom', async () => {
  const { audit, init } = await sampleLog()
  expect(audit.recovery.replaced).toBe('first')
  expect(audit.origin).toBe(`folkmoot/${init.fed}/${init.signer.peer}/${audit.logId}`)
  expect(await audit.verify()).toMatchObject({
    ok: true,
    reason: 'first',
    previous: null,
    entries: 0,
  })
})

it('gives intents that a crash left open an outcome that says so', async () => {
  const { audit, reopen } = await sampleLog()
  await audit.intent({ direction: 'out', peer, action: 'call', capability: 'a', channel: 'direct' })
  await act(audit, 'x')
  const again = await reopen()
  expect(again.recovery.interrupted).toBe(1)
  expect(await again.verify()).toMatchObject({ ok: true, entries: 4, open: 0 })
  for await (const entry of again.query({ from: 3 })) {
    expect(entry).toMatchObject({ of: 0, decision: 'failed', reason: 'audit/interrupted' })
  }
})

it.each([0, 1, 3])(
  'begins a new log, signed, where only %i acknowledged entries are left',
  async (kept) => {
    const { audit, reopen } = await sampleLog()
    await act(audit, 'a')
    await act(audit, 'b')
    await audit.checkpoint()
    const log = memoryLog((await leaves(audit)).slice(0, kept))
    const again = await reopen({ log })
    expect(again.logId).not.toBe(audit.logId)
    expect(again.recovery.replaced).toBe('lost')
    await act(again, 'c')
    const root = Buffer.from(audit.root()).toString('hex')
    const previous = { logId: audit.logId, size: 4, root }
    expect(await again.verify()).toMatchObject({ ok: true, entries: 2, reason: 'lost', previous })
    const next = await reopen({ log })
    expect(next.logId).toBe(again.logId)
    expect(next.size).toBe(2)
  },
)

it('notices a loss before the first checkpoint by what the store knows', async () => {
  const { audit, reopen } = await sampleLog()
  await act(audit, 'a')
  await act(audit, 'b')
  const again = await reopen({ log: memoryLog() })
  expect(again.recovery.replaced).toBe('lost')
  expect(await again.verify()).toMatchObject({ ok: true, previous: { size: 2, root: null } })
})

it('begins a new log where signed entries were changed', async () => {
  const { audit, reopen } = await sampleLog()
  await act(audit, 'a')
  await audit.checkpoint()
  const changed = await leaves(audit)
  const text = new TextDecoder('latin1').decode(changed[0])
  changed[0] = Uint8Array.from(text.replace('review.diff', 'review.dirf'), (c) => c.charCodeAt(0))
  const again = await reopen({ log: memoryLog(changed) })
  expect(again.recovery.replaced).toBe('damaged')
  expect(await again.verify()).toMatchObject({ ok: true, reason: 'damaged', entries: 0 })
})

it('begins a new log where the store is gone but the entries are there', async () => {
  const { audit, reopen, init } = await sampleLog()
  await act(audit, 'a')
  const again = await reopen({ store: memoryStore(), log: init.log })
  expect(again.recovery.replaced).toBe('lost')
  await act(again, 'b')
  expect(await again.verify()).toMatchObject({ ok: true, entries: 2, previous: null })
})
