import { encode, sha256, toHex } from '@folkmoot/codec'
import { expect, test } from 'vitest'
import { nodeVerifier } from '../../storage/src/node/ed25519.ts'
import { fingerprint, openCharter, sealCharter } from './charter.ts'
import { createChecker } from './checker.ts'
import { sealRecord } from './record.ts'
import { charter, fed, founder, member } from './test-records.ts'

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
])('a charter with %s cannot be sealed, nor opened', async (_name, bad) => {
  await expect(sealCharter(founder, bad as typeof charter)).rejects.toMatchObject({
    code: 'identity/unsealable',
  })
  const bytes = await sealRecord(founder, 'charter', bad)
  expect(await openCharter(checker, bytes)).toMatchObject({
    fault: { code: 'identity/record-content' },
  })
})

test('a fingerprint is four groups of four', () => {
  expect(fingerprint('a1b2c3d4e5f60718'.repeat(4))).toBe('a1b2 c3d4 e5f6 0718')
})
