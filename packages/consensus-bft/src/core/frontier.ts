/**
 * The RFC 6962 root over a history that may still branch: the hashes of its complete subtrees are
 * enough to go on from, so every block that is not final yet can have its own.
 *
 * @module
 */
import { emptyRoot, nodeHash } from '@folkmoot/codec'

/** Complete subtrees from left to right, each a power of two and larger than the next. Immutable. */
export type Frontier = readonly { readonly hash: Uint8Array; readonly leaves: number }[]

export const EMPTY_FRONTIER: Frontier = []

/** The frontier after one more leaf. */
export function grow(frontier: Frontier, leaf: Uint8Array): Frontier {
  const subtrees = [...frontier]
  let last = { hash: leaf, leaves: 1 }
  while (subtrees.at(-1)?.leaves === last.leaves) {
    const left = subtrees.pop()!
    last = { hash: nodeHash(left.hash, last.hash), leaves: 2 * last.leaves }
  }
  return [...subtrees, last]
}

/** Root over all leaves (RFC 6962 §2.1). */
export function rootOf(frontier: Frontier): Uint8Array {
  if (frontier.length === 0) return emptyRoot
  return frontier.map(({ hash }) => hash).reduceRight((right, left) => nodeHash(left, right))
}

/** The frontier over leaf hashes, as a snapshot or a log has them. */
export function frontierOf(leaves: Iterable<Uint8Array>): Frontier {
  let frontier = EMPTY_FRONTIER
  for (const leaf of leaves) frontier = grow(frontier, leaf)
  return frontier
}

/**
 * Audit path of leaf `index` among `leaves` that follow a frontier, in the tree over all of them
 * (RFC 6962 §2.1.1).
 */
export function pathAfter(
  frontier: Frontier,
  leaves: readonly Uint8Array[],
  index: number,
): Uint8Array[] {
  const before = frontier.reduce((sum, { leaves }) => sum + leaves, 0)
  const rangeHash = (start: number, end: number): Uint8Array => {
    const whole = subtreeAt(frontier, start, end)
    if (whole) return whole
    if (end - start === 1) return leaves[start - before]!
    const split = start + largestPowerBelow(end - start)
    return nodeHash(rangeHash(start, split), rangeHash(split, end))
  }
  const path: Uint8Array[] = []
  let start = 0
  let end = before + leaves.length
  while (end - start > 1) {
    const split = start + largestPowerBelow(end - start)
    if (before + index < split) {
      path.unshift(rangeHash(split, end))
      end = split
    } else {
      path.unshift(rangeHash(start, split))
      start = split
    }
  }
  return path
}

/**
 * The frontier of a tree of `size` leaves, from its last leaf and that leaf's audit path: the path
 * of a last leaf is made of the complete subtrees before it.
 */
export function frontierFromPath(
  size: number,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
): Frontier {
  const subtrees: { hash: Uint8Array; leaves: number }[] = []
  let left = size - 1
  for (const hash of [...path].reverse()) {
    const leaves = largestPowerBelow(left + 1)
    subtrees.push({ hash, leaves })
    left -= leaves
  }
  return grow(subtrees, leaf)
}

function subtreeAt(frontier: Frontier, start: number, end: number): Uint8Array | undefined {
  let at = 0
  for (const { hash, leaves } of frontier) {
    if (at === start && at + leaves === end) return hash
    at += leaves
  }
  return undefined
}

function largestPowerBelow(n: number): number {
  return 2 ** (Math.ceil(Math.log2(n)) - 1)
}
