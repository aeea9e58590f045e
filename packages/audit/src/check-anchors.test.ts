import { memoryLog, memoryStore } from '@folkmoot/base'
import { encode, fromUtf8 } from '@folkmoot/codec'
import { expect, it } from 'vitest'
import { act, checker, sampleLog } from '../test/sample-log.ts'
import type { AuditLog } from './audit-log.ts'
import { verifyAuditExport } from './verify-export.ts'

/** A log of four entries, a checkpoint of them, and two entries after it. */
async function anchoredLog() {
  const sample = await sampleLog()
  for (const content of ['a', 'b']) await act(sample.audit, content)
  const anchor = fromUtf8(await sample.audit.checkpoint())
  await act(sample.audit, 'c')
  return { ...sample, anchor }
}

async function verify(audit: AuditLog, anchors: readonly string[]) {
  return verifyAuditExport(checker, await audit.export(), anchors)
}

/** The same log as its owner writes it anew: without what the last opening would compare it with. */
async function rewritten({ init, reopen }: Awaited<ReturnType<typeof sampleLog>>, keep: number) {
  const store = memoryStore()
  for (const [key, value] of await init.store.list({ prefix: 'audit/' })) {
    if (/(latest|usage|checkpoint\/\d+)$/.test(key)) continue
    await store.write([{ type: 'put', key, value }])
  }
  const again = await reopen({ store, log: memoryLog(await init.log.read(0, keep)) })
  expect(again.recovery.replaced).toBeUndefined()
  return again
}

it('finds that a log begins as a checkpoint kept elsewhere says, and how far', async () => {
  const { audit, anchor } = await anchoredLog()
  expect(await verify(audit, [anchor])).toMatchObject({
    ok: true,
    size: 6,
    anchored: { matching: 1, size: 4, ofOtherLogs: 0 },
  })
  expect(await audit.verify([anchor])).toMatchObject({ ok: true, anchored: { matching: 1 } })
  expect(await audit.verify()).toMatchObject({ ok: true, anchored: null })
})

it('notices a log that its owner cut or wrote anew, and signed again', async () => {
  const sample = await anchoredLog()
  const cut = await rewritten(sample, 2)
  expect((await cut.verify()).ok).toBe(true)
  expect(await verify(cut, [sample.anchor])).toMatchObject({
    fault: { code: 'audit/anchor', message: /^entries 2 to 3 are missing/ },
  })
  for (const content of ['x', 'y', 'z']) await act(cut, content)
  expect((await cut.verify()).ok).toBe(true)
  expect(await verify(cut, [sample.anchor])).toMatchObject({
    fault: { code: 'audit/anchor', message: /^an entry before 4 is another one now/ },
  })
})

it('counts checkpoints of the log that was lost, and holds its end against what was said of it', async () => {
  const { audit, anchor, init, reopen } = await anchoredLog()
  await audit.checkpoint()
  const later = fromUtf8((await audit.latestCheckpoint())!)
  const lost = await reopen({ log: memoryLog(await init.log.read(0, 2)) })
  expect(lost.recovery.replaced).toBe('lost')
  expect(await verify(lost, [anchor, later])).toMatchObject({
    ok: true,
    anchored: { matching: 0, size: 0, ofOtherLogs: 2 },
  })
  // A statement that makes the lost log shorter than it was.
  const usage = encode({ contentBytes: 0, size: 3 })
  await init.store.write([
    { type: 'put', key: 'audit/current', value: encode({ logId: audit.logId, base: 0 }) },
    { type: 'put', key: `audit/${audit.logId}/usage`, value: usage },
    { type: 'delete', key: `audit/${audit.logId}/latest` },
  ])
  const shorter = await reopen({ log: memoryLog() })
  expect(shorter.recovery.replaced).toBe('lost')
  expect(await verify(shorter, [anchor])).toMatchObject({
    fault: { code: 'audit/anchor', message: /^the log before this one was another/ },
  })
})

it('refuses an anchor that the peer did not sign, and passes over those of others', async () => {
  const { audit, anchor } = await anchoredLog()
  const forged = anchor.replace('\n4\n', '\n3\n')
  expect(await verify(audit, [forged])).toMatchObject({ fault: { code: 'audit/checkpoint' } })
  expect(await verify(audit, ['no checkpoint'])).toMatchObject({
    fault: { code: 'audit/checkpoint' },
  })
  const other = anchor.replace(/(folkmoot\/\w+\/)\w+/, '$1somebodyElse')
  expect(await verify(audit, [other])).toMatchObject({
    ok: true,
    anchored: { matching: 0, ofOtherLogs: 0 },
  })
})
