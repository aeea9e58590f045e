/**
 * A manifest as an author writes it, in JSON: files by name instead of by content id, parameters as
 * JSON, and how long the study is open instead of an instant. Signing turns it into a manifest.
 *
 * @module
 */
import { errorMessage } from '@folkmoot/base'
import { type ContentId, encode } from '@folkmoot/codec'
import type { Manifest } from '@folkmoot/studies'
import * as v from 'valibot'
import { packageError } from './read-study-package.ts'

const DAY = 86_400_000

/** Left out, it is what the federation's preset asks for. */
const distinct = v.exactOptional(v.picklist(['root', 'peer']))

const rule = v.variant('kind', [
  v.strictObject({
    kind: v.literal('quorum'),
    m: v.pipe(v.number(), v.integer(), v.minValue(1)),
    distinct,
  }),
  v.strictObject({
    kind: v.literal('audit'),
    p: v.pipe(v.number(), v.integer()),
    window: v.pipe(v.number(), v.integer()),
    distinct,
  }),
])

const count = v.pipe(v.number(), v.integer(), v.minValue(1))

/** Ranges and lengths are checked once more when the sealed manifest is opened. */
const draftSchema = v.strictObject({
  title: v.string(),
  purpose: v.string(),
  question: v.string(),
  author: v.string(),
  contact: v.string(),
  licence: v.string(),
  /** File names, relative to the manifest. */
  code: v.string(),
  reduce: v.string(),
  inputs: v.optional(v.array(v.string()), []),
  /** Any JSON without null-valued surprises: it becomes DAG-CBOR as it stands. */
  params: v.optional(v.unknown(), {}),
  units: count,
  validation: v.optional(rule, { kind: 'quorum', m: 2 }),
  limits: v.optional(
    v.strictObject({
      stepMs: v.optional(count, 1000),
      unitMs: v.optional(count, 60_000),
      memoryPages: v.optional(count, 256),
      outputBytes: v.optional(count, 4096),
    }),
    {},
  ),
  dataIn: v.string(),
  dataOut: v.record(v.string(), v.unknown()),
  answer: v.strictObject({
    kind: v.literal('estimate'),
    label: v.string(),
    reference: v.exactOptional(v.strictObject({ text: v.string(), source: v.string() })),
  }),
  /** How long it is open after signing. */
  days: v.optional(count, 30),
})

/** Everything of a manifest but what only a federation can add, and with the days it stays open. */
export interface DraftManifest {
  readonly body: Omit<Manifest, 'fed' | 'expires' | 'validation'>
  readonly validation: v.InferOutput<typeof rule>
  readonly openMs: number
}

/** Where members come from many places, one link must not make a quorum by itself. */
export function distinctOf(preset: string): 'root' | 'peer' {
  return preset === 'production' ? 'root' : 'peer'
}

export interface SignedFor {
  readonly fed: string
  /** The federation's. */
  readonly preset: string
  readonly now: number
}

/** The manifest that `draft` becomes when it is signed for a federation. */
export function manifestOf(draft: DraftManifest, { fed, preset, now }: SignedFor): Manifest {
  const validation = { distinct: distinctOf(preset), ...draft.validation }
  return { ...draft.body, validation, fed, expires: now + draft.openMs }
}

/** @throws FederationError `cli/study-package` that names the first field at fault */
export async function parseDraft(
  text: string,
  { add }: { add: (file: string) => Promise<ContentId> },
): Promise<DraftManifest> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw packageError(`the manifest is not JSON: ${errorMessage(error)}`, error)
  }
  const parsed = v.safeParse(draftSchema, json)
  if (!parsed.success) {
    const issue = parsed.issues[0]
    throw packageError(`the manifest's ${v.getDotPath(issue) ?? 'form'}: ${issue.message}`)
  }
  const { days, params, code, reduce, inputs, dataOut, validation, ...rest } = parsed.output
  const limits = { stepMs: 1000, unitMs: 60_000, memoryPages: 256, outputBytes: 4096 }
  const body = {
    ...rest,
    v: 1 as const,
    code: await add(code),
    reduce: await add(reduce),
    inputs: await Promise.all(inputs.map(add)),
    params: encode(params),
    comparator: { kind: 'exact' as const },
    limits: { ...limits, ...rest.limits },
    // Opening the sealed manifest checks it against the guard's own schema.
    dataOut: dataOut as unknown as Manifest['dataOut'],
  }
  return { body, validation, openMs: days * DAY }
}
