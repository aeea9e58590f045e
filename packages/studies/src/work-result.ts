/**
 * What a worker signs, and the record in which it travels with its output.
 *
 * @module
 */
import { errorMessage, type Millis, refuse, type Verdict } from '@folkmoot/base'
import {
  bytesSchema,
  type ContentId,
  contentIdOf,
  contentIdSchema,
  encode,
  hashSchema,
  intSchema,
  matchesContentId,
  parse,
} from '@folkmoot/codec'
import { sanitize } from '@folkmoot/guard'
import {
  type Checker,
  openRecord,
  type PeerId,
  peekRecord,
  type Signer,
  sealRecord,
} from '@folkmoot/identity'
import type { Vote } from '@folkmoot/validation'
import * as v from 'valibot'
import { maxOutputBytes, maxRecordBytes, maxResultBytes, maxUnits } from './limits.ts'
import type { Manifest } from './manifest.ts'
import type { StudyId } from './study-id.ts'

export interface WorkResult {
  readonly v: 1
  readonly study: string
  readonly unit: number
  /** Content id (raw) of the output. */
  readonly output: ContentId
  /** The worker's own count of its results in this study, from 0, without gaps. */
  readonly seq: number
  readonly at: Millis
}

const resultSchema = v.strictObject({
  v: v.literal(1),
  study: hashSchema,
  unit: intSchema(0, maxUnits - 1),
  output: contentIdSchema,
  seq: intSchema(0, 0xffff_ffff),
  at: intSchema(0, Number.MAX_SAFE_INTEGER),
})

const recordSchema = v.strictObject({
  result: bytesSchema(maxResultBytes),
  output: bytesSchema(maxOutputBytes),
})

/** A signed result that has been checked, with its output where it came along. */
export interface OpenedResult extends Vote {
  readonly at: Millis
  /** The signed result. */
  readonly result: Uint8Array
  readonly outputBytes: Uint8Array
}

export interface ResultInit {
  readonly study: StudyId
  readonly unit: number
  readonly output: Uint8Array
  readonly seq: number
  readonly at: Millis
}

/** Signs a result and packs it with its output. */
export async function sealStudyRecord(signer: Signer, init: ResultInit): Promise<Uint8Array> {
  const { study, unit, seq, at } = init
  const value: WorkResult = { v: 1, study, unit, output: contentIdOf(init.output, 'raw'), seq, at }
  const result = await sealRecord(signer, 'result', value)
  return encode({ result, output: init.output })
}

/** Packs a signed result and its output as they travel. */
export function encodeStudyRecord(opened: OpenedResult): Uint8Array {
  return encode({ result: opened.result, output: opened.outputBytes })
}

export interface StudyOfResult {
  readonly study: StudyId
  readonly manifest: Manifest
}

/** What a result says, checked against its study but not its signature: for a first look at gossip. */
export function peekStudyRecord(
  bytes: Uint8Array,
): Verdict<{ study: StudyId; unit: number; peer: PeerId; id: string }> {
  const record = parse(recordSchema, bytes, { maxBytes: maxRecordBytes })
  if (!record.ok) return record
  const peeked = peekRecord('result', resultSchema, record.value.result)
  if (!peeked.ok) return peeked
  const { study, unit } = peeked.value
  return { ok: true, study: study as StudyId, unit, peer: peeked.signer, id: peeked.id }
}

/**
 * Opens a signed result that stands apart from its output, as in a bundle.
 * Refuses with `studies/result-study`, `studies/result-unit`, or a code of `codec` or `identity`.
 */
export async function openResult(
  checker: Checker,
  { study, manifest }: StudyOfResult,
  bytes: Uint8Array,
): Promise<Verdict<{ vote: Vote; at: Millis }>> {
  const opened = await openRecord(checker, 'result', resultSchema, bytes, {
    maxBytes: maxResultBytes,
  })
  if (!opened.ok) return opened
  const { unit, output, seq, at } = opened.value
  if (opened.value.study !== study) {
    return refuse('studies/result-study', 'the result belongs to another study')
  }
  if (unit >= manifest.units) {
    return refuse('studies/result-unit', `the study has no unit ${unit}`)
  }
  return { ok: true, vote: { id: opened.id, unit, peer: opened.signer, output, seq }, at }
}

/** Checks an output against its content id and the study's declaration of what may leave. */
export function checkOutput(manifest: Manifest, id: ContentId, output: Uint8Array): Verdict {
  if (output.length > manifest.limits.outputBytes) {
    return refuse('studies/output-size', 'the output is larger than the study allows')
  }
  if (!matchesContentId(id, output)) {
    return refuse('studies/output-hash', 'the output is not the one that was signed')
  }
  try {
    return sanitize(manifest.dataOut, output)
  } catch (error) {
    return refuse('studies/output-data', errorMessage(error))
  }
}

/** Opens a record as it travels: signature, study, unit, and the output itself. */
export async function openStudyRecord(
  checker: Checker,
  of: StudyOfResult,
  bytes: Uint8Array,
): Promise<Verdict<{ opened: OpenedResult }>> {
  const record = parse(recordSchema, bytes, { maxBytes: maxRecordBytes })
  if (!record.ok) return record
  const { result, output } = record.value
  const peeked = peekRecord('result', resultSchema, result)
  if (!peeked.ok) return peeked
  // The cheap checks come before the signature.
  const sound = checkOutput(of.manifest, peeked.value.output, output)
  if (!sound.ok) return sound
  const opened = await openResult(checker, of, result)
  if (!opened.ok) return opened
  return {
    ok: true,
    opened: { ...opened.vote, at: opened.at, result, outputBytes: output },
  }
}
