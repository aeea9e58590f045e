/**
 * The reasons for which the page refuses to go on, each in words with a way out.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import type { Refusal } from './view-model.ts'
import { words } from './words.ts'

export type RefusalCode = keyof typeof words.refusals

export const refusalCodes = Object.keys(words.refusals) as RefusalCode[]

/** `detail` follows the explanation, where there is something particular to say. */
export function refusalOf(code: RefusalCode, detail?: string): Refusal {
  const text = words.refusals[code]
  return {
    code,
    title: text.title,
    explanation: detail ? `${text.explanation} ${detail}` : text.explanation,
    remedy: text.remedy,
  }
}

/** The refusal of a clock that is off by `offsetMs`, in either direction. */
export function clockRefusal(offsetMs: Millis): Refusal {
  const minutes = Math.max(1, Math.round(Math.abs(offsetMs) / 60_000))
  return { ...refusalOf('page/clock-off'), title: words.clockOff(minutes) }
}
