import { encode, sha256, toHex } from '@folkmoot/codec'
import { expect, test } from 'vitest'
import { nodeVerifier } from '../../storage/src/node/ed25519.ts'
import { fingerprint, openCharter, sealCharter } from './charter.ts'
import { createChecker } from './checker.ts'
import { sealRecord } from './record.ts'
import { charter, fed, founder, inviteKey, member, stranger } from './test-records.ts'

const checker = createChecker(nodeVerifier())

test('the hash of the founding charter is the federation’s id', async () => {
  const sealed = await sealCharter(founder, charter)
  expect(sealed.fed).toBe(toHex(sha256(encode(charter))))
  expect(await openCharter(checker, sealed.bytes)).toEqual({ ok: true, charter, fed: sealed.fed })
  expect(await openCharter(checker, sealed.bytes, sealed.fed)).toMatchObject({ ok: true })
})

test('the charter of another federation is refused', async () => {
  const { bytes } = await sealCharter(founder, charter)
  expect(await openCharter(checker, bytes, fed)).toMatchObject({
    fault: { code: 'identity/charter-fed' },
  })
})

test('a charter that its founder did not sign is refused', async () => {
  await expect(sealCharter(member, charter)).rejects.toMatchObject({ code: 'identity/unsealable' })
  const bytes = await sealRecord(member, 'charter', charter)
  expect(await openCharter(checker, bytes)).toMatchObject({
    fault: { code: 'identity/charter-founder' },
  })
})

test.each([
  ['a voter twice', { ...charter, voters: [founder.peer, founder.peer] }],
  ['no voter', { ...charter, voters: [] }],
  ['no name', { ...charter, name: '' }],
  ['an unknown engine', { ...charter, engine: 'anarchy' }],
  ['a limit that is no count', { ...charter, limits: { members: 0.5 } }],
  ['an unknown field', { ...charter, admins: [] }],
  ['votes that decide and no vote keys', { ...charter, engine: 'bft' }],
  ['fewer vote keys than voters', { ...charter, voteKeys: [] }],
  ['a vote key of small order', { ...charter, voteKeys: [new Uint8Array(32)] }],
  ['a vote key that is the voter’s own', { ...charter, voteKeys: [founder.publicKey] }],
  ['more organisations than voters', { ...charter, orgs: ['a', 'b'] }],
  ['a nameless organisation', { ...charter, orgs: [''] }],
])('a charter with %s cannot be sealed, nor opened', async (_name, bad) => {
  await expect(sealCharter(founder, bad as typeof charter)).rejects.toMatchObject({
    code: 'identity/unsealable',
  })
  const bytes = await sealRecord(founder, 'charter', bad)
  expect(await openCharter(checker, bytes)).toMatchObject({
    fault: { code: 'identity/record-content' },
  })
})

test('a charter whose voters decide by votes names a key for each', async () => {
  const voters = [founder.peer, member.peer].sort()
  const voteKeys = [inviteKey.publicKey, stranger.publicKey]
  const bft = { ...charter, engine: 'bft' as const, voters, voteKeys, orgs: ['a', 'b'] }
  const { bytes } = await sealCharter(founder, bft)
  expect(await openCharter(checker, bytes)).toMatchObject({ ok: true, charter: bft })
  const twice = { ...bft, voteKeys: [inviteKey.publicKey, inviteKey.publicKey] }
  await expect(sealCharter(founder, twice)).rejects.toMatchObject({ code: 'identity/unsealable' })
})

test('a fingerprint is four groups of four', () => {
  expect(fingerprint('a1b2c3d4e5f60718'.repeat(4))).toBe('a1b2 c3d4 e5f6 0718')
})
