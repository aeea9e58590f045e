/**
 * Checks Merkle proofs that somebody else made.
 *
 * A whole tree is the subtree that starts at 0, so both RFC 6962 checks are the subtree checks of
 * draft-ietf-plants-merkle-tree-certs §4 with that start; they agree with RFC 9162 §2.1.3 and §2.1.4.
 *
 * @module
 */
import { equalBytes } from './bytes.ts'
import { emptyRoot, nodeHash } from './merkle-hash.ts'

const HASH_BYTES = 32
/** Longest proof that a tree of 2^53 leaves can need, for both kinds. */
const MAX_PROOF = 54

export interface InclusionClaim {
  readonly leafHash: Uint8Array
  readonly index: number
  readonly size: number
  readonly proof: readonly Uint8Array[]
  readonly root: Uint8Array
}

export interface SubtreeInclusionClaim extends Omit<InclusionClaim, 'size'> {
  /** First leaf of the subtree; a multiple of the power of two that holds it. */
  readonly start: number
  /** One past its last leaf. */
  readonly end: number
}

export interface ConsistencyClaim {
  readonly from: number
  readonly to: number
  readonly fromRoot: Uint8Array
  readonly toRoot: Uint8Array
  readonly proof: readonly Uint8Array[]
}

export interface SubtreeConsistencyClaim {
  readonly start: number
  readonly end: number
  readonly size: number
  readonly subtreeRoot: Uint8Array
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** Whether the leaf stands at `index` in the tree of `size` leaves with this root. */
export function verifyInclusion({ size, ...claim }: InclusionClaim): boolean {
  return verifySubtreeInclusion({ ...claim, start: 0, end: size })
}

/** Whether the leaf stands at `index` of the tree, inside the subtree from `start` to `end`. */
export function verifySubtreeInclusion(claim: SubtreeInclusionClaim): boolean {
  const { leafHash, index, start, end, proof, root } = claim
  if (!isSubtree(start, end) || !Number.isSafeInteger(index) || index < start || index >= end) {
    return false
  }
  if (leafHash.length !== HASH_BYTES || !areHashes(leafHash, proof)) return false
  let at = index - start
  let last = end - start - 1
  let hash = leafHash
  for (const sibling of proof) {
    if (last === 0) return false
    if (isOdd(at) || at === last) {
      hash = nodeHash(sibling, hash)
      while (!isOdd(at) && at !== 0) {
        at = half(at)
        last = half(last)
      }
    } else {
      hash = nodeHash(hash, sibling)
    }
    at = half(at)
    last = half(last)
  }
  return last === 0 && equalBytes(hash, root)
}

/**
 * Whether the tree of `to` leaves extends the one of `from`. From the empty tree nothing can be
 * proven, so `from: 0` is always false: every tree extends it, and a caller must decide that itself.
 */
export function verifyConsistency({
  from,
  to,
  fromRoot,
  toRoot,
  proof,
}: ConsistencyClaim): boolean {
  const claim = { start: 0, end: from, size: to, subtreeRoot: fromRoot, root: toRoot, proof }
  return from > 0 && verifySubtreeConsistency(claim)
}

/**
 * Whether the subtree from `start` to `end` is part of the tree of `size` leaves. A subtree
 * without leaves is part of every tree that reaches it.
 */
export function verifySubtreeConsistency(claim: SubtreeConsistencyClaim): boolean {
  const { start, end, size, subtreeRoot, root, proof } = claim
  if (!Number.isSafeInteger(size) || end > size) return false
  if (start === end) {
    return isLeafIndex(start) && proof.length === 0 && equalBytes(subtreeRoot, emptyRoot)
  }
  if (!isSubtree(start, end) || !areHashes(subtreeRoot, proof)) return false
  let first = start
  let second = end - 1
  let last = size - 1
  const shift = (): void => {
    first = half(first)
    second = half(second)
    last = half(last)
  }
  while (first !== second && (second === last || isOdd(second))) shift()
  let rest = proof
  let seed: Uint8Array | undefined = subtreeRoot
  if (first !== second) {
    seed = proof[0]
    rest = proof.slice(1)
  }
  if (seed === undefined) return false
  let subtreeHash = seed
  let treeHash = seed
  for (const sibling of rest) {
    if (last === 0) return false
    if (isOdd(second) || second === last) {
      if (first < second) subtreeHash = nodeHash(sibling, subtreeHash)
      treeHash = nodeHash(sibling, treeHash)
      while (!isOdd(second) && second !== 0) shift()
    } else {
      treeHash = nodeHash(treeHash, sibling)
    }
    shift()
  }
  return last === 0 && equalBytes(subtreeHash, subtreeRoot) && equalBytes(treeHash, root)
}

/** A subtree starts at a multiple of the power of two that its leaves fit into. */
function isSubtree(start: number, end: number): boolean {
  if (!isLeafIndex(start) || !isLeafIndex(end) || end <= start) return false
  return start % 2 ** Math.ceil(Math.log2(end - start)) === 0
}

function isLeafIndex(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0
}

/** Parts of another length could be cut differently and still hash to the same node. */
function areHashes(start: Uint8Array, proof: readonly Uint8Array[]): boolean {
  if (proof.length === 0) return true
  if (proof.length > MAX_PROOF || start.length !== HASH_BYTES) return false
  return proof.every((hash) => hash.length === HASH_BYTES)
}

// Sizes pass 2^31, where the bitwise operators stop.
function isOdd(n: number): boolean {
  return n % 2 === 1
}

function half(n: number): number {
  return Math.floor(n / 2)
}
