/**
 * The exact bytes that a unit, and the reduce module, are given. Two machines must agree on them
 * to the last bit, so they hold no clock and no float of ours.
 *
 * @module
 */
import { compareBytes, concatBytes, encode, fromHex, sha256 } from '@folkmoot/codec'
import type { Manifest } from './manifest.ts'
import type { StudyId } from './study-id.ts'

/** Big-endian; −1 becomes 0xffffffff. */
export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

/** The first 53 bits of SHA-256(study ‖ unit), so that every runtime holds it exactly. */
export function unitSeed(study: StudyId, unit: number): number {
  const hash = sha256(concatBytes(fromHex(study), uint32(unit)))
  return Number(new DataView(hash.buffer, hash.byteOffset).getBigUint64(0) >> 11n)
}

function input(
  manifest: Manifest,
  study: StudyId,
  unit: number,
  blocks: readonly Uint8Array[],
): Uint8Array {
  return encode({ study, unit, seed: unitSeed(study, unit), params: manifest.params, blocks })
}

/** `{ study, unit, seed, params: bytes, blocks: bytes[] }`; blocks in the order of `manifest.inputs`. */
export function unitInput(
  manifest: Manifest,
  study: StudyId,
  unit: number,
  blocks: readonly Uint8Array[],
): Uint8Array {
  return input(manifest, study, unit, blocks)
}

/** The output of one accepted unit. */
export interface UnitOutput {
  readonly unit: number
  readonly output: Uint8Array
}

/** The same form with unit −1 and one block, `[[unit, output], …]` in order of units. */
export function reduceInput(
  manifest: Manifest,
  study: StudyId,
  outputs: Iterable<UnitOutput>,
): Uint8Array {
  const rows = [...outputs]
    .sort((a, b) => a.unit - b.unit || compareBytes(a.output, b.output))
    .map(({ unit, output }) => [unit, output])
  return input(manifest, study, -1, [encode(rows)])
}
