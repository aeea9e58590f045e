import { readFileSync } from 'node:fs'
import { fromHex, toHex } from '@folkmoot/codec'
import * as fc from 'fast-check'
import { base58btc } from 'multiformats/bases/base58'
import { expect, test } from 'vitest'
import { publishedData } from '../../testing/src/published-data.ts'
import { parsePeerId, peerIdOf, publicKeyOf } from './peer-id.ts'

const vectors = publishedData('bytes/libp2p-spec-vectors/peer-id-keys.json')

test.skipIf(vectors === undefined)('libp2p peer-ids vectors: the ed25519 key names itself', () => {
  const keys = JSON.parse(readFileSync(vectors!, 'utf8')) as readonly {
    readonly type: string
    readonly kind: string
    readonly protobuf_hex: string
  }[]
  const isPublic = ({ type, kind }: (typeof keys)[number]) =>
    type.toUpperCase() === 'ED25519' && kind === 'public'
  const protobuf = fromHex(keys.find(isPublic)!.protobuf_hex)
  const multihash = Uint8Array.from([0x00, protobuf.length, ...protobuf])
  expect(peerIdOf(protobuf.slice(4))).toBe(base58btc.baseEncode(multihash))
})

test('a key survives its peer id, and ids sort as their keys do', () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(
    fc.property(key, key, (a, b) => {
      const [first, second] = [peerIdOf(a), peerIdOf(b)]
      expect(first).toMatch(/^12D3KooW.{44}$/)
      expect(parsePeerId(first)).toEqual({ ok: true, peer: first })
      expect(toHex(publicKeyOf(first))).toBe(toHex(a))
      expect(first < second).toBe(toHex(a) < toHex(b))
    }),
  )
})

test('a text parses exactly when it decodes to an ed25519 peer id', () => {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  const lowest = peerIdOf(new Uint8Array(32))
  const highest = peerIdOf(new Uint8Array(32).fill(255))
  const text = fc
    .tuple(fc.constantFrom(lowest, highest), fc.integer({ min: 7, max: 51 }), fc.nat({ max: 57 }))
    .map(([id, at, to]) => id.slice(0, at) + alphabet[to] + id.slice(at + 1))
  fc.assert(
    fc.property(text, (each) => {
      const bytes = base58btc.baseDecode(each)
      const fits = bytes.length === 38 && toHex(bytes).startsWith('002408011220')
      expect(parsePeerId(each).ok).toBe(fits)
    }),
    { numRuns: 1000 },
  )
})

test.each([
  ['an RSA peer', 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'],
  ['a CID of a peer', 'bafzaajaiaejcbzdibmxyzdjbbehgvizh6g5tikvy47mshdy6gwbruvgwvd24seje'],
  ['a character too few', '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ'],
  ['a letter outside base58', '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ0'],
  ['white space', ' 2D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'],
  ['nothing', ''],
])('%s is refused', (_name, text) => {
  expect(parsePeerId(text)).toMatchObject({ fault: { code: 'identity/peer-id' } })
  expect(() => publicKeyOf(text as never)).toThrow(
    expect.objectContaining({ code: 'identity/peer-id' }),
  )
})

test('a key of another length is the caller’s mistake', () => {
  expect(() => peerIdOf(new Uint8Array(33))).toThrow(
    expect.objectContaining({ code: 'identity/length' }),
  )
})
