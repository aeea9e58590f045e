/**
 * Fuzz targets of the codec. A run throws only where an invariant breaks.
 *
 * @module
 */
import { equalBytes } from './bytes.ts'
import { checkUtf8 } from './check-utf8.ts'
import { parseContentId } from './content-id.ts'
import { decode } from './decode.ts'
import { encode } from './encode.ts'
import { nodeHash } from './merkle-hash.ts'
import { createMerkleTree } from './merkle-tree.ts'
import { fromUtf8, utf8 } from './text.ts'
import { verifyConsistency, verifyInclusion } from './verify-merkle.ts'

const values = [
  null,
  [true, false, -1, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32, -(2n ** 63n), 0.5, -1e300],
  { a: 'text', bb: new Uint8Array([1, 2, 3]), ccc: { d: [[], {}] }, ключ: '水' },
  Array.from({ length: 30 }, (_, i) => i),
]

const tree = createMerkleTree(values.map((_, i) => new Uint8Array(32).fill(i)))

function demand(condition: boolean, what: string): void {
  if (!condition) throw new Error(what)
}

export const targets = [
  {
    name: 'codec/decode',
    seeds: values.map((value) => encode(value)),
    run(bytes: Uint8Array) {
      const decoded = decode(bytes, { integralFloats: false })
      if (decoded.ok) {
        demand(equalBytes(encode(decoded.value), bytes), 'accepted bytes re-encode differently')
      }
      return decoded
    },
  },
  {
    name: 'codec/decode-limits',
    seeds: values.map((value) => encode(value)),
    run(bytes: Uint8Array) {
      const decoded = decode(bytes, { maxBytes: 64, maxDepth: 3, maxItems: 16 })
      const free = decode(bytes)
      demand(free.ok || !decoded.ok, 'tighter limits accept more')
      return decoded
    },
  },
  {
    name: 'codec/utf8',
    seeds: ['', 'abc', 'Čaues ßvěte!', '水', '𐅑'].map(utf8),
    run(bytes: Uint8Array) {
      let strict = true
      try {
        fromUtf8(bytes)
      } catch {
        strict = false
      }
      demand(checkUtf8(bytes, 0, bytes.length) === strict, 'two judges of UTF-8 disagree')
      return strict ? 'text' : 'not text'
    },
  },
  {
    name: 'codec/content-id',
    seeds: [utf8('bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq')],
    run(bytes: Uint8Array) {
      return parseContentId(String.fromCharCode(...bytes.subarray(0, 1000)))
    },
  },
  {
    name: 'codec/merkle',
    // Index, size, then the proof's hashes.
    seeds: [0, 1, 2, 3].map((i) =>
      Uint8Array.from([i, 4, ...tree.inclusion(i).flatMap((h) => [...h])]),
    ),
    run(bytes: Uint8Array) {
      const [index = 0, size = 0] = bytes
      const proof: Uint8Array[] = []
      for (let at = 2; at < bytes.length; at += 32) proof.push(bytes.subarray(at, at + 32))
      const leafHash = new Uint8Array(32).fill(index)
      const root = tree.root()
      const held = verifyInclusion({ leafHash, index, size, proof, root })
      if (held) {
        demand(index < size && size <= 4, 'a proof for a place outside the tree holds')
        const again = proof.length === 0 ? leafHash : nodeHash(leafHash, proof[0]!)
        demand(again.length === 32, 'a proof of another length holds')
      }
      const grew = verifyConsistency({
        from: index,
        to: size,
        fromRoot: leafHash,
        toRoot: root,
        proof,
      })
      return `${proof.length} hashes: ${held}, ${grew}`
    },
  },
]
