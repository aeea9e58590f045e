/**
 * Signed results without what the bundle says anyway. The record is rebuilt from its unit, its
 * output and its worker, so a signature that fits proves all of them; a bundle shrinks to a third.
 *
 * @module
 */
import { bytesSchema, contentIdOf, encode, equalBytes, exactBytes, parse } from '@folkmoot/codec'
import { type PeerId, publicKeyOf } from '@folkmoot/identity'
import * as v from 'valibot'
import { maxResultBytes } from '../limits.ts'
import type { StudyId } from '../study-id.ts'
import type { OpenedResult, WorkResult } from '../work-result.ts'
import type { CompactResult } from './wire.ts'

const signedRecordSchema = v.strictTuple([
  bytesSchema(maxResultBytes),
  exactBytes(32),
  exactBytes(64),
])

/** The signed result that `compact` stands for, as its worker sealed it. */
export function expandResult(
  study: StudyId,
  unit: number,
  output: Uint8Array,
  publicKey: Uint8Array,
  [, seq, at, signature]: CompactResult,
): Uint8Array {
  const value: WorkResult = { v: 1, study, unit, output: contentIdOf(output, 'raw'), seq, at }
  return encode([encode(value), publicKey, signature])
}

/** The short form of a result; undefined where its record does not rebuild to the same bytes. */
export function compactResult(
  study: StudyId,
  opened: OpenedResult,
  workerOf: (peer: PeerId) => number,
): CompactResult | undefined {
  const record = parse(signedRecordSchema, opened.result)
  if (!record.ok) return undefined
  const [, publicKey, signature] = record.value
  const compact: CompactResult = [workerOf(opened.peer), opened.seq, opened.at, signature]
  const expanded = expandResult(study, opened.unit, opened.outputBytes, publicKey, compact)
  const same =
    equalBytes(expanded, opened.result) && equalBytes(publicKey, publicKeyOf(opened.peer))
  return same ? compact : undefined
}
