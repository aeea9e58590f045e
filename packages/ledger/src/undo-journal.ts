/**
 * How to go back: every change says what it replaced, and marks say how far. Costs what changed
 * since the oldest mark, and nothing while there is none.
 *
 * What is below the oldest mark is final, so the journal also answers what stood there.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { Mark } from '@folkmoot/consensus'
import type { LedgerCode } from './codes.ts'

/** A place of a table that was written. */
interface Write {
  readonly table: object
  readonly id: string
  /** What stood there, undefined for nothing. */
  readonly before: unknown
}

interface Change {
  readonly undo: () => void
  readonly write: Write | undefined
}

export interface UndoJournal {
  /** Remembers a change that was just made, and what it wrote if readers may ask for it. */
  record(undo: () => void, write?: Write): void
  mark(): Mark
  /** Runs a change and undoes it where `keep` says no to what it answered. */
  attempt<Result>(change: () => Result, keep: (result: Result) => boolean): Result
  /** What stood at the oldest mark where `table` was written since, by id. */
  replaced(table: object): ReadonlyMap<string, unknown>
  /** Forgets everything; marks made before are of no use afterwards. */
  drop(): void
}

const nothing: ReadonlyMap<string, unknown> = new Map()

export function createUndoJournal(): UndoJournal {
  /** Oldest first; `forgotten` changes came before them. */
  let changes: Change[] = []
  let forgotten = 0
  /** Living marks, oldest first, each with the number of changes made before it. */
  let marks: { readonly at: number }[] = []
  let attempts = 0
  /** Of each table the oldest `before` of each id; undefined until somebody asks. */
  let replaced: Map<object, Map<string, unknown>> | undefined

  function note({ table, id, before }: Write): void {
    const ids = replaced!.get(table) ?? new Map<string, unknown>()
    replaced!.set(table, ids)
    if (!ids.has(id)) ids.set(id, before)
  }

  function undoTo(length: number): void {
    while (changes.length > length) changes.pop()!.undo()
    replaced = undefined
  }

  function forgetBefore(at: number): void {
    changes.splice(0, at - forgotten)
    forgotten = at
    replaced = undefined
  }

  function drop(): void {
    changes = []
    marks = []
    replaced = undefined
  }

  return {
    record: (undo, write) => {
      if (marks.length + attempts === 0) return
      changes.push({ undo, write })
      if (replaced && write) note(write)
    },
    mark: () => {
      // Without a mark nothing was remembered, so the count of changes stands where it stood.
      const own = { at: forgotten + changes.length }
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
          forgetBefore(marks[0]?.at ?? forgotten + changes.length)
        },
      }
    },
    attempt: (change, keep) => {
      const length = changes.length
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
        if (marks.length + attempts === 0) drop()
      }
    },
    replaced: (table) => {
      if (marks.length === 0) return nothing
      if (!replaced) {
        replaced = new Map()
        for (const { write } of changes) if (write) note(write)
      }
      return replaced.get(table) ?? nothing
    },
    drop,
  }
}
