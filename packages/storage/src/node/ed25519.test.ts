import { describe, expect, test } from 'vitest'
import {
  signerFromSeed as signerFromSeedWeb,
  sodiumVerifier,
  webRandomness,
  webVerifier,
} from '../web/ed25519.ts'
import { nodeRandomness, nodeVerifier, signerFromSeed } from './ed25519.ts'

const seed = Uint8Array.from({ length: 32 }, (_, i) => i)
const message = new TextEncoder().encode('a message')

describe.each([
  ['node', async () => nodeVerifier()],
  ['webcrypto', webVerifier],
  ['sodium', sodiumVerifier],
] as const)('%s', (kind, load) => {
  test('verifies what any signer of the same seed signed, and nothing else', async () => {
    const verifier = await load()
    expect(verifier.kind).toBe(kind)
    for (const signer of [await signerFromSeed(seed), await signerFromSeedWeb(seed)]) {
      const signature = await signer.signRaw(message)
      const { publicKey } = signer
      expect(await verifier.verify(publicKey, signature, message)).toBe(true)
      expect(await verifier.verify(publicKey, signature, message.slice(1))).toBe(false)
      const other = (await signerFromSeed(seed.toReversed())).publicKey
      expect(await verifier.verify(other, signature, message)).toBe(false)
    }
  })

  test('keys and signatures of another length, or keys off the curve, verify nothing', async () => {
    const verifier = await load()
    const { publicKey, signRaw } = await signerFromSeed(seed)
    const signature = await signRaw(message)
    const offCurve = new Uint8Array(32).fill(2)
    expect(await verifier.verify(publicKey.slice(1), signature, message)).toBe(false)
    expect(await verifier.verify(publicKey, signature.slice(1), message)).toBe(false)
    expect(await verifier.verify(publicKey, new Uint8Array(65), message)).toBe(false)
    expect(await verifier.verify(offCurve, signature, message)).toBe(false)
    // Once more, now that the key has been refused before.
    expect(await verifier.verify(offCurve, signature, message)).toBe(false)
  })

  test('the message may be empty', async () => {
    const verifier = await load()
    const signer = await signerFromSeed(seed)
    const empty = new Uint8Array()
    expect(await verifier.verify(signer.publicKey, await signer.signRaw(empty), empty)).toBe(true)
  })
})

test('a seed of another length is the caller’s mistake', async () => {
  const wrong = { code: 'storage/seed-length' }
  await expect(signerFromSeed(new Uint8Array(31))).rejects.toMatchObject(wrong)
  await expect(signerFromSeedWeb(new Uint8Array(33))).rejects.toMatchObject(wrong)
})

test('wiping the seed afterwards does not change the signer', async () => {
  for (const load of [signerFromSeed, signerFromSeedWeb]) {
    const own = seed.slice()
    const signer = await load(own)
    const before = await signer.signRaw(message)
    own.fill(0)
    expect(await signer.signRaw(message)).toEqual(before)
  }
})

test('random bytes come in any length, also past what the browser gives at once', () => {
  for (const { bytes } of [nodeRandomness(), webRandomness()]) {
    expect(bytes(0)).toHaveLength(0)
    const long = bytes(200_000)
    expect(long).toHaveLength(200_000)
    expect(long.subarray(199_000).some((byte) => byte !== 0)).toBe(true)
    expect(bytes(16)).not.toEqual(bytes(16))
  }
})
