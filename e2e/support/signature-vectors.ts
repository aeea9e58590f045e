/**
 * The published ed25519 vectors as one list, so that every implementation can be asked about all
 * of them.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** Bytes as hex, so that a vector can be handed into a page. */
export interface SignatureVector {
  readonly name: string
  readonly key: string
  readonly signature: string
  readonly message: string
}

/** RFC 8032 sign.input: also what must come out when `seed` signs. */
export interface SigningVector extends SignatureVector {
  readonly seed: string
}

export interface SignatureVectors {
  /** C2SP/CCTV (914), C2SP/wycheproof (151), ed25519-speccheck (12). */
  readonly verifying: readonly SignatureVector[]
  /** RFC 8032 sign.input (1,024). */
  readonly signing: readonly SigningVector[]
}

interface CctvVector {
  readonly number: number
  readonly key: string
  readonly sig: string
  readonly msg: string
}
interface WycheproofFile {
  readonly testGroups: readonly {
    readonly publicKey: { readonly pk: string }
    readonly tests: readonly { readonly tcId: number; readonly msg: string; readonly sig: string }[]
  }[]
}
interface SpeccheckCase {
  readonly message: string
  readonly pub_key: string
  readonly signature: string
}

/** @param folder where the published `bytes/ed25519` lie */
export function readSignatureVectors(folder: string): SignatureVectors {
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'))
  const cctv = (read('cctv-ed25519vectors.json') as CctvVector[]).map(
    ({ number, key, sig, msg }) => ({
      name: `CCTV ${number}`,
      key,
      signature: sig,
      message: Buffer.from(msg).toString('hex'),
    }),
  )
  const { testGroups } = read('wycheproof-ed25519_test.json') as WycheproofFile
  const wycheproof = testGroups.flatMap(({ publicKey, tests }) =>
    tests.map(({ tcId, msg, sig }) => ({
      name: `wycheproof ${tcId}`,
      key: publicKey.pk,
      signature: sig,
      message: msg,
    })),
  )
  const speccheck = (read('speccheck-cases.json') as SpeccheckCase[]).map((each, at) => ({
    name: `speccheck ${at}`,
    key: each.pub_key,
    signature: each.signature,
    message: each.message,
  }))
  const signing = gunzipSync(readFileSync(join(folder, 'rfc8032-sign-input-vectors.txt.gz')))
    .toString('ascii')
    .trim()
    .split('\n')
    .map((line, at) => {
      const [secret = '', key = '', message = '', signed = ''] = line.split(':')
      return {
        name: `RFC 8032 ${at}`,
        seed: secret.slice(0, 64),
        key,
        message,
        signature: signed.slice(0, 128),
      }
    })
  return { verifying: [...cctv, ...wycheproof, ...speccheck], signing }
}
