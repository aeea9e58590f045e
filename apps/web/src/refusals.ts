/**
 * The reasons for which the page refuses to go on, each in words with a way out.
 *
 * @module
 */
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
