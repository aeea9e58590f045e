/**
 * The smallest application that still commits to everything: a chain of hashes over what was agreed.
 *
 * @module
 */
import { concatBytes, sha256 } from '@folkmoot/codec'
import type { Application, Mark } from '@folkmoot/consensus'

export function createHashChain(): Application {
  let root: Uint8Array = new Uint8Array(32)
  let marks: Mark[] = []
  return {
    check: async () => ({ ok: true }),
    apply: async (op) => {
      root = sha256(concatBytes(root, op))
      return { ok: true }
    },
    root: () => root,
    mark: () => {
      const before = root
      const mark: Mark = {
        rollback: () => {
          marks = marks.slice(0, marks.indexOf(mark) + 1)
          root = before
        },
        release: () => {
          marks = marks.slice(marks.indexOf(mark) + 1)
        },
      }
      marks.push(mark)
      return mark
    },
    nextSet: () => null,
    snapshot: () => root,
    restore: async (bytes) => {
      root = bytes
      marks = []
    },
  }
}
