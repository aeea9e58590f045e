/**
 * A Merkle tree that only grows, with roots and proofs for every size it ever had.
 *
 * Source: RFC 6962 §2.1. Every complete subtree's hash is kept (two hashes a leaf), so appending
 * costs two hashes on average and a proof O(log n).
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { CodecCode } from './codes.ts'
import { emptyRoot, nodeHash } from './merkle-hash.ts'

export interface MerkleTree {
  /** Leaves so far. */
  readonly size: number
  /** Adds a leaf's hash and returns its index. */
  append(leafHash: Uint8Array): number
  /** Root over the first `size` leaves; default all. */
  root(size?: number): Uint8Array
  /** Audit path of leaf `index` in the tree of `size` leaves (RFC 6962 §2.1.1). */
  inclusion(index: number, size?: number): Uint8Array[]
  /** Proof that the tree of `to` leaves extends the one of `from` (RFC 6962 §2.1.2). */
  consistency(from: number, to?: number): Uint8Array[]
}

/** Root over leaf hashes; the empty list gives SHA-256 of nothing. */
export function merkleRoot(leafHashes: readonly Uint8Array[]): Uint8Array {
  return createMerkleTree(leafHashes).root()
}

/** A tree over `initial`, which is copied. */
export function createMerkleTree(initial: readonly Uint8Array[] = []): MerkleTree {
  /** `levels[k][i]`: hash over leaves `i·2^k` to `(i+1)·2^k`, where all of them exist. */
  const levels: Uint8Array[][] = [[]]
  const leaves = levels[0]!

  const append = (leafHash: Uint8Array): number => {
    const index = leaves.push(leafHash.slice()) - 1
    for (let k = 0; levels[k]!.length % 2 === 0; k++) {
      const level = levels[k]!
      levels[k + 1] ??= []
      levels[k + 1]!.push(nodeHash(level.at(-2)!, level.at(-1)!))
    }
    return index
  }

  /** Hash over leaves `start` to `end`; `start` is a multiple of the power of two that holds them. */
  const rangeHash = (start: number, end: number): Uint8Array => {
    const width = end - start
    const exponent = Math.log2(width)
    if (Number.isInteger(exponent)) return levels[exponent]![start / width]!
    const split = largestPowerBelow(width)
    return nodeHash(rangeHash(start, start + split), rangeHash(start + split, end))
  }

  const checkSize = (size: number): void => {
    if (!Number.isInteger(size) || size < 0 || size > leaves.length) {
      throw rangeError(`a tree of ${leaves.length} leaves has no state of ${size}`)
    }
  }

  for (const leafHash of initial) append(leafHash)

  return {
    get size() {
      return leaves.length
    },
    append,
    root: (size = leaves.length) => {
      checkSize(size)
      return size === 0 ? emptyRoot.slice() : rangeHash(0, size).slice()
    },
    inclusion: (index, size = leaves.length) => {
      checkSize(size)
      if (!Number.isInteger(index) || index < 0 || index >= size) {
        throw rangeError(`a tree of ${size} leaves has no leaf ${index}`)
      }
      const path: Uint8Array[] = []
      let start = 0
      let end = size
      while (end - start > 1) {
        const middle = start + largestPowerBelow(end - start)
        const left = index < middle
        path.push(left ? rangeHash(middle, end) : rangeHash(start, middle))
        if (left) end = middle
        else start = middle
      }
      return path.reverse()
    },
    consistency: (from, to = leaves.length) => {
      checkSize(to)
      if (!Number.isInteger(from) || from < 0 || from > to) {
        throw rangeError(`a tree of ${to} leaves has no earlier state of ${from}`)
      }
      if (from === 0 || from === to) return []
      const path: Uint8Array[] = []
      let start = 0
      let end = to
      while (end !== from) {
        const middle = start + largestPowerBelow(end - start)
        const left = from <= middle
        path.push(left ? rangeHash(middle, end) : rangeHash(start, middle))
        if (left) end = middle
        else start = middle
      }
      // The verifier knows the old root; only a subtree that is less than it must be sent.
      if (start > 0) path.push(rangeHash(start, end))
      return path.reverse()
    },
  }
}

/** The largest power of two smaller than `n`, for n ≥ 2. */
function largestPowerBelow(n: number): number {
  return 2 ** (Math.ceil(Math.log2(n)) - 1)
}

function rangeError(message: string): FederationError<CodecCode> {
  return new FederationError<CodecCode>('codec/merkle-range', message)
}
