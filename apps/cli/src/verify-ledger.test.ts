import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryLog } from '@folkmoot/base'
import { encode } from '@folkmoot/codec'
import { createSoloLog } from '@folkmoot/consensus'
import { createChecker, createSigner, sealCharter } from '@folkmoot/identity'
import { createLedger, sealOperation } from '@folkmoot/ledger'
import { nodeRandomness, nodeVerifier, signerFromSeed } from '@folkmoot/storage/node'
import { beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from './run-command.ts'
import { testSink } from './test-sink.ts'
import { verifyLedgerExport } from './verify-ledger.ts'

let charter: Uint8Array
let entries: Uint8Array[]
let fed: string

beforeAll(async () => {
  const signer = createSigner(await signerFromSeed(nodeRandomness().bytes(32)))
  const checker = createChecker(nodeVerifier())
  const sealed = await sealCharter(signer, {
    v: 1,
    name: 'Test',
    purpose: 'A test.',
    founder: signer.peer,
    contact: '',
    engine: 'solo',
    voters: [signer.peer],
    preset: 'test',
    admission: 'invitation',
    approval: {},
    crossOrg: false,
    limits: {},
    privacy: '',
    created: 1,
  })
  charter = sealed.bytes
  const ledger = createLedger({ charterBytes: charter, checker })
  fed = ledger.fed
  const log = await createSoloLog({
    instance: ledger.fed,
    signer,
    checker,
    application: ledger,
    log: memoryLog(),
    clock: { now: () => 1_000 },
  })
  const founding = await sealOperation(signer, {
    v: 1,
    fed: ledger.fed,
    kind: 'federation.found',
    sequence: 1,
    body: { charter },
  })
  await log.submit(founding.bytes, { id: founding.id })
  entries = await log.entries(1, 10)
})

describe('a ledger export', () => {
  it('replays from its charter', async () => {
    const verdict = await verifyLedgerExport(encode({ v: 1, charter, entries }), fed)
    expect(verdict).toMatchObject({ ok: true, federation: fed, height: 1, operations: 1 })
  })

  it('is refused for another federation', async () => {
    const verdict = await verifyLedgerExport(encode({ v: 1, charter, entries }), 'ab'.repeat(32))
    expect(verdict.ok).toBe(false)
  })

  it('is refused when any byte of an entry was altered, and says which entry', async () => {
    const [entry] = entries
    for (let at = 0; at < entry!.length; at += 37) {
      const altered = entry!.slice()
      altered[at]! ^= 1
      const verdict = await verifyLedgerExport(encode({ v: 1, charter, entries: [altered] }), fed)
      expect(verdict.ok, `byte ${at}`).toBe(false)
      if (!verdict.ok) expect(verdict.fault.message).toMatch(/^entry 1: /)
    }
  })

  it('is refused when it is something else', async () => {
    expect((await verifyLedgerExport(new Uint8Array([1, 2, 3]))).ok).toBe(false)
    expect((await verifyLedgerExport(encode({ v: 1, charter }))).ok).toBe(false)
  })
})

describe('folkmoot ledger verify, of a running relay', () => {
  const checked = {
    height: 1,
    signers: 1,
    voters: 1,
    epochs: 1,
    answered: 0,
    confirmedBy: 0,
    stale: false,
  }

  /** What the command says of a relay whose own check ends like this. */
  async function verify(status: number, check: unknown) {
    const state = mkdtempSync(join(tmpdir(), 'folkmoot-cli-'))
    const server = createServer((request, response) => {
      const exported = request.url === '/v1/ledger/export'
      response.statusCode = exported ? 200 : status
      response.end(exported ? encode({ v: 1, charter, entries }) : JSON.stringify(check))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const admin = {
      address: `http://127.0.0.1:${port}`,
      token: 't',
      pid: process.pid,
      startedAt: 1,
    }
    writeFileSync(join(state, 'admin.json'), JSON.stringify(admin))
    const [stdout, stderr] = [testSink(), testSink()]
    const surroundings = { stdout, stderr, environment: {}, cwd: state }
    const exit = await runCommand(['--state', state, 'ledger', 'verify'], surroundings)
    server.close()
    rmSync(state, { recursive: true })
    return { exit, said: stdout.text + stderr.text }
  }

  it('says that nobody else could be asked, or how many prove the same', async () => {
    const alone = await verify(200, { ok: true, data: checked })
    expect(alone).toMatchObject({ exit: 0, said: expect.stringContaining('no other peer') })
    const data = { ...checked, answered: 3, confirmedBy: 2, stale: true }
    const { exit, said } = await verify(200, { ok: true, data })
    expect(exit).toBe(0)
    expect(said).toContain('2 of 3 other peers')
    expect(said).toContain('two heartbeats')
  })

  it('fails where two histories were decided, and says what that means', async () => {
    const error = { code: 'consensus/fork', message: 'two histories were decided' }
    const { exit, said } = await verify(409, { ok: false, error })
    expect(exit).toBe(7)
    expect(said).toContain('believe neither')
  })
})
