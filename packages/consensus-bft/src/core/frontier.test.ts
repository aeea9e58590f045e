import { createMerkleTree, sha256, utf8 } from '@folkmoot/codec'
import { expect, it } from 'vitest'
import { frontierFromPath, frontierOf, pathAfter, rootOf } from './frontier.ts'

const leaf = (i: number) => sha256(utf8(`leaf ${i}`))
const leaves = Array.from({ length: 40 }, (_, i) => leaf(i))

it('has the root of the whole tree at every size', () => {
  for (let size = 0; size <= leaves.length; size++) {
    const part = leaves.slice(0, size)
    expect(rootOf(frontierOf(part))).toEqual(createMerkleTree(part).root())
  }
})

it('proves each of the leaves that follow it, as the whole tree does', () => {
  for (let before = 0; before < 18; before++) {
    for (let after = 1; after < 9; after++) {
      const tree = createMerkleTree(leaves.slice(0, before + after))
      const frontier = frontierOf(leaves.slice(0, before))
      const more = leaves.slice(before, before + after)
      for (let i = 0; i < after; i++) {
        expect(pathAfter(frontier, more, i)).toEqual(tree.inclusion(before + i))
      }
    }
  }
})

it('is found again from the path of the last leaf', () => {
  for (let size = 1; size <= leaves.length; size++) {
    const part = leaves.slice(0, size)
    const path = createMerkleTree(part).inclusion(size - 1)
    expect(frontierFromPath(size, leaf(size - 1), path)).toEqual(frontierOf(part))
  }
})
