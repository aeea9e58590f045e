/**
 * What somebody can do whom nobody admitted: say who it is and ask, and nothing else.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encode } from '@folkmoot/codec'
import { createSigner, type Envelope, sealEnvelope, sealRedemption } from '@folkmoot/identity'
import { nodeRandomness, signerFromSeed } from '@folkmoot/storage/node'
import { expect, test } from './support/fixtures.ts'
import type { RelayProcess } from './support/relay-process.ts'
import { hostForFile, type InvitationRow, opened, type PeerRow } from './support/way-in.ts'

const host = hostForFile()

async function ledgerBytes(relay: RelayProcess): Promise<Buffer> {
  const { address, token } = JSON.parse(await readFile(join(relay.state, 'admin.json'), 'utf8'))
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(new URL('/v1/ledger/export', address), { headers })
  return Buffer.from(await answer.arrayBuffer())
}

test.describe('a stranger', () => {
  test('without an invitation may say who it is and ask, and nothing else', async ({ openTab }) => {
    const { relay: address } = await opened(host.relay.invite)
    const { transport, ask, askToJoin, signer } = await host.stranger()
    const topic = `/folkmoot/1/${host.relay.federation}/presence`
    const heard: string[] = []
    transport.subscribe(topic, {
      maxBytes: 4_096,
      validate: async (_bytes, forwarder) => {
        heard.push(forwarder)
        return 'accept'
      },
      deliver: () => {},
    })
    const relay = await transport.dial(address)
    expect(relay).toBe(host.relay.peerId)

    expect(await askToJoin(relay, null)).toEqual({ ok: false, code: 'federation/not-invited' })
    // The first frame of a call is a receipt: it has none, none that is genuine, then goes ahead.
    for (const first of [new Uint8Array(), new Uint8Array([0x80]), nodeRandomness().bytes(300)]) {
      const call = await sealEnvelope(signer, {
        ...host.envelope(signer.peer, {
          kind: 'call',
          capability: 'ledger.entries',
          body: encode({ from: 1 }),
        }),
        to: relay,
      })
      const answer = await ask(relay, '/folkmoot/call/1', [first, call])
      // The relay's own first frame at the most, which is as empty as a founder's is.
      expect(answer.frames.filter((frame) => frame.length > 0)).toEqual([])
      expect(answer.ended).not.toBe('silence')
    }
    const member = await openTab(host.relay.invite)
    await member.join()
    for (const protocol of [
      '/folkmoot/sync/1',
      '/libp2p/circuit/relay/0.2.0/hop',
      '/meshsub/1.2.0',
      '/webrtc-signaling/0.0.1',
    ]) {
      const answer = await ask(relay, protocol, [encode({ any: 'thing' })])
      expect(answer.frames, protocol).toEqual([])
      expect(answer.ended, protocol).not.toBe('silence')
    }

    // Its gossip goes nowhere, however well it is made: nobody lists it, and nobody tells it a thing.
    for (let round = 0; round < 5; round++) {
      const presence = encode({
        v: 1,
        incarnation: Date.now(),
        nickname: 'intruder',
        role: 'member',
        addrs: [],
        state: 'here',
        worker: true,
        protocol: 1,
      })
      const record = host.envelope(signer.peer, {
        kind: 'record',
        capability: 'membership.presence',
        body: encode({ kind: 'here', presence }),
      })
      await transport.publish(topic, await sealEnvelope(signer, record))
      await member.page.waitForTimeout(500)
    }
    await member.page.reload()
    await member.until('joined again', ({ joined }) => joined)
    const rows = await host.relay.get<PeerRow[]>('/v1/peers')
    expect(rows.map(({ peer }) => peer)).not.toContain(signer.peer)
    await expect(member.page.getByRole('region', { name: 'Peers' })).not.toContainText('intruder')
    expect(heard).toEqual([])
  })

  test('that has no standing is hung up on', async ({ relay }) => {
    // The preset `test` waits for strangers a third as long.
    const own = await relay({ args: ['--preset', 'test', '--study', 'none', '--worker', '0'] })
    const { transport } = await host.stranger()
    await transport.dial((await opened(own.invite)).relay)
    expect(transport.links()).toHaveLength(1)
    await expect.poll(() => transport.links().length, { timeout: 120_000 }).toBe(0)
  })

  test('cannot use a redemption that it saw', async () => {
    const { id, link } = await host.invite('--uses', '2')
    const { bytes, seed, invitation, relay: address } = await opened(link)
    const key = createSigner(await signerFromSeed(seed))
    const invited = await host.stranger()
    const thief = await host.stranger()
    const redemption = await sealRedemption(key, {
      invitation: id,
      fed: invitation.fed as Envelope['fed'],
      peer: invited.signer.peer,
    })
    const used = async () => {
      const rows = await host.relay.get<InvitationRow[]>('/v1/invitations')
      return rows.find((row) => row.id === id)?.used
    }

    const relay = await thief.transport.dial(address)
    await invited.transport.dial(address)
    const stolen = { invitation: bytes, redemption }
    const refused = { ok: false, code: 'federation/invitation-forged' }
    // Before its owner has used it, and after.
    expect(await thief.askToJoin(relay, stolen)).toEqual(refused)
    expect(await used()).toBe(0)
    expect(await invited.askToJoin(relay, stolen)).toEqual({ ok: true, code: '' })
    // It stands on the ledger, for every member to read.
    expect((await ledgerBytes(host.relay)).includes(Buffer.from(redemption))).toBe(true)
    expect(await thief.askToJoin(relay, stolen)).toEqual(refused)
    expect(await used()).toBe(1)
    // Its owner tries again, and no second use is spent.
    expect(await invited.askToJoin(relay, stolen)).toEqual({ ok: true, code: '' })
    expect(await used()).toBe(1)
    const rows = await host.relay.get<PeerRow[]>('/v1/peers')
    expect(rows.map(({ peer }) => peer)).toContain(invited.signer.peer)
    expect(rows.map(({ peer }) => peer)).not.toContain(thief.signer.peer)
  })
})
