import { decode, encode } from '@folkmoot/codec'
import {
  createChecker,
  createSigner,
  type FederationId,
  openInvitation,
  type PeerId,
  type Signer,
  sealInvitation,
  sealRedemption,
} from '@folkmoot/identity'
import { nodeVerifier, signerFromSeed } from '@folkmoot/storage/node'
import type { FrameStream } from '@folkmoot/transport'
import { describe, expect, it } from 'vitest'
import { type ServeJoinsInit, serveJoins } from './serve-joins.ts'

const fed = 'ab'.repeat(32) as FederationId
const now = 1_800_000_000_000
const signerOf = async (n: number) => createSigner(await signerFromSeed(new Uint8Array(32).fill(n)))
const relay = await signerOf(1)
const [keyA, keyB] = [await signerOf(2), await signerOf(3)]
const honest = await signerOf(4)

const invite = (key: Signer) =>
  sealInvitation(relay, {
    v: 1,
    fed,
    relays: [],
    role: 'member',
    cohort: '',
    uses: 1_000,
    expires: now + 3_600_000,
    key: key.publicKey,
    anchor: { epoch: 0, setHash: new Uint8Array(32), date: now },
  })
const invitations = new Map([
  [keyA, await invite(keyA)],
  [keyB, await invite(keyB)],
])
const checker = createChecker(nodeVerifier())
const idOf = async (key: Signer) => {
  const opened = await openInvitation(checker, invitations.get(key)!)
  if (!opened.ok) throw new Error(opened.fault.code)
  return opened.id
}
const ids = new Set([await idOf(keyA), await idOf(keyB)])

/** A relay that admits everyone whose invitation it issued. */
function joinsAt(perMinute: number, changes: Partial<ServeJoinsInit> = {}) {
  const members = new Set<PeerId>()
  const serve = serveJoins({
    signer: relay,
    checker,
    fed,
    clock: { now: () => now },
    charter: new Uint8Array(10),
    member: (peer) => (members.has(peer) ? { role: 'member', root: 'founder' } : undefined),
    revoked: () => false,
    unusable: (id) =>
      ids.has(id) ? null : { code: 'federation/invitation-forged', message: 'never issued' },
    admit: async ({ peer }) => {
      members.add(peer)
      return { ok: true }
    },
    decided: async () => {},
    perMinute,
    receiptMs: 60_000,
    ...changes,
  })
  return async (peer: PeerId, redeem: { invitation: Uint8Array; redemption: Uint8Array }) => {
    let answer: Uint8Array = new Uint8Array()
    const request = encode({ v: 1, protocol: 1, nickname: 'n', role: 'member', now, redeem })
    await serve({
      peer,
      frames: async function* () {
        yield request
      },
      send: async (frame: Uint8Array) => {
        answer = frame
      },
      close: async () => {},
      abort: () => {},
    } as unknown as FrameStream)
    const decoded = decode(answer)
    const reply = (decoded.ok ? decoded.value : {}) as { ok?: boolean; code?: string }
    return reply.ok === true ? 'joined' : reply.code
  }
}
const redeem = async (key: Signer, peer: PeerId) => ({
  invitation: invitations.get(key)!,
  redemption: await sealRedemption(key, { invitation: await idOf(key), fed, peer }),
})
const rubbish = { invitation: new Uint8Array(5), redemption: new Uint8Array(5) }

describe('a relay that is asked', () => {
  it('by strangers without an invitation, however often, still admits whoever has one', async () => {
    const ask = joinsAt(4)
    const unknown = await sealInvitation(keyB, {
      v: 1,
      fed,
      relays: [],
      role: 'member',
      cohort: '',
      uses: 1,
      expires: now + 1_000,
      key: keyB.publicKey,
      anchor: { epoch: 0, setHash: new Uint8Array(32), date: now },
    })
    const replayed = await redeem(keyA, honest.peer)
    for (let n = 10; n < 40; n++) {
      const stranger = await signerOf(n)
      const shown = [rubbish, { ...rubbish, invitation: unknown }, replayed][n % 3]!
      expect(await ask(stranger.peer, shown)).toBe('federation/invitation-forged')
    }
    expect(await ask(honest.peer, replayed)).toBe('joined')
  })

  it('by one key with nothing but rubbish answers it that it is busy, and nobody else', async () => {
    const ask = joinsAt(4)
    const stranger = (await signerOf(10)).peer
    const codes: unknown[] = []
    for (let n = 0; n < 10; n++) codes.push(await ask(stranger, rubbish))
    expect(codes[0]).toBe('federation/invitation-forged')
    expect(codes.at(-1)).toBe('federation/join-busy')
    expect(await ask(honest.peer, await redeem(keyA, honest.peer))).toBe('joined')
  })

  it('by all holders of one invitation at once still has room for those of another', async () => {
    const ask = joinsAt(10)
    const codes: unknown[] = []
    for (let n = 10; n < 30; n++) {
      const { peer } = await signerOf(n)
      codes.push(await ask(peer, await redeem(keyA, peer)))
    }
    expect(codes.filter((code) => code === 'joined').length).toBe(5)
    expect(codes.at(-1)).toBe('federation/join-busy')
    expect(await ask(honest.peer, await redeem(keyB, honest.peer))).toBe('joined')
  })
})
