import { describe, expect, test } from 'vitest'
import { nodeVerifier } from '../../storage/src/node/ed25519.ts'
import { openAddressRecord, sealAddressRecord } from './address-record.ts'
import { createChecker } from './checker.ts'
import { openConsent, sealConsent } from './consent.ts'
import { openReceipt, sealReceipt } from './receipt.ts'
import { sealRecord } from './record.ts'
import { openRevocation, sealRevocation } from './revocation.ts'
import {
  addressRecord,
  consent,
  fed,
  founder,
  hash,
  member,
  now,
  receipt,
  revocation,
  stranger,
} from './test-records.ts'

const checker = createChecker(nodeVerifier())

describe('receipt', () => {
  const expected = { fed, now, trusted: [founder.peer] }

  test('a trusted issuer’s receipt is good until it expires', async () => {
    const bytes = await sealReceipt(founder, receipt)
    expect(await openReceipt(checker, bytes, expected)).toEqual({
      ok: true,
      receipt,
      issuer: founder.peer,
    })
    const code = async (change: Partial<typeof expected>) => {
      const opened = await openReceipt(checker, bytes, { ...expected, ...change })
      return opened.ok ? 'ok' : opened.fault.code
    }
    expect(await code({ now: receipt.expires - 1 })).toBe('ok')
    expect(await code({ now: receipt.expires })).toBe('identity/receipt-expired')
    expect(await code({ now: receipt.issued - 120_001 })).toBe('identity/receipt-expired')
    expect(await code({ trusted: [stranger.peer] })).toBe('identity/receipt')
    expect(await code({ trusted: [] })).toBe('identity/receipt')
    expect(await code({ fed: hash })).toBe('identity/receipt')
  })

  test('nobody vouches for themselves', async () => {
    const bytes = await sealReceipt(member, receipt)
    expect((await openReceipt(checker, bytes, expected)).ok).toBe(false)
  })
})

describe('consent', () => {
  test('a volunteer’s own consent opens', async () => {
    const opened = await openConsent(checker, await sealConsent(member, consent), { fed })
    expect(opened).toMatchObject({ ok: true, consent })
  })

  test('nobody consents for another', async () => {
    const unsealable = { code: 'identity/unsealable' }
    await expect(sealConsent(stranger, consent)).rejects.toMatchObject(unsealable)
    const forged = await sealRecord(stranger, 'consent', consent)
    expect(await openConsent(checker, forged)).toMatchObject({
      fault: { code: 'identity/consent' },
    })
  })

  test('a consent counts in its own federation', async () => {
    const bytes = await sealConsent(member, consent)
    expect(await openConsent(checker, bytes, { fed: hash })).toMatchObject({
      fault: { code: 'identity/consent' },
    })
  })
})

describe('address record', () => {
  test('a peer’s own word opens, whoever passed it on', async () => {
    const bytes = await sealAddressRecord(member, addressRecord)
    expect(await openAddressRecord(checker, bytes, { fed })).toEqual({
      ok: true,
      record: addressRecord,
      peer: member.peer,
    })
  })

  test('nobody says where another one listens', async () => {
    const unsealable = { code: 'identity/unsealable' }
    await expect(sealAddressRecord(stranger, addressRecord)).rejects.toMatchObject(unsealable)
    const forged = await sealRecord(stranger, 'addresses', addressRecord)
    expect(await openAddressRecord(checker, forged, { fed })).toMatchObject({
      fault: { code: 'identity/addresses' },
    })
  })

  test('it counts in its own federation, and is of one to eight short addresses', async () => {
    const bytes = await sealAddressRecord(member, addressRecord)
    expect(await openAddressRecord(checker, bytes, { fed: hash })).toMatchObject({
      fault: { code: 'identity/addresses' },
    })
    const [address] = addressRecord.addresses as [string]
    const long = `/dns4/${'a'.repeat(512)}${address}`
    for (const addresses of [[], Array(9).fill(address), [long], [address.slice(1)]]) {
      const sealed = await sealRecord(member, 'addresses', { ...addressRecord, addresses })
      expect(await openAddressRecord(checker, sealed, { fed })).toMatchObject({
        fault: { code: 'identity/record-content' },
      })
    }
  })
})

describe('revocation', () => {
  const expected = { fed, founder: founder.peer }

  test.each([
    ['its holder', member],
    ['the founder', founder],
  ])('a key can be ended by %s', async (_name, signer) => {
    const bytes = await sealRevocation(signer, revocation)
    expect(await openRevocation(checker, bytes, expected)).toMatchObject({
      ok: true,
      revocation,
      by: signer.peer,
    })
  })

  test('and by nobody else, nor elsewhere', async () => {
    const fault = { code: 'identity/revocation' }
    const byStranger = await sealRevocation(stranger, revocation)
    expect(await openRevocation(checker, byStranger, expected)).toMatchObject({ fault })
    const elsewhere = await sealRevocation(member, { ...revocation, fed: hash })
    expect(await openRevocation(checker, elsewhere, expected)).toMatchObject({ fault })
  })
})
