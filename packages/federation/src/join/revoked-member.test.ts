import { join } from 'node:path'
import type { Fault } from '@folkmoot/base'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { createPeer } from '../create-peer.ts'
import { nodePlatform } from '../node/index.ts'

let federation: LoopbackFederation
afterEach(() => federation.stop())

/** A member that keeps what it was refused. */
async function member(state: string) {
  const refusals: Fault[] = []
  const peer = await createPeer({
    platform: await nodePlatform({ state, listen: ['/ip4/127.0.0.1/tcp/0'] }),
    charter: federation.founder().charterBytes,
    role: {
      kind: 'member',
      relays: federation.relays().filter((address) => !address.includes('/ws')),
      invitation: federation.invitation,
    },
    nickname: 'Ana',
    onRefused: (fault) => refusals.push(fault),
  })
  return { peer, refusals }
}

describe('a member that was revoked', () => {
  it('is told so while it runs, and again when it returns', { timeout: 120_000 }, async () => {
    federation = await startLoopbackFederation()
    const state = join(federation.folder, 'revoked')
    const { peer, refusals } = await member(state)
    expect(refusals).toEqual([])
    await federation.founder().revokePeer(peer.me, 'test')
    await waitUntil('it is told', () => refusals.length > 0)
    expect(refusals[0]!.code).toBe('federation/revoked')
    await peer.stop()
    // At once where the relay hears it in time, else as soon as it does.
    const again = await member(state).then(
      async (returned) => {
        await waitUntil('it is told', () => returned.refusals.length > 0)
        await returned.peer.stop()
        return returned.refusals[0]!.code
      },
      (error) => error.code,
    )
    expect(again).toBe('federation/revoked')
  })
})
