import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leafHash, nodeHash } from './merkle-hash.ts'
import { createMerkleTree, merkleRoot } from './merkle-tree.ts'
import { fromHex, toHex, utf8 } from './text.ts'
import { verifyConsistency, verifyInclusion } from './verify-merkle.ts'

const leaves = (size: number) => Array.from({ length: size }, (_, i) => leafHash(utf8(`leaf ${i}`)))

/** RFC 6962 §2.1, word for word. */
function naiveRoot(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 1) return hashes[0]!
  let split = 1
  while (split * 2 < hashes.length) split *= 2
  return nodeHash(naiveRoot(hashes.slice(0, split)), naiveRoot(hashes.slice(split)))
}

test('roots are those of Certificate Transparency (google/certificate-transparency, test vectors)', () => {
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657']
  const roots = [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  ]
  const tree = createMerkleTree(inputs.map((hex) => leafHash(fromHex(hex))))
  for (const [size, root] of roots.entries()) expect(toHex(tree.root(size))).toBe(root)
})

test('the root equals the definition at every size', () => {
  const hashes = leaves(70)
  const tree = createMerkleTree(hashes)
  for (let size = 1; size <= 70; size++) {
    expect(toHex(tree.root(size))).toBe(toHex(naiveRoot(hashes.slice(0, size))))
  }
  expect(toHex(merkleRoot(hashes))).toBe(toHex(tree.root()))
})

const sizes = fc.integer({ min: 1, max: 300 })

describe('proofs', () => {
  const tree = createMerkleTree(leaves(300))

  test('every leaf is provable in every size, with at most log2 hashes', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (size, pick) => {
        const index = pick % size
        const proof = tree.inclusion(index, size)
        expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)))
        const claim = { leafHash: leaves(index + 1)[index]!, index, size, proof }
        expect(verifyInclusion({ ...claim, root: tree.root(size) })).toBe(true)
        expect(verifyInclusion({ ...claim, index: index + 1, root: tree.root(size) })).toBe(false)
      }),
    )
  })

  test('every size is consistent with every later one', () => {
    fc.assert(
      fc.property(sizes, sizes, (a, b) => {
        const [from, to] = a < b ? [a, b] : [b, a]
        const proof = tree.consistency(from, to)
        const claim = { from, to, fromRoot: tree.root(from), toRoot: tree.root(to), proof }
        expect(verifyConsistency(claim)).toBe(true)
        if (from < to) {
          expect(verifyConsistency({ ...claim, fromRoot: tree.root(to) })).toBe(false)
          expect(verifyConsistency({ ...claim, proof: proof.slice(1) })).toBe(false)
        }
      }),
    )
  })

  test('a proof with one bit flipped, a part added or a part removed is refused', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), fc.nat({ max: 2 }), (size, pick, place, kind) => {
        const index = pick % size
        const honest = tree.inclusion(index, size)
        const at = place % (honest.length + 1)
        const part = honest[at]?.slice() ?? new Uint8Array(32)
        part[place % 32]! ^= 1 << (place % 8)
        const proof = honest.toSpliced(at, kind === 0 ? 0 : 1, ...(kind === 1 ? [] : [part]))
        fc.pre(proof.length !== honest.length || at < honest.length)
        const claim = { leafHash: leaves(index + 1)[index]!, index, size }
        expect(verifyInclusion({ ...claim, proof, root: tree.root(size) })).toBe(false)
      }),
    )
  })
})

test('a tree keeps its own copy of a leaf', () => {
  const leaf = leafHash(utf8('a'))
  const tree = createMerkleTree([leaf])
  const root = toHex(tree.root())
  leaf.fill(0)
  tree.root().fill(0)
  expect(toHex(tree.root())).toBe(root)
})

test('a place outside the tree is the caller’s mistake', () => {
  const tree = createMerkleTree(leaves(3))
  const range = expect.objectContaining({ code: 'codec/merkle-range' })
  expect(() => tree.root(4)).toThrow(range)
  expect(() => tree.inclusion(3)).toThrow(range)
  expect(() => tree.inclusion(0.5)).toThrow(range)
  expect(() => tree.consistency(3, 2)).toThrow(range)
})

test('from the empty tree nothing is proven', () => {
  const tree = createMerkleTree(leaves(2))
  const claim = { from: 0, to: 2, fromRoot: tree.root(0), toRoot: tree.root(), proof: [] }
  expect(verifyConsistency(claim)).toBe(false)
})
