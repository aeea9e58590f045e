import { memoryLog, memoryStore } from '@folkmoot/base'
import { decode, encode, fromUtf8 } from '@folkmoot/codec'
import { createSigner, noteSigner, sealRecord } from '@folkmoot/identity'
import { expect, it } from 'vitest'
import { act, checker, fed, rawSigner, type Sample, sampleLog } from '../test/sample-log.ts'
import type { AuditLog } from './audit-log.ts'
import { compareAuditExport } from './compare-export.ts'
import type { LogStatement } from './log-statement.ts'
import { verifyAuditExport } from './verify-export.ts'

const START = 1_800_000_000_000
const HOUR = 3_600_000

/** A log of four entries, a checkpoint of them, and two entries after it. */
async function anchoredLog() {
  const sample = await sampleLog()
  for (const content of ['a', 'b']) await act(sample.audit, content)
  const anchor = fromUtf8(await sample.audit.checkpoint())
  await act(sample.audit, 'c')
  return { ...sample, anchor }
}

async function verify(audit: AuditLog, anchors: readonly string[], time = START) {
  return compare(await audit.export(), anchors, time)
}

function compare(bytes: Uint8Array, anchors: readonly string[], time = START) {
  const kept = anchors.map((text) => ({ text, time }))
  return compareAuditExport(checker, bytes, kept)
}

const anchorOf = async (audit: AuditLog) => fromUtf8(await audit.checkpoint())

/** The log as it is after everything from `keep` on was lost. */
async function losing({ init }: Sample, keep: number, changes: Partial<Sample['init']> = {}) {
  const log = memoryLog(await init.log.read(0, keep))
  const sample = await sampleLog({ ...init, log, ...changes })
  expect(sample.audit.recovery.replaced).toBe('lost')
  return sample
}

/** An export with another statement than the log's. */
async function restated({ init, audit }: Sample, changes: Partial<LogStatement>) {
  const bytes = await audit.export()
  const decoded = decode(bytes, { maxBytes: bytes.length })
  if (!decoded.ok) throw new Error(decoded.fault.message)
  const whole = decoded.value as Record<string, unknown>
  const { signer } = init
  const first: LogStatement = {
    v: 1,
    fed,
    peer: signer.peer,
    logId: audit.logId,
    reason: 'first',
    previous: null,
    at: START,
  }
  const statement = await sealRecord(signer, 'log', { ...first, ...changes })
  const { earlier, ...rest } = whole
  return encode({ ...rest, ...(changes.previous ? { earlier } : {}), statement })
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
    anchored: { matching: 1, size: 4, ofEarlierLogs: 0 },
  })
  expect(await verifyAuditExport(checker, await audit.export())).toMatchObject({ ok: true })
})

it('notices a log that its owner cut or wrote anew, and signed again', async () => {
  const sample = await anchoredLog()
  const cut = await rewritten(sample, 2)
  expect((await cut.verify()).ok).toBe(true)
  expect(await verify(cut, [sample.anchor])).toMatchObject({
    fault: {
      code: 'audit/export-older',
      message: expect.stringMatching(/^entries 2 to 3 are missing.*or its end is cut off/),
    },
  })
  for (const content of ['x', 'y', 'z']) await act(cut, content)
  expect((await cut.verify()).ok).toBe(true)
  expect(await verify(cut, [sample.anchor])).toMatchObject({
    fault: {
      code: 'audit/anchor',
      message: expect.stringMatching(/^an entry before 4 is another one now/),
    },
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
    anchored: { matching: 0, size: 0, ofEarlierLogs: 2 },
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
    fault: {
      code: 'audit/anchor',
      message: expect.stringMatching(/^the log before this one was another/),
    },
  })
})

it('refuses an anchor that the peer did not sign', async () => {
  const { audit, anchor } = await anchoredLog()
  const forged = anchor.replace('\n4\n', '\n3\n')
  expect(await verify(audit, [forged])).toMatchObject({ fault: { code: 'audit/checkpoint' } })
  const own = anchor.replace(/\n4\n.*\n/, '\n4\nno root\n')
  expect(await verify(audit, [own])).toMatchObject({ fault: { code: 'audit/checkpoint' } })
})

it('passes over what others anchored, even where it is no checkpoint: one member must not spoil every log', async () => {
  const { audit, anchor } = await anchoredLog()
  const raw = rawSigner(7)
  const origin = `folkmoot/${fed}/${createSigner(raw).peer}/${'cd'.repeat(16)}`
  const signed = (tail: string) => noteSigner(raw).signNote(`${origin}\n5\n${tail}`, origin)
  const others = [
    await signed(`${'A'.repeat(42)}B=\n`),
    await signed(`${'A'.repeat(43)}=\n\nx\n`),
    'no checkpoint',
    anchor.replace(/(folkmoot\/\w+\/)\w+/, '$1somebodyElse'),
  ]
  for (const other of others) {
    expect(await verify(audit, [other, anchor])).toMatchObject({
      ok: true,
      anchored: { matching: 1, ofEarlierLogs: 0 },
    })
  }
})

