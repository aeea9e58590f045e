/**
 * How to go back: every change says how it is undone, and marks say how far. Costs what changed
 * since the oldest mark, and nothing while there is none.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { Mark } from '@folkmoot/consensus'
import type { LedgerCode } from './codes.ts'

export interface UndoJournal {
  /** Remembers how to undo a change that was just made. */
  record(undo: () => void): void
  mark(): Mark
  /** Runs a change and undoes it where `keep` says no to what it answered. */
  attempt<Result>(change: () => Result, keep: (result: Result) => boolean): Result
  /** Forgets everything; marks made before are of no use afterwards. */
  drop(): void
}

export function createUndoJournal(): UndoJournal {
  /** Oldest first; `forgotten` changes came before them. */
  let undos: (() => void)[] = []
  let forgotten = 0
  /** Living marks, oldest first, each with the number of changes made before it. */
  let marks: { readonly at: number }[] = []
  let attempts = 0

  function undoTo(length: number): void {
    while (undos.length > length) undos.pop()!()
  }

  function forgetBefore(at: number): void {
    undos.splice(0, at - forgotten)
    forgotten = at
  }

  return {
    record: (undo) => {
      if (marks.length + attempts > 0) undos.push(undo)
    },
    mark: () => {
      // Without a mark nothing was remembered, so the count of changes stands where it stood.
      const own = { at: forgotten + undos.length }
      marks.push(own)
      return {
        rollback: () => {
          const index = marks.indexOf(own)
          if (index === -1) {
            throw new FederationError(
              'ledger/mark' satisfies LedgerCode,
              'this mark was released or dropped',
            )
          }
          marks = marks.slice(0, index + 1)
          undoTo(own.at - forgotten)
        },
        release: () => {
          const index = marks.indexOf(own)
          if (index === -1) return
          marks = marks.slice(index + 1)
          forgetBefore(marks[0]?.at ?? forgotten + undos.length)
        },
      }
    },
    attempt: (change, keep) => {
      const length = undos.length
      attempts += 1
      try {
        const result = change()
        if (!keep(result)) undoTo(length)
        return result
      } catch (error) {
        undoTo(length)
        throw error
      } finally {
        attempts -= 1
        if (marks.length + attempts === 0) undos = []
      }
    },
    drop: () => {
      undos = []
      marks = []
    },
  }
}
