import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { RawSigner } from '@folkmoot/base'
import { fromHex, toHex, utf8 } from '@folkmoot/codec'
import { checkPublicKey, createChecker, peerIdOf } from '@folkmoot/identity'
import { describe, expect, test } from 'vitest'
import { publishedData } from '../../testing/src/published-data.ts'
import { signerFromSeed as nodeSigner, nodeVerifier } from './node/ed25519.ts'
import { sodiumVerifier, signerFromSeed as webSigner, webVerifier } from './web/ed25519.ts'

interface Case {
  readonly name: string
  readonly key: Uint8Array
  readonly signature: Uint8Array
  readonly message: Uint8Array
}

const folder = publishedData('bytes/ed25519')
const read = (file: string) => JSON.parse(readFileSync(join(folder!, file), 'utf8'))

const verifiers = [nodeVerifier(), await webVerifier(), await sodiumVerifier()]
const checkers = verifiers.map(createChecker)

/** Under the profile; `note` is the domain that adds no prefix. */
async function accepted({ key, signature, message }: Case): Promise<boolean[]> {
  const peer = peerIdOf(key)
  return Promise.all(checkers.map((checker) => checker.verify('note', peer, signature, message)))
}

test('three implementations are under test', () => {
  expect(verifiers.map(({ kind }) => kind)).toEqual(['node', 'webcrypto', 'sodium'])
})

describe.skipIf(folder === undefined)('one acceptance profile', () => {
  test('C2SP/CCTV ed25519: node, WebCrypto and libsodium agree on all 914 edge cases', async () => {
    const vectors = read('cctv-ed25519vectors.json') as readonly {
      readonly number: number
      readonly key: string
      readonly sig: string
      readonly msg: string
      readonly flags: readonly string[] | null
    }[]
    expect(vectors).toHaveLength(914)
    for (const { number, key, sig, msg, flags } of vectors) {
      const verdicts = await accepted({
        name: `${number}`,
        key: fromHex(key),
        signature: fromHex(sig),
        message: utf8(msg),
      })
      // Every vector is an edge case in key, R or residue, and the profile has no room for edges.
      const plain = flags === null || flags.length === 0
      expect({ number, verdicts }).toEqual({ number, verdicts: [plain, plain, plain] })
      const badKey = flags?.some((flag) => flag.endsWith('_A')) ?? false
      if (badKey) expect(checkPublicKey(fromHex(key)).ok).toBe(false)
    }
  })

  test('C2SP/wycheproof ed25519: every valid signature is accepted, every invalid one refused', async () => {
    const { testGroups } = read('wycheproof-ed25519_test.json') as {
      readonly testGroups: readonly {
        readonly publicKey: { readonly pk: string }
        readonly tests: readonly {
          readonly tcId: number
          readonly msg: string
          readonly sig: string
          readonly result: 'valid' | 'invalid'
        }[]
      }[]
    }
    let count = 0
    for (const { publicKey, tests } of testGroups) {
      for (const { tcId, msg, sig, result } of tests) {
        const verdicts = await accepted({
          name: `${tcId}`,
          key: fromHex(publicKey.pk),
          signature: fromHex(sig),
          message: fromHex(msg),
        })
        const valid = result === 'valid'
        expect({ tcId, verdicts }).toEqual({ tcId, verdicts: [valid, valid, valid] })
        count++
      }
    }
    expect(count).toBe(151)
  })

  test('ed25519-speccheck: all twelve ambiguous cases get one verdict', async () => {
    const cases = read('speccheck-cases.json') as readonly {
      readonly message: string
      readonly pub_key: string
      readonly signature: string
    }[]
    const verdicts = []
    for (const [i, each] of cases.entries()) {
      verdicts.push(
        await accepted({
          name: `${i}`,
          key: fromHex(each.pub_key),
          signature: fromHex(each.signature),
          message: fromHex(each.message),
        }),
      )
    }
    // Cases 0 to 2 and 8 to 11 have keys or R of small order or in a second form, 3 to 5 mixed
    // order, 6 and 7 an S of L or more.
    expect(verdicts).toEqual(cases.map(() => [false, false, false]))
  })

  test('keys of small order, with torsion or in a second encoding are refused at admission', () => {
    const cases = read('speccheck-cases.json') as readonly { readonly pub_key: string }[]
    const codeOf = (i: number) => {
      const verdict = checkPublicKey(fromHex(cases[i]!.pub_key))
      return verdict.ok ? undefined : verdict.fault.code
    }
    expect([0, 1].map(codeOf)).toEqual(Array(2).fill('identity/key-small-order'))
    expect([2, 3, 4, 5].map(codeOf)).toEqual(Array(4).fill('identity/key-torsion'))
    expect([10, 11].map(codeOf)).toEqual(Array(2).fill('identity/key-encoding'))
  })

  test.each<[string, (seed: Uint8Array) => Promise<RawSigner>]>([
    ['node', nodeSigner],
    ['WebCrypto', webSigner],
  ])('RFC 8032 sign.input: %s signs all 1,024 byte for byte', async (_name, signerFromSeed) => {
    const text = gunzipSync(readFileSync(join(folder!, 'rfc8032-sign-input-vectors.txt.gz')))
    const lines = text.toString('ascii').trim().split('\n')
    expect(lines).toHaveLength(1024)
    for (const line of lines) {
      const [secret, publicKey, message, signed] = line.split(':') as [
        string,
        string,
        string,
        string,
      ]
      const signer = await signerFromSeed(fromHex(secret.slice(0, 64)))
      expect(toHex(signer.publicKey)).toBe(publicKey)
      expect(toHex(await signer.signRaw(fromHex(message)))).toBe(signed.slice(0, 128))
    }
  })
})
