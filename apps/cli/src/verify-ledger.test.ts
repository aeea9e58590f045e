import { memoryLog } from '@folkmoot/base'
import { encode } from '@folkmoot/codec'
import { createSoloLog } from '@folkmoot/consensus'
import { createChecker, createSigner, sealCharter } from '@folkmoot/identity'
import { createLedger, sealOperation } from '@folkmoot/ledger'
import { nodeRandomness, nodeVerifier, signerFromSeed } from '@folkmoot/storage/node'
import { beforeAll, describe, expect, it } from 'vitest'
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
