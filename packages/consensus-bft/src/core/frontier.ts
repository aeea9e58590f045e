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
