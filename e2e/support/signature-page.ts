/**
 * Runs in a page: what this browser says of the published ed25519 vectors, under the one profile.
 *
 * @module
 */
import { fromHex, toHex } from '@folkmoot/codec'
import { checkPublicKey, createChecker, peerIdOf } from '@folkmoot/identity'
import { signerFromSeed, sodiumVerifier, webVerifier } from '@folkmoot/storage/web'
import type { SignatureVector, SigningVector } from './signature-vectors.ts'

export interface Verdicts {
  /** Which implementations were asked. */
  readonly kinds: readonly string[]
  /** For each vector one answer of each implementation. */
  readonly verified: readonly (readonly boolean[])[]
  /** For each vector whether its key passes the admission check. */
  readonly admitted: readonly boolean[]
}

declare global {
  interface Window {
    judgeVectors(vectors: readonly SignatureVector[]): Promise<Verdicts>
    signVectors(vectors: readonly SigningVector[]): Promise<string[]>
  }
}

window.judgeVectors = async (vectors) => {
  const verifiers = [await webVerifier(), await sodiumVerifier()]
  const checkers = verifiers.map(createChecker)
  const verified: boolean[][] = []
  for (const { key, signature, message } of vectors) {
    const peer = peerIdOf(fromHex(key))
    const answers = checkers.map((checker) =>
      // `note` is the domain that adds no prefix.
      checker.verify('note', peer, fromHex(signature), fromHex(message)),
    )
    verified.push(await Promise.all(answers))
  }
  return {
    kinds: verifiers.map(({ kind }) => kind),
    verified,
    admitted: vectors.map(({ key }) => checkPublicKey(fromHex(key)).ok),
  }
}

window.signVectors = async (vectors) => {
  const signatures: string[] = []
  for (const { seed, message } of vectors) {
    const signer = await signerFromSeed(fromHex(seed))
    signatures.push(`${toHex(signer.publicKey)} ${toHex(await signer.signRaw(fromHex(message)))}`)
  }
  return signatures
}
