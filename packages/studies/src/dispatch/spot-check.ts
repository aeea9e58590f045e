/**
 * Chooses the units that get a second voice from a secret of the dispatcher, so that no worker can
 * tell beforehand, and the same dispatcher always chooses the same.
 *
 * @module
 */
import { concatBytes, sha256 } from '@folkmoot/codec'
import type { Rule } from '@folkmoot/validation'
import { uint32 } from '../unit-input.ts'

function draws(secret: Uint8Array, number: number): DataView {
  const hash = sha256(concatBytes(secret, uint32(number)))
  return new DataView(hash.buffer, hash.byteOffset, hash.length)
}

/** The units that this dispatcher gives to a second voice; none under a rule without checks. */
export function chooseSpotChecks(
  secret: Uint8Array,
  unitCount: number,
  rule: Rule,
): ReadonlySet<number> {
  const chosen = new Set<number>()
  if (rule.kind !== 'audit' || rule.p === 0) return chosen
  // One hash serves eight units.
  for (let first = 0; first < unitCount; first += 8) {
    const view = draws(secret, first)
    for (let unit = first; unit < Math.min(first + 8, unitCount); unit++) {
      if (view.getUint32((unit - first) * 4) / 2 ** 32 < rule.p / 1_000_000) chosen.add(unit)
    }
  }
  return chosen
}

/** Where a dispatcher begins in the list of units: two at once then meet late. */
export function startingUnit(secret: Uint8Array, unitCount: number): number {
  return draws(secret, 0xffff_ffff).getUint32(0) % unitCount
}
