/**
 * Makes the bits of NaN the same on every processor.
 *
 * WebAssembly leaves sign and payload of a computed NaN to the machine, and no engine has a switch
 * for it. They become visible only where a float's bits leave it: in a store, a reinterpretation,
 * or as the sign that copysign takes. Before each of these the rewriter calls one of the two
 * functions below, which turn every NaN into the canonical one and leave other values alone.
 *
 * @module
 */
import { ByteWriter } from './byte-writer.ts'
import { f32, f64, type Observation } from './instructions.ts'

/** `(f32) -> f32` and `(f64) -> f64`, in this order. */
export const canonicalTypes: readonly (readonly number[])[] = [
  [0x60, 1, f32, 1, f32],
  [0x60, 1, f64, 1, f64],
]

/** `select(x, nan, x == x)`, in the order of {@link canonicalTypes}. */
export const canonicalBodies: readonly Uint8Array[] = [
  Uint8Array.of(0, 0x20, 0, 0x43, 0, 0, 0xc0, 0x7f, 0x20, 0, 0x20, 0, 0x5b, 0x1b, 0x0b),
  Uint8Array.of(
    ...[0, 0x20, 0, 0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f],
    ...[0x20, 0, 0x20, 0, 0x61, 0x1b, 0x0b],
  ),
]

/** The body `from`–`to` with a call before each observation; `first` is the index of the f32 function. */
export function canonicaliseBody(
  module: Uint8Array,
  from: number,
  to: number,
  observations: readonly Observation[],
  first: number,
): Uint8Array {
  const writer = new ByteWriter(to - from + observations.length * 4)
  let copied = from
  for (const { at, width } of observations) {
    writer.raw(module.subarray(copied, at))
    writer.raw([0x10]).u32(width === f32 ? first : first + 1)
    copied = at
  }
  return writer.raw(module.subarray(copied, to)).done()
}
