/**
 * The bytes of one message of every type. A change here breaks everybody who is already out there:
 * regenerate with `FOLKMOOT_WRITE_FIXTURES=1` only together with a new version.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { toHex } from '@folkmoot/codec'
import { expect, test } from 'vitest'
import { sealAddressRecord } from './address-record.ts'
import { sealCharter } from './charter.ts'
import { sealConsent } from './consent.ts'
import { sealEnvelope } from './envelope.ts'
import { sealInvitation, sealRedemption } from './invitation.ts'
import { encodeInviteLink } from './invite-link.ts'
import { noteSigner } from './note.ts'
import { sealReceipt } from './receipt.ts'
import { sealRefounding } from './refounding.ts'
import { sealRevocation } from './revocation.ts'
import { testRawSigner } from './test-keys.ts'
import * as honest from './test-records.ts'

const path = new URL('fixtures/wire.json', import.meta.url)

test('the wire formats are what they were', async () => {
  const { founder, member, inviteKey, fed, hash } = honest
  const redemption = { invitation: hash, fed, peer: member.peer }
  const charter = await sealCharter(founder, honest.charter)
  const link = { page: 'https://example.org/', seed: new Uint8Array(32).fill(3) }
  const invitation = await sealInvitation(founder, honest.invitation)
  const wire = {
    peer: founder.peer,
    charter: toHex(charter.bytes),
    fed: charter.fed,
    invitation: toHex(invitation),
    link: encodeInviteLink({ ...link, invitation }),
    redemption: toHex(await sealRedemption(inviteKey, redemption)),
    receipt: toHex(await sealReceipt(founder, honest.receipt)),
    consent: toHex(await sealConsent(member, honest.consent)),
    refounding: toHex(await sealRefounding(member, honest.refounding)),
    bftCharter: toHex((await sealCharter(founder, honest.bftCharter)).bytes),
    revocation: toHex(await sealRevocation(member, honest.revocation)),
    addresses: toHex(await sealAddressRecord(member, honest.addressRecord)),
    envelope: toHex(await sealEnvelope(member, honest.envelope)),
    note: await noteSigner(testRawSigner(1)).signNote('folkmoot/log\n1\n', 'folkmoot/log'),
  }
  if (process.env.FOLKMOOT_WRITE_FIXTURES === '1') {
    writeFileSync(path, `${JSON.stringify(wire, null, 2)}\n`)
  }
  expect(wire).toEqual(JSON.parse(readFileSync(path, 'utf8')))
})
