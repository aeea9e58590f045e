/** One operation of each kind that a founder alone knows, and the history they make, as older logs and bundles hold them for ever. */
import { memoryLog } from '@folkmoot/base'
import { fromHex, toHex } from '@folkmoot/codec'
import { createSoloLog } from '@folkmoot/consensus'
import { describe, expect, it } from 'vitest'
import { testSigner } from '../test/node-keys.ts'
import { wireFixture } from '../test/wire-fixture.ts'
import { createWorld, outcomeOf, START } from '../test/world.ts'
import { createLedger, factKey, verifyFact } from './index.ts'

const [ann, bob] = [testSigner(2), testSigner(3)]
const file = new URL('fixtures/ledger-v1.json', import.meta.url)

async function operations() {
  const world = await createWorld()
  const { founder, seal } = world
  const link = await world.invitation(founder, testSigner(100))
  const spare = await world.invitation(founder, testSigner(101))
  const study = await world.manifest(ann)
  const admission = async (peer: typeof ann) => ({
    redemption: await world.redeem(link, peer),
    nickname: 'n',
    role: 'member' as const,
  })
  const batch = {
    study: study.manifestId,
    root: new Uint8Array(32).fill(7),
    count: 2,
    units: [0, 9],
    credits: [[ann.peer, 2]] as [typeof ann.peer, number][],
  }
  const sealed = [
    await seal(founder, 'federation.found', { charter: world.charter.bytes }),
    await seal(founder, 'invitation.create', { invitation: link.bytes }),
    await seal(founder, 'invitation.create', { invitation: spare.bytes }),
    await seal(founder, 'invitation.revoke', { invitation: spare.id }),
    await seal(founder, 'member.admit', await admission(ann)),
    await seal(founder, 'member.admit', { ...(await admission(bob)), invitation: link.bytes }),
    await seal(founder, 'study.open', study, { expectHeight: 4, expiresHeight: 90 }),
    await seal(founder, 'study.batch', batch),
    // Refused: recorded with its reason.
    await seal(founder, 'study.batch', batch),
    await seal(bob, 'report', { study: study.manifestId, reason: 'r' }),
    await seal(ann, 'study.close', { study: study.manifestId }),
    await seal(ann, 'audit.checkpoint', {
      peer: ann.peer,
      checkpoint: await world.checkpoint(2, 'ab'.repeat(16), 3),
    }),
    await seal(bob, 'member.leave', {}),
    await seal(founder, 'member.revoke', { revocation: await world.revocation(bob, bob) }),
  ]
  return { world, sealed }
}

async function current() {
  const { world, sealed } = await operations()
  let now = START
  const clock = { now: () => (now += 1_000) }
  const parts = { instance: world.fed, signer: world.founder, checker: world.checker, clock }
  const engine = await createSoloLog({ ...parts, application: world.ledger, log: memoryLog() })
  const recorded = []
  for (const bytes of sealed) {
    const id = world.idOf(bytes)
    const { outcome } = await engine.submit(bytes, { id })
    const root = toHex(world.ledger.root())
    recorded.push({ id, bytes: toHex(bytes), outcome: outcomeOf(outcome), root })
  }
  return {
    charter: toHex(world.charter.bytes),
    fed: world.fed,
    operations: recorded,
    entries: (await engine.entries(1, 99)).map(toHex),
    snapshot: toHex(world.ledger.snapshot()),
  }
}

describe('the wire', () => {
  it('has not drifted', async () => {
    const now = await current()
    expect(now).toEqual(wireFixture(file, now))
  })

  it('of an older version reopens in the same state, entry by entry', async () => {
    const stored = wireFixture(file, await current())
    const { world } = await operations()
    const ledger = createLedger({ charterBytes: fromHex(stored.charter), checker: world.checker })
    const log = memoryLog(stored.entries.map(fromHex))
    const clock = { now: () => START }
    const parts = { instance: stored.fed, signer: world.founder, checker: world.checker, clock }
    const engine = await createSoloLog({ ...parts, application: ledger, log })
    expect(engine.status().height).toBe(stored.entries.length)
    expect(toHex(ledger.root())).toBe(stored.operations.at(-1)!.root)
    expect(toHex(ledger.snapshot())).toBe(stored.snapshot)
    expect(ledger.state().members.get(bob.peer)?.status).toBe('revoked')
    const repeated = stored.operations[4]!
    const receipt = await engine.submit(fromHex(repeated.bytes), { id: repeated.id })
    expect(receipt.height).toBe(5)
  })

  it('of an older snapshot restores, and its facts are provable', async () => {
    const stored = wireFixture(file, await current())
    const { world } = await operations()
    const ledger = createLedger({ charterBytes: fromHex(stored.charter), checker: world.checker })
    await ledger.restore(fromHex(stored.snapshot))
    const root = fromHex(stored.operations.at(-1)!.root)
    expect(ledger.root()).toEqual(root)
    const member = verifyFact(root, ledger.proveFact(factKey.member(ann.peer)))
    expect(member.ok && member.value).toBeInstanceOf(Uint8Array)
    const absent = verifyFact(root, ledger.proveFact(factKey.member(testSigner(9).peer)))
    expect(absent).toMatchObject({ ok: true, value: undefined })
  })
})
