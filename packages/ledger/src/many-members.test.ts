/** Ten thousand members: applying one operation and computing the root must not feel them. */
import { encode, sha256, utf8 } from '@folkmoot/codec'
import { peerIdOf } from '@folkmoot/identity'
import { expect, it } from 'vitest'
import { testSigner } from '../test/node-keys.ts'
import { createWorld } from '../test/world.ts'
import { createLedger } from './index.ts'

const MEMBERS = 10_000

/** Looks like a signed record; `apply` leaves signatures to `check`. */
function unsigned(publicKey: Uint8Array, value: unknown): Uint8Array {
  return encode([encode(value), publicKey, new Uint8Array(64)])
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

it('carries ten thousand members without slowing down', async () => {
  const world = await createWorld()
  await world.found()
  const link = await world.invitation(world.founder, testSigner(100), { uses: 100_000 })
  await world.submit(world.founder, 'invitation.create', { invitation: link.bytes })
  const { ledger, fed, founder } = world
  const micros: number[] = []
  for (let i = 0; i < MEMBERS; i++) {
    const peer = peerIdOf(sha256(utf8(`member ${i}`)))
    const redemption = unsigned(link.key.publicKey, { v: 1, invitation: link.id, fed, peer })
    const body = { redemption, nickname: 'n', role: 'member' }
    const op = unsigned(founder.publicKey, {
      v: 1,
      fed,
      kind: 'member.admit',
      sequence: 10 + i,
      body,
    })
    const started = performance.now()
    const applied = await ledger.apply(op, { height: 3 + i, time: 1_700_000_000_000 + i, epoch: 0 })
    ledger.root()
    micros.push((performance.now() - started) * 1_000)
    if (!applied.ok) throw new Error(applied.fault.message)
  }
  expect(ledger.state().members.size).toBe(MEMBERS + 1)
  expect(ledger.state().invitation(link.id)?.used).toBe(MEMBERS)
  // From 1,000 to 10,000 log n grows by 1.3 and n by 10; the rest is room for a busy machine.
  expect(median(micros.slice(-1_000))).toBeLessThan(4 * median(micros.slice(500, 1_500)))

  const copy = createLedger({ charterBytes: world.charter.bytes, checker: world.checker })
  await copy.restore(ledger.snapshot())
  expect(copy.root()).toEqual(ledger.root())
}, 120_000)
