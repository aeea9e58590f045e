/**
 * Says in words what became of one peer's result, so that its owner can see why.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'
import type { Acceptance, UnitState } from './acceptance.ts'

const numbers = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
]

function others(count: number): string {
  return `${numbers[count] ?? count} other${count === 1 ? '' : 's'}`
}

function supported(unit: UnitState, peer: PeerId): string {
  const rest = unit.supporters.filter((supporter) => supporter !== peer)
  if (unit.state === 'accepted') {
    if (rest.length === 0) {
      return unit.by === 'window'
        ? 'accepted: your later results passed every check'
        : 'accepted: it is on the ledger'
    }
    return `accepted: ${others(rest.length)} agreed`
  }
  if (rest.length === 0) return 'waiting for somebody else to compute the same unit'
  return `${others(rest.length)} agreed so far; more are needed`
}

/** One sentence, without a full stop. */
export function explain(acceptance: Acceptance, unitNumber: number, peer: PeerId): string {
  const unit = acceptance.units[unitNumber]
  if (unit === undefined) return 'this study has no such unit'
  if (unit.supporters.includes(peer)) return supported(unit, peer)
  const objection = unit.against.find((entry) => entry.peer === peer)
  switch (objection?.why) {
    case 'outvoted':
      return unit.state === 'accepted'
        ? `not accepted: ${others(unit.supporters.length)} agreed on another result`
        : 'not accepted: others agree on another result'
    case 'disputed':
      return 'undecided: results for this unit differ, and more are needed'
    case 'equivocation':
      return 'not accepted: you signed two different results for this unit, so neither counts'
    case 'rolled-back':
      return 'not accepted: another result of yours failed a check, and this one fell with it'
    case undefined:
      return 'no result of yours counts here'
  }
}
