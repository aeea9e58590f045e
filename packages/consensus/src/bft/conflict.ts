/**
 * What no honest voter says in one view: the pairs that prove a lie.
 *
 * @module
 */
import { compareBytes, equalBytes } from '@folkmoot/codec'
import { KIND_NUMBERS, type Vote } from './vote.ts'

/** Two votes by one voter in one view, of which an honest one signs at most one. */
export type Conflict = readonly [Vote, Vote]

/** Which rule a pair breaks. */
export type ConflictKind =
  /** (N h, N h′) */
  | 'double-notarise'
  /** (F h, F h′) */
  | 'double-finalise'
  /** (S, F) */
  | 'nullify-finalise'
  /** (F h, N h′) */
  | 'finalise-other'

/** The rule that two votes break together; undefined where an honest voter may sign both. */
export function conflictKind(a: Vote, b: Vote): ConflictKind | undefined {
  if (a.epoch !== b.epoch || a.view !== b.view || a.voter !== b.voter) return undefined
  if (a.kind === 'nullify' || b.kind === 'nullify') {
    return a.kind === 'finalise' || b.kind === 'finalise' ? 'nullify-finalise' : undefined
  }
  if (equalBytes(a.hash, b.hash)) return undefined
  if (a.kind !== b.kind) return 'finalise-other'
  return a.kind === 'notarise' ? 'double-notarise' : 'double-finalise'
}

/** Every pair among the votes that no honest voter signs both of. */
export function findConflict(votes: readonly Vote[]): readonly Conflict[] {
  const conflicts: Conflict[] = []
  for (const [i, vote] of votes.entries()) {
    for (const earlier of votes.slice(0, i)) {
      if (conflictKind(earlier, vote)) conflicts.push(sorted(earlier, vote))
    }
  }
  return conflicts
}

/** In the one order that evidence has: by kind, then by hash. */
export function sorted(a: Vote, b: Vote): Conflict {
  const order = KIND_NUMBERS[a.kind] - KIND_NUMBERS[b.kind] || compareBytes(a.hash, b.hash)
  return order <= 0 ? [a, b] : [b, a]
}
