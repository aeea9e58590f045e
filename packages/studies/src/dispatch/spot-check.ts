/**
 * Chooses the units that get a second voice from a secret of the dispatcher, so that no worker can
 * tell beforehand, and the same dispatcher always chooses the same.
 *
 * @module
 */
import { concatBytes, sha256 } from '@folkmoot/codec'
import type { Rule } from '@folkmoot/validation'
import { uint32 } from '../unit-input.ts'

function draw(secret: Uint8Array, number: number): number {
  const hash = sha256(concatBytes(secret, uint32(number)))
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0)
}

/** The units that this dispatcher gives to a second voice; none under a rule without checks. */
export function chooseSpotChecks(
  secret: Uint8Array,
  unitCount: number,
  rule: Rule,
): ReadonlySet<number> {
  const chosen = new Set<number>()
  if (rule.kind !== 'audit' || rule.p === 0) return chosen
  for (let unit = 0; unit < unitCount; unit++) {
    if (draw(secret, unit) / 2 ** 32 < rule.p / 1_000_000) chosen.add(unit)
  }
  return chosen
}

/** Where a dispatcher begins in the list of units: two at once then meet late. */
export function startingUnit(secret: Uint8Array, unitCount: number): number {
  return draw(secret, 0xffff_ffff) % unitCount
}
