import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAudit } from '@folkmoot/audit'
import { memoryLog, memoryStore, type RawSigner } from '@folkmoot/base'
import { decode, encode, fromUtf8 } from '@folkmoot/codec'
import type { Peer } from '@folkmoot/federation'
import { createChecker, createSigner, noteSigner } from '@folkmoot/identity'
import { nodeRandomness, nodeVerifier, openKeyFile } from '@folkmoot/storage/node'
import { type LoopbackFederation, startLoopbackFederation } from '@folkmoot/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCommand } from './run-command.ts'
import { testSink } from './test-sink.ts'

let federation: LoopbackFederation
let founder: Peer
let folder: string
beforeAll(async () => {
  federation = await startLoopbackFederation()
  founder = federation.founder()
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  for (let n = 0; n < 3; n++) await founder.consent('ab'.repeat(32), 'cd'.repeat(32), '1')
})
afterAll(async () => {
  await federation?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function run(...args: string[]) {
  const [stdout, stderr] = [testSink(), testSink()]
  const exit = await runCommand(args, { stdout, stderr, environment: {}, cwd: folder })
  return { exit, said: stdout.text + stderr.text }
}

/** What a log of the founder takes, but the places to keep it. */
const partsOf = (raw: RawSigner) => ({
  signer: createSigner(raw),
  note: noteSigner(raw),
  checker: createChecker(nodeVerifier()),
  fed: founder.fed,
  clock: { now: () => Date.now() },
  randomness: nodeRandomness(),
})

const save = (name: string, bytes: Uint8Array) => writeFile(join(folder, name), bytes)

const saveLedger = async (name: string, of: Peer = founder) =>
  save(name, encode({ v: 1, charter: of.charterBytes, entries: await of.ledger.entries(1, 1_000) }))

it('refuses the ledger of another federation', async () => {
  const other = await startLoopbackFederation()
  try {
    await saveLedger('other.cbor', other.founder())
  } finally {
    await other.stop()
  }
  await save('own.cbor', await founder.audit.export())
  const compared = await run('audit', 'verify', 'own.cbor', '--ledger', 'other.cbor')
  expect(compared).toMatchObject({ exit: 7, said: expect.stringContaining('another federation') })
})

it('compares an export with the checkpoints of it on the ledger, and says how far they reach', async () => {
  await saveLedger('before.cbor')
  await save('monday.cbor', await founder.audit.export())
  // What is logged next is in the checkpoint and not in that export.
  await founder.consent('ab'.repeat(32), 'cd'.repeat(32), '1')
  const checkpoint = fromUtf8(await founder.audit.checkpoint())
  const { size } = founder.audit
  const body = { peer: founder.me, checkpoint }
  expect(await founder.ledger.submit({ kind: 'audit.checkpoint', body })).toMatchObject({
    ok: true,
  })
  await founder.consent('ab'.repeat(32), 'cd'.repeat(32), '1')
  await save('audit.cbor', await founder.audit.export())
  await saveLedger('ledger.cbor')

  const alone = await run('audit', 'verify', 'audit.cbor')
  expect(alone).toMatchObject({ exit: 0, said: expect.stringContaining('not compared') })
  const before = await run('audit', 'verify', 'audit.cbor', '--ledger', 'before.cbor')
  expect(before.said).toContain('no checkpoint of this log')
  const compared = await run('audit', 'verify', 'audit.cbor', '--ledger', 'ledger.cbor')
  expect(compared.exit).toBe(0)
  expect(compared.said).toContain(
    `1 checkpoint agrees, the newest covers ${size} of ${founder.audit.size} entries`,
  )
})

it('ends with 8 where the ledger knows of more than it was shown', async () => {
  const monday = await run('audit', 'verify', 'monday.cbor', '--ledger', 'ledger.cbor')
  expect(monday).toMatchObject({ exit: 8, said: expect.stringContaining('audit/export-older') })
  const raw = await openKeyFile(join(federation.folder, 'founder', 'key.pem'))
  const invented = await openAudit({ ...partsOf(raw), log: memoryLog(), store: memoryStore() })
  await invented.intent({ direction: 'local', peer: null, action: 'consent' })
  await save('invented.cbor', await invented.export())
  const beside = await run('audit', 'verify', 'invented.cbor', '--ledger', 'ledger.cbor')
  expect(beside).toMatchObject({ exit: 8, said: expect.stringContaining('audit/other-log') })
})

it('ends with 7 where its owner wrote the log anew after it was anchored', async () => {
  const raw = await openKeyFile(join(federation.folder, 'founder', 'key.pem'))
  const store = memoryStore()
  const exported = await founder.audit.export()
  const decoded = decode(exported, { maxBytes: 1 << 28 })
  const { statement } = (decoded.ok ? decoded.value : {}) as { statement: Uint8Array }
  const { logId } = founder.audit
  await store.write([
    { type: 'put', key: 'audit/current', value: encode({ logId, base: 0 }) },
    { type: 'put', key: `audit/${logId}/statement`, value: statement },
  ])
  const forged = await openAudit({ ...partsOf(raw), log: memoryLog(), store })
  expect(forged.logId).toBe(logId)
  const nothing = { direction: 'local', peer: null, action: 'consent' } as const
  while (forged.size < founder.audit.size) await forged.intent(nothing)
  await save('forged.cbor', await forged.export())
  expect((await run('audit', 'verify', 'forged.cbor')).exit).toBe(0)
  const { exit, said } = await run('audit', 'verify', 'forged.cbor', '--ledger', 'ledger.cbor')
  expect(exit).toBe(7)
  expect(said).toContain('audit/anchor')
})
