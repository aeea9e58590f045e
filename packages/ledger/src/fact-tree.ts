/**
 * The facts of the ledger as a Merkle tree in which a change costs O(log n) hashes.
 *
 * A binary radix tree over SHA-256 of the keys, with paths that do not branch left out: its form,
 * and so its root, depends on the set of facts alone and not on the order in which they came. An
 * inner node commits to the bit it branches on, which makes absence provable too: whoever follows
 * the bits of a missing key ends at another key's leaf.
 *
 * Leaf: SHA-256(0 ‖ CBOR [key, value]). Inner node: SHA-256(1 ‖ bit ‖ left ‖ right). Empty: SHA-256 of nothing.
 *
 * @module
 */
import { concatBytes, emptyRoot, encode, leafHash, sha256, utf8 } from '@folkmoot/codec'

interface Leaf {
  readonly path: Uint8Array
  readonly key: string
  hash: Uint8Array
}

interface Branch {
  readonly bit: number
  left: Node
  right: Node
  /** Undefined while something below has changed. */
  hash: Uint8Array | undefined
}

type Node = Leaf | Branch

/** One step of a proof, from the root towards the leaf. */
export interface FactStep {
  readonly bit: number
  readonly sibling: Uint8Array
}

export interface FactTree {
  readonly size: number
  set(key: string, value: Uint8Array): void
  /** The tree as if `key` had never been set. */
  delete(key: string): void
  root(): Uint8Array
  /** The leaf at which the search for `key` ends, which is another key's if it is absent; undefined in an empty tree. */
  prove(key: string): { readonly key: string; readonly steps: readonly FactStep[] } | undefined
}

/** Where a key lies in the tree. */
export function factPath(key: string): Uint8Array {
  return sha256(utf8(key))
}

export function factLeaf(key: string, value: Uint8Array): Uint8Array {
  return leafHash(encode([key, value]))
}

export function branchHash(bit: number, left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(new Uint8Array([1, bit]), left, right))
}

/** Bit `bit` of a path, the most significant first. */
export function bitAt(path: Uint8Array, bit: number): 0 | 1 {
  return ((path[bit >> 3]! >> (7 - (bit & 7))) & 1) as 0 | 1
}

function isBranch(node: Node): node is Branch {
  return 'bit' in node
}

function hashOf(node: Node): Uint8Array {
  if (!isBranch(node)) return node.hash
  node.hash ??= branchHash(node.bit, hashOf(node.left), hashOf(node.right))
  return node.hash
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! ^ b[i]!
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24
  }
  return undefined
}

export function createFactTree(): FactTree {
  let top: Node | undefined
  let size = 0

  /** The branches that lead to where `path` ends, and the leaf there. */
  function walk(from: Node, path: Uint8Array): { branches: Branch[]; leaf: Leaf } {
    const branches: Branch[] = []
    let node = from
    while (isBranch(node)) {
      branches.push(node)
      node = bitAt(path, node.bit) ? node.right : node.left
    }
    return { branches, leaf: node }
  }

  function insert(leaf: Leaf, bit: number, branches: readonly Branch[]): void {
    const at = branches.findIndex((branch) => branch.bit > bit)
    const above = at === -1 ? branches.at(-1) : branches[at - 1]
    const side = above && bitAt(leaf.path, above.bit) ? 'right' : 'left'
    const below = above ? above[side] : top!
    const branch: Branch = bitAt(leaf.path, bit)
      ? { bit, left: below, right: leaf, hash: undefined }
      : { bit, left: leaf, right: below, hash: undefined }
    if (above) above[side] = branch
    else top = branch
    size += 1
  }

  return {
    get size() {
      return size
    },
    set: (key, value) => {
      const leaf: Leaf = { path: factPath(key), key, hash: factLeaf(key, value) }
      if (!top) {
        top = leaf
        size = 1
        return
      }
      const found = walk(top, leaf.path)
      for (const branch of found.branches) branch.hash = undefined
      const bit = firstDifference(found.leaf.path, leaf.path)
      if (bit === undefined) found.leaf.hash = leaf.hash
      else insert(leaf, bit, found.branches)
    },
    delete: (key) => {
      if (!top) return
      const path = factPath(key)
      const { branches, leaf } = walk(top, path)
      if (firstDifference(leaf.path, path) !== undefined) return
      size -= 1
      const parent = branches.at(-1)
      if (!parent) {
        top = undefined
        return
      }
      for (const branch of branches) branch.hash = undefined
      const sibling = bitAt(path, parent.bit) ? parent.left : parent.right
      const above = branches.at(-2)
      if (above) above[bitAt(path, above.bit) ? 'right' : 'left'] = sibling
      else top = sibling
    },
    root: () => (top ? hashOf(top) : emptyRoot),
    prove: (key) => {
      if (!top) return undefined
      const path = factPath(key)
      const { branches, leaf } = walk(top, path)
      const steps = branches.map((branch) => ({
        bit: branch.bit,
        sibling: hashOf(bitAt(path, branch.bit) ? branch.left : branch.right),
      }))
      return { key: leaf.key, steps }
    },
  }
}
