/**
 * The manifest: everything that a study is, signed by its author. Its record id is the study's id.
 *
 * @module
 */
import { type Millis, refuse, type Verdict } from '@folkmoot/base'
import {
  bytesSchema,
  type ContentId,
  contentIdSchema,
  decode,
  hashSchema,
  intSchema,
  textSchema,
} from '@folkmoot/codec'
import { checkDataSchema, type DataSchema } from '@folkmoot/guard'
import {
  type Checker,
  openRecord,
  type PeerId,
  peekRecord,
  type Signer,
  sealRecord,
} from '@folkmoot/identity'
import { type Rule, ruleSchema } from '@folkmoot/validation'
import * as v from 'valibot'
import { maxInputs, maxManifestBytes, maxOutputBytes, maxParamsBytes, maxUnits } from './limits.ts'
import type { StudyId } from './study-id.ts'

/** The answer, as the reduce module encodes it, is an estimate with an interval. */
export interface AnswerForm {
  readonly kind: 'estimate'
  readonly label: string
  /** A published value to compare with, as text, and where it stands. */
  readonly reference?: { readonly text: string; readonly source: string }
}

export interface UnitLimits {
  /** A step that takes longer is killed, in ms. */
  readonly stepMs: Millis
  /** A unit that takes longer is killed, in ms. */
  readonly unitMs: Millis
  /** WebAssembly pages of 64 KiB. */
  readonly memoryPages: number
  /** At most 64 KiB. */
  readonly outputBytes: number
}

export interface Manifest {
  readonly v: 1
  /** The federation, 64 hex characters. */
  readonly fed: string
  readonly title: string
  readonly purpose: string
  /** The question in plain words. */
  readonly question: string
  readonly author: string
  readonly contact: string
  readonly licence: string
  /** Content ids of the WebAssembly modules. */
  readonly code: ContentId
  readonly reduce: ContentId
  /** DAG-CBOR that only the study understands. */
  readonly params: Uint8Array
  /** Content ids of the blocks that every unit is given, in this order. */
  readonly inputs: readonly ContentId[]
  readonly units: number
  readonly comparator: { readonly kind: 'exact' }
  readonly validation: Rule
  readonly limits: UnitLimits
  /** What goes in, in words. */
  readonly dataIn: string
  /** The declared fields of an output; nothing else may leave a volunteer. */
  readonly dataOut: DataSchema
  readonly answer: AnswerForm
  readonly expires: Millis
}

const dataSchema = v.pipe(
  v.unknown(),
  v.rawTransform<unknown, DataSchema>(({ dataset, addIssue, NEVER }) => {
    const verdict = checkDataSchema(dataset.value)
    if (verdict.ok) return verdict.schema
    addIssue({ message: verdict.fault.message })
    return NEVER
  }),
)

const manifestSchema = v.strictObject({
  v: v.literal(1),
  fed: hashSchema,
  title: textSchema(120),
  purpose: textSchema(500),
  question: textSchema(200),
  author: textSchema(120),
  contact: textSchema(200),
  licence: textSchema(120),
  code: contentIdSchema,
  reduce: contentIdSchema,
  params: bytesSchema(maxParamsBytes),
  inputs: v.pipe(v.array(contentIdSchema), v.maxLength(maxInputs)),
  units: intSchema(1, maxUnits),
  comparator: v.strictObject({ kind: v.literal('exact') }),
  validation: ruleSchema,
  limits: v.strictObject({
    stepMs: intSchema(1, 10_000),
    unitMs: intSchema(1, 3_600_000),
    memoryPages: intSchema(1, 16_384),
    outputBytes: intSchema(1, maxOutputBytes),
  }),
  dataIn: textSchema(500),
  dataOut: dataSchema,
  answer: v.strictObject({
    kind: v.literal('estimate'),
    label: textSchema(60),
    reference: v.exactOptional(v.strictObject({ text: textSchema(60), source: textSchema(300) })),
  }),
  expires: intSchema(0, Number.MAX_SAFE_INTEGER),
})

export interface OpenedManifest {
  readonly manifest: Manifest
  readonly study: StudyId
  /** The key that signed it. */
  readonly author: PeerId
  readonly bytes: Uint8Array
}

/** Reads a manifest without its signature, where a peer that checked it has recorded it. */
export function peekManifest(bytes: Uint8Array): Verdict<{ manifest: Manifest; study: StudyId }> {
  const peeked = peekRecord('manifest', manifestSchema, bytes, { maxBytes: maxManifestBytes })
  if (!peeked.ok) return peeked
  return { ok: true, manifest: peeked.value, study: peeked.id as StudyId }
}

/** Signs a manifest. The caller checks it first by opening what it sealed. */
export function sealManifest(signer: Signer, manifest: Manifest): Promise<Uint8Array> {
  return sealRecord(signer, 'manifest', manifest)
}

export interface ManifestExpectation {
  /** The federation that it must be written for. */
  readonly fed?: string
  /** Refuses a manifest that has expired by then. */
  readonly now?: Millis
}

/** Refuses with `studies/manifest-fed`, `studies/manifest-expired`, `studies/manifest-params`, or a code of `codec` or `identity`. */
export async function openManifest(
  checker: Checker,
  bytes: Uint8Array,
  expected: ManifestExpectation = {},
): Promise<Verdict<OpenedManifest>> {
  const opened = await openRecord(checker, 'manifest', manifestSchema, bytes, {
    maxBytes: maxManifestBytes,
  })
  if (!opened.ok) return opened
  const manifest: Manifest = opened.value
  if (expected.fed !== undefined && manifest.fed !== expected.fed) {
    return refuse('studies/manifest-fed', 'the manifest is written for another federation')
  }
  if (expected.now !== undefined && manifest.expires <= expected.now) {
    return refuse('studies/manifest-expired', 'the study has expired')
  }
  if (!decode(manifest.params).ok) {
    return refuse('studies/manifest-params', 'params are not canonical DAG-CBOR')
  }
  return {
    ok: true,
    manifest,
    study: opened.id as StudyId,
    author: opened.signer,
    bytes: bytes.slice(),
  }
}
