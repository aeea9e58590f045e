/**
 * Lays what the ledger has made final over a judgement of the votes. A vote that comes later, or an
 * equivocation by somebody whose result was recorded, then opens nothing again.
 *
 * @module
 */
import type { Acceptance, UnitState } from './acceptance.ts'

/** A unit as a recorded batch has it. */
export interface FinalUnit {
  readonly output: string
  /** Ids of the results that were recorded. */
  readonly results: readonly string[]
}

function settle(unit: UnitState, { output, results }: FinalUnit): UnitState {
  const recorded = new Set(results)
  const raised = unit.against.filter((entry) => recorded.has(entry.id))
  const agreed = unit.output === output ? unit.supporters : []
  const supporters = new Set([...agreed, ...raised.map((entry) => entry.peer)])
  const overruled =
    unit.output === undefined || unit.output === output
      ? []
      : unit.supporters.map((peer, index) => ({
          peer,
          output: unit.output!,
          id: unit.results[index]!,
          why: 'outvoted' as const,
        }))
  return {
    state: 'accepted',
    by: 'ledger',
    output,
    supporters: [...supporters].sort(),
    voices: unit.output === output ? unit.voices : 0,
    results: [...results],
    against: [
      ...unit.against.filter((entry) => !supporters.has(entry.peer) && !recorded.has(entry.id)),
      ...overruled,
    ],
  }
}

/** The acceptance with every final unit accepted as it was recorded; `by` says `ledger`. */
export function settleFinal(
  acceptance: Acceptance,
  final: ReadonlyMap<number, FinalUnit>,
): Acceptance {
  if (final.size === 0) return acceptance
  const units = acceptance.units.map((unit, number) => {
    const recorded = final.get(number)
    return recorded === undefined ? unit : settle(unit, recorded)
  })
  const acceptedCount = units.reduce((sum, unit) => sum + (unit.state === 'accepted' ? 1 : 0), 0)
  return { ...acceptance, units, acceptedCount, complete: acceptedCount === units.length }
}