it('tells an export that is older than a checkpoint from a log that goes on without its entries', async () => {
  const sample = await sampleLog()
  const { audit, wait } = sample
  await act(audit, 'a')
  const monday = await audit.export()
  wait(24 * HOUR)
  await act(audit, 'b')
  const tuesday = START + 24 * HOUR
  const anchor = await anchorOf(audit)
  expect(await compare(monday, [anchor], tuesday)).toMatchObject({
    fault: {
      code: 'audit/export-older',
      message: expect.stringMatching(/^entries 2 to 3 are missing/),
    },
  })
  const cut = await rewritten(sample, 2)
  wait(2 * HOUR)
  cut.counter('presence.in')
  wait(60_000)
  await cut.tick()
  expect(cut.size).toBe(3)
  expect(await verify(cut, [anchor], tuesday)).toMatchObject({
    fault: {
      code: 'audit/anchor',
      message: expect.stringMatching(/^entries 3 to 3 are missing.*goes on after it$/),
    },
  })
})

const otherLog = (message: RegExp) => ({
  fault: { code: 'audit/other-log', message: expect.stringMatching(message) },
})

it('refuses a log under a new name beside one that its peer has anchored', async () => {
  const { anchor } = await anchoredLog()
  const randomness = { bytes: (length: number) => new Uint8Array(length).fill(99) }
  const invented = await sampleLog({ randomness })
  await act(invented.audit, 'innocent')
  const own = await anchorOf(invented.audit)
  const { audit } = invented
  expect(await verify(audit, [own])).toMatchObject({ ok: true, anchored: { matching: 1 } })
  expect(await verify(audit, [anchor])).toMatchObject(otherLog(/does not say that it follows/))
  expect(await verify(audit, [anchor, own])).toMatchObject(otherLog(/does not say that it follows/))
  expect(await verify(audit, [own, anchor])).toMatchObject(
    otherLog(/since: .*not the whole story$/),
  )
  await act(audit, 'more')
  const again = await anchorOf(audit)
  expect(await verify(audit, [own, anchor, again])).toMatchObject(otherLog(/two side by side$/))
})

it('refuses a statement that was written anew to hide which log was lost', async () => {
  const sample = await anchoredLog()
  const lost = await losing(sample, 2)
  await act(lost.audit, 'd')
  const anchors = [sample.anchor, await anchorOf(lost.audit)]
  expect(await verify(lost.audit, anchors)).toMatchObject({
    ok: true,
    reason: 'lost',
    anchored: { matching: 1, ofEarlierLogs: 1 },
  })
  const hidden = await restated(lost, {})
  expect(await verifyAuditExport(checker, hidden)).toMatchObject({ ok: true, reason: 'first' })
  expect(await compare(hidden, anchors)).toMatchObject(otherLog(/does not say that it follows/))
})

it('refuses a log whose predecessor was anchored again after it had been given up', async () => {
  const sample = await anchoredLog()
  const lost = await losing(sample, 2)
  await act(lost.audit, 'd')
  const own = await anchorOf(lost.audit)
  expect(await verify(lost.audit, [own, sample.anchor])).toMatchObject({
    fault: { code: 'audit/anchor', message: expect.stringMatching(/follows went on/) },
  })
})

it('follows logs that were lost one after another, by the statements that the export brings', async () => {
  const sample = await anchoredLog()
  const second = await losing(sample, 2, {
    randomness: { bytes: (n) => new Uint8Array(n).fill(2) },
  })
  await act(second.audit, 'd')
  const between = await anchorOf(second.audit)
  const third = await losing(second, 3, { randomness: { bytes: (n) => new Uint8Array(n).fill(3) } })
  await act(third.audit, 'e')
  const anchors = [sample.anchor, between, await anchorOf(third.audit)]
  expect(await verify(third.audit, anchors)).toMatchObject({
    ok: true,
    previous: { logId: second.audit.logId, size: 2 },
    earlier: [{ logId: sample.audit.logId }],
    anchored: { matching: 1, ofEarlierLogs: 2 },
  })
  // Without the first one's name, and with a name that nothing leads to.
  const named = { logId: 'ee'.repeat(16), size: 9, root: null }
  const misled = await restated(third, { reason: 'lost', previous: named })
  expect(await compare(misled, anchors)).toMatchObject({
    fault: { code: 'audit/statement', message: expect.stringMatching(/nothing here follows it/) },
  })
  await third.init.store.write([{ type: 'delete', key: `audit/${second.audit.logId}/statement` }])
  expect(await verify(third.audit, anchors)).toMatchObject(otherLog(/does not say that it follows/))
})
