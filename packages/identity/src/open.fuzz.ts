/**
 * Fuzz targets of everything here that reads what others wrote. A run throws only where an
 * invariant breaks.
 *
 * The verifier says yes to all, so that the fuzzer gets past the signature; what a signature is
 * worth is the published vectors' question.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { encode, equalBytes, utf8 } from '@folkmoot/codec'
import { openAddressRecord, sealAddressRecord } from './address-record.ts'
import { openCharter, sealCharter } from './charter.ts'
import { checkPublicKey } from './check-key.ts'
import { checkSignatureShape } from './check-signature.ts'
import { createChecker } from './checker.ts'
import { openConsent, sealConsent } from './consent.ts'
import { isStaticFault, openEnvelope, sealEnvelope } from './envelope.ts'
import { openInvitation, openRedemption, sealInvitation, sealRedemption } from './invitation.ts'
import { decodeInviteFragment, encodeInviteLink } from './invite-link.ts'
import { noteSigner, verifyNote } from './note.ts'
import { parsePeerId, peerIdOf, publicKeyOf } from './peer-id.ts'
import { openReceipt, sealReceipt } from './receipt.ts'
import { recordBody } from './record.ts'
import { openRevocation, sealRevocation } from './revocation.ts'
import { testRawSigner } from './test-keys.ts'
import * as honest from './test-records.ts'

const { fed, founder, hash, inviteKey, member, now } = honest
const checker = createChecker({ kind: 'node', verify: async () => true })
const invitation = await sealInvitation(founder, honest.invitation)
const redemption = { invitation: hash, fed, peer: member.peer }
const link = { page: 'https://example.org/', invitation, seed: new Uint8Array(32) }

/** A record whose content was accepted is canonical throughout. */
function record(
  name: string,
  seed: Uint8Array,
  open: (bytes: Uint8Array) => Promise<Verdict<object>>,
  contentOf: (opened: object) => unknown,
) {
  return {
    name: `identity/${name}`,
    seeds: [seed],
    async run(bytes: Uint8Array) {
      const opened = await open(bytes)
      if (opened.ok) {
        const parts = recordBody(bytes)
        demand(
          parts.ok && equalBytes(parts.body, encode(contentOf(opened))),
          'a body is not canonical',
        )
      }
      return opened
    },
  }
}

function demand(condition: boolean, what: string): void {
  if (!condition) throw new Error(what)
}

const latin1 = (bytes: Uint8Array) =>
  Array.from(bytes.subarray(0, 20_000), (byte) => String.fromCharCode(byte)).join('')

export const targets = [
  record(
    'charter',
    (await sealCharter(founder, honest.charter)).bytes,
    (bytes) => openCharter(checker, bytes),
    (opened) => Reflect.get(opened, 'charter'),
  ),
  record(
    'invitation',
    invitation,
    (bytes) => openInvitation(checker, bytes),
    (opened) => Reflect.get(opened, 'invitation'),
  ),
  record(
    'receipt',
    await sealReceipt(founder, honest.receipt),
    (bytes) => openReceipt(checker, bytes, { fed, now, trusted: [founder.peer] }),
    (opened) => Reflect.get(opened, 'receipt'),
  ),
  record(
    'consent',
    await sealConsent(member, honest.consent),
    (bytes) => openConsent(checker, bytes),
    (opened) => Reflect.get(opened, 'consent'),
  ),
  record(
    'revocation',
    await sealRevocation(member, honest.revocation),
    (bytes) => openRevocation(checker, bytes, { fed, founder: founder.peer }),
    (opened) => Reflect.get(opened, 'revocation'),
  ),
  record(
    'addresses',
    await sealAddressRecord(member, honest.addressRecord),
    (bytes) => openAddressRecord(checker, bytes, { fed }),
    (opened) => Reflect.get(opened, 'record'),
  ),
  {
    name: 'identity/redemption',
    seeds: [await sealRedemption(inviteKey, redemption)],
    run: (bytes: Uint8Array) =>
      openRedemption(checker, bytes, { id: hash, fed, key: inviteKey.publicKey }),
  },
  {
    name: 'identity/envelope',
    seeds: [
      await sealEnvelope(member, honest.envelope),
      await sealEnvelope(member, { ...honest.envelope, kind: 'record' }),
    ],
    async run(bytes: Uint8Array) {
      const opened = await openEnvelope(checker, bytes, { fed, now })
      if (opened.ok) demand(opened.envelope.fed === fed, 'an envelope of elsewhere opens')
      else isStaticFault(opened.fault)
      return opened
    },
  },
  {
    name: 'identity/invite-link',
    seeds: [utf8(encodeInviteLink(link))],
    run: (bytes: Uint8Array) => decodeInviteFragment(latin1(bytes)),
  },
  {
    name: 'identity/note',
    seeds: [utf8(await noteSigner(testRawSigner(1)).signNote('folkmoot/a\n1\n', 'folkmoot/a'))],
    run: (bytes: Uint8Array) =>
      verifyNote(checker, latin1(bytes), { name: 'folkmoot/a', peer: founder.peer }),
  },
  {
    name: 'identity/peer-id',
    seeds: [utf8(founder.peer)],
    run(bytes: Uint8Array) {
      const parsed = parsePeerId(latin1(bytes))
      if (parsed.ok)
        demand(peerIdOf(publicKeyOf(parsed.peer)) === parsed.peer, 'two texts, one key')
      return parsed
    },
  },
  {
    name: 'identity/key',
    seeds: [founder.publicKey],
    run(bytes: Uint8Array) {
      if (bytes.length < 32) return
      checkSignatureShape(bytes.subarray(0, 64))
      return checkPublicKey(bytes.subarray(0, 32))
    },
  },
]
