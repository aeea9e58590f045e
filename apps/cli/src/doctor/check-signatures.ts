/**
 * A short self-check of ed25519 on this machine: the profile must accept what RFC 8032 accepts and
 * refuse the forms on which implementations are known to differ.
 *
 * @module
 */
import { fromHex } from '@folkmoot/codec'
import { checkPublicKey, checkSignatureShape } from '@folkmoot/identity'
import { nodeVerifier } from '@folkmoot/storage/node'

/** RFC 8032 §7.1, test 2. */
const vector = {
  key: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  message: '72',
  signature:
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
    '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
}

/** The order of the group, little-endian. */
const order = 'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010'

/** S + L in place of S: the same point equation, another signature. */
function malleated(signature: Uint8Array): Uint8Array {
  const changed = signature.slice()
  const added = fromHex(order)
  let carry = 0
  for (let i = 0; i < 32; i++) {
    carry += changed[32 + i]! + added[i]!
    changed[32 + i] = carry & 0xff
    carry >>= 8
  }
  return changed
}

/** Undefined where all is well, else what is wrong. */
export async function checkSignatures(): Promise<string | undefined> {
  const verifier = nodeVerifier()
  const [key, message, signature] = [vector.key, vector.message, vector.signature].map(fromHex) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  if (!checkPublicKey(key).ok || !checkSignatureShape(signature)) return 'a valid key is refused'
  if (!(await verifier.verify(key, signature, message))) return 'RFC 8032 §7.1 test 2 is refused'
  const altered = signature.slice()
  altered[0]! ^= 1
  if (await verifier.verify(key, altered, message)) return 'an altered signature is accepted'
  if (checkSignatureShape(malleated(signature))) return 'a signature with S ≥ L is accepted'
  const identityPoint = new Uint8Array(32)
  identityPoint[0] = 1
  if (checkPublicKey(identityPoint).ok) return 'a key of small order is accepted'
  return undefined
}
