/**
 * The blocks of a chain as leaves of its history tree, oldest first.
 *
 * @module
 */
import { createMerkleTree, equalBytes } from '@folkmoot/codec'
import { historyLeaf } from '../header.ts'
import type { Height } from '../replicated-log.ts'

const LEAF_BYTES = 32

export class HistoryLeaves {
  readonly #leaves: Uint8Array[] = []
  readonly #tree = createMerkleTree()

  /** The leaves of a snapshot. */
  static unpack(bytes: Uint8Array): HistoryLeaves {
    const history = new HistoryLeaves()
    for (let i = 0; i + LEAF_BYTES <= bytes.length; i += LEAF_BYTES) {
      history.#push(bytes.slice(i, i + LEAF_BYTES))
    }
    return history
  }

  append(header: Uint8Array): void {
    this.#push(historyLeaf(header))
  }

  root(): Uint8Array {
    return this.#tree.root()
  }

  /** Whether this very block stands at that height. */
  holds(height: Height, header: Uint8Array): boolean {
    const leaf = this.#leaves[height - 1]
    return leaf !== undefined && equalBytes(leaf, historyLeaf(header))
  }

  /** Audit path of the block at `height` in the history of the one at `under`. */
  inclusion(height: Height, under: Height): Uint8Array[] {
    return [...this.#tree.inclusion(height - 1, under - 1)]
  }

  /** The leaves below a height, for a snapshot. */
  pack(below: Height): Uint8Array {
    const bytes = new Uint8Array(LEAF_BYTES * (below - 1))
    for (let i = 0; i < below - 1; i++) bytes.set(this.#leaves[i]!, LEAF_BYTES * i)
    return bytes
  }

  #push(leaf: Uint8Array): void {
    this.#leaves.push(leaf)
    this.#tree.append(leaf)
  }
}
