import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodeVerifier } from '../../storage/src/node/ed25519.ts'
import { createChecker } from './checker.ts'
import { openInvitation, openRedemption, sealInvitation, sealRedemption } from './invitation.ts'
import { decodeInviteFragment, encodeInviteLink } from './invite-link.ts'
import { fed, hash, invitation, inviteKey, member, stranger } from './test-records.ts'

const checker = createChecker(nodeVerifier())

test('an invitation opens to itself, its inviter and its id', async () => {
  const bytes = await sealInvitation(member, invitation)
  const opened = await openInvitation(checker, bytes)
  expect(opened).toMatchObject({ ok: true, invitation, inviter: member.peer })
  expect(opened.ok && opened.id).toMatch(/^[0-9a-f]{64}$/)
})

test.each([
  ['nine relays', { ...invitation, relays: Array(9).fill('/ip4/127.0.0.1/tcp/1/ws') }],
  ['a relay that is no multiaddr', { ...invitation, relays: ['https://relay.example.org'] }],
  ['no use', { ...invitation, uses: 0 }],
  ['a short key', { ...invitation, key: new Uint8Array(31) }],
])('an invitation with %s cannot be sealed', async (_name, bad) => {
  await expect(sealInvitation(member, bad)).rejects.toMatchObject({ code: 'identity/unsealable' })
})

describe('redemption', () => {
  const claim = { id: hash, fed, key: inviteKey.publicKey }

  test('the invitation’s key lets one named peer in', async () => {
    const bytes = await sealRedemption(inviteKey, { invitation: hash, fed, peer: member.peer })
    expect(await openRedemption(checker, bytes, claim)).toEqual({ ok: true, peer: member.peer })
  })

  test.each([
    ['another key', stranger, { invitation: hash, fed, peer: member.peer }],
    ['another invitation', inviteKey, { invitation: fed, fed, peer: member.peer }],
    ['another federation', inviteKey, { invitation: hash, fed: hash, peer: member.peer }],
  ])('a redemption by or for %s is refused', async (_name, signer, redemption) => {
    const bytes = await sealRedemption(signer, redemption)
    expect(await openRedemption(checker, bytes, claim)).toMatchObject({
      fault: { code: 'identity/redemption' },
    })
  })

  test('a peer cannot be put in another’s place', async () => {
    const bytes = await sealRedemption(inviteKey, { invitation: hash, fed, peer: member.peer })
    const text = Buffer.from(bytes).toString('latin1').replace(member.peer, stranger.peer)
    expect((await openRedemption(checker, Buffer.from(text, 'latin1'), claim)).ok).toBe(false)
  })
})

describe('link', () => {
  const seed = new Uint8Array(32).fill(3)
  const content = { invitation: new Uint8Array([1, 2, 3]), seed }

  test('what a link carries comes back, from the link, its fragment or what is behind join=', () => {
    const link = encodeInviteLink({ page: 'https://relay.example.org/', ...content })
    expect(link).toMatch(/^https:\/\/relay\.example\.org\/#join=[\w-]+$/)
    const fragment = link.slice(link.indexOf('#'))
    for (const text of [link, fragment, fragment.slice(1), fragment.slice(6), ` ${link}\n`]) {
      expect(decodeInviteFragment(text)).toEqual({ ok: true, ...content })
    }
  })

  test('a fragment that the page had is replaced', () => {
    const link = encodeInviteLink({ page: 'https://relay.example.org/#about', ...content })
    expect(link.match(/#/g)).toHaveLength(1)
  })

  test('any other text is refused, and never thrown at', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        expect(decodeInviteFragment(`#join=${text}`)).toMatchObject({
          fault: { code: 'identity/invite-link' },
        })
      }),
    )
    expect(decodeInviteFragment('A'.repeat(1_000_000)).ok).toBe(false)
  })

  test('a seed of another length is the caller’s mistake', () => {
    const short = { page: '/', ...content, seed: new Uint8Array(31) }
    expect(() => encodeInviteLink(short)).toThrow(
      expect.objectContaining({ code: 'identity/length' }),
    )
  })
})
