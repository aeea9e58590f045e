/** The bytes of entries, proofs and evidence, which older logs and bundles hold for ever. */
import { memoryLog } from '@folkmoot/base'
import { encode, fromHex, toHex, utf8 } from '@folkmoot/codec'
import { describe, expect, it } from 'vitest'
import { testChecker, testSigner } from '../test/node-keys.ts'
import { wireFixture } from '../test/wire-fixture.ts'
import { createTextList } from './conformance/index.ts'
import {
  createSoloFollower,
  createSoloLog,
  encodeForkEvidence,
  encodeSnapshot,
  KnownEpochs,
  parseSnapshot,
  proveOperation,
  verifyFinality,
  verifyForkEvidence,
  verifyOperation,
} from './index.ts'

const instance = 'ab'.repeat(32)
const signer = testSigner(1)
const { checker } = testChecker()
const facts = { instance, founder: signer.peer, crossOrg: false, firstSet: null }
const { anchor } = new KnownEpochs(facts)

async function lead(names: readonly string[], start: number) {
  let now = start
  const application = createTextList()
  const clock = { now: () => now++ }
  const log = memoryLog()
  const leader = await createSoloLog({ ...anchor, signer, checker, application, log, clock })
  const receipts = []
  for (const name of names) receipts.push(await leader.submit(utf8(name), { id: `id-${name}` }))
  return { leader, application, receipts }
}

async function current() {
  const { leader, application, receipts } = await lead(['a', 'no', 'b'], 1_700_000_000_000)
  const other = await lead(['x'], 1_700_000_000_000)
  const entry = (await leader.entryAt(2))!
  const proof = proveOperation(entry, 0)
  return {
    entries: (await leader.entries(1, 9)).map(toHex),
    stateRoot: toHex(application.root()),
    finality: toHex(encode({ ...receipts[2]!.proof })),
    operation: { ...proof, path: proof.path.map(toHex) },
    evidence: toHex(encodeForkEvidence(receipts[0]!.proof, other.receipts[0]!.proof)),
    snapshot: toHex(encodeSnapshot(await leader.snapshot())),
  }
}

describe('the wire', () => {
  it('has not drifted', async () => {
    const now = await current()
    const stored = wireFixture(new URL('fixtures/wire-v1.json', import.meta.url), now)
    expect(now).toEqual(stored)
  })

  it('of an older version still opens, verifies and leads to its state', async () => {
    const stored = wireFixture(new URL('fixtures/wire-v1.json', import.meta.url), await current())
    const application = createTextList()
    const log = memoryLog(stored.entries.map(fromHex))
    const follower = await createSoloFollower({ ...anchor, checker, application, log })
    expect(follower.height).toBe(3)
    expect(toHex(application.root())).toBe(stored.stateRoot)
    const entry = (await follower.entryAt(2))!
    const final = await verifyFinality(checker, anchor, entry.proof)
    if (!final.ok) throw new Error(final.fault.message)
    const proof = { ...stored.operation, path: stored.operation.path.map(fromHex) }
    expect(verifyOperation(final.payloadHash, utf8('no'), proof)).toEqual({
      ok: true,
      id: 'id-no',
      refusal: 'test/no',
    })
    const evidence = fromHex(stored.evidence)
    expect((await verifyForkEvidence(checker, anchor, evidence)).ok).toBe(true)
    const snapshot = parseSnapshot(fromHex(stored.snapshot))
    if (!snapshot.ok) throw new Error(snapshot.fault.message)
    const restored = createTextList()
    const fresh = { ...anchor, checker, application: restored, log: memoryLog() }
    await (await createSoloFollower(fresh)).install(snapshot.snapshot)
    expect(toHex(restored.root())).toBe(stored.stateRoot)
  })
})
