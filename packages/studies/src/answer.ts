/**
 * The answer of a study, as its reduce module writes it.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { intSchema, parse } from '@folkmoot/codec'
import * as v from 'valibot'
import { maxAnswerBytes, maxUnits } from './limits.ts'

/** An estimate with its interval, and how many units it rests on; a study may add fields. */
export interface Answer {
  readonly estimate: number
  readonly low: number
  readonly high: number
  readonly done: number
  readonly [field: string]: unknown
}

const finite = v.pipe(v.number(), v.finite())

const answerSchema = v.looseObject({
  estimate: finite,
  low: finite,
  high: finite,
  done: intSchema(0, maxUnits),
})

/** Refuses with `studies/answer`. */
export function openAnswer(bytes: Uint8Array): Verdict<{ answer: Answer }> {
  const parsed = parse(answerSchema, bytes, { maxBytes: maxAnswerBytes })
  if (!parsed.ok) return refuse('studies/answer', parsed.fault.message)
  return { ok: true, answer: parsed.value }
}
