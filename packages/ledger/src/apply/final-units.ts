/**
 * A set of unit numbers as bits, the least significant of the first byte being unit 0.
 *
 * @module
 */

export function hasUnit(bits: Uint8Array, unit: number): boolean {
  return ((bits[unit >> 3] ?? 0) & (1 << (unit & 7))) !== 0
}

/** A copy with `units` added; all lie within `bits`. */
export function withUnits(bits: Uint8Array, units: readonly number[]): Uint8Array {
  const next = bits.slice()
  for (const unit of units) next[unit >> 3]! |= 1 << (unit & 7)
  return next
}

export function unitsOf(bits: Uint8Array): Set<number> {
  const units = new Set<number>()
  for (let unit = 0; unit < bits.length * 8; unit++) if (hasUnit(bits, unit)) units.add(unit)
  return units
}
