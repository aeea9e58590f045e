/**
 * The id of a study: the record id of its signed manifest, 64 hex characters.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'

declare const brand: unique symbol

export type StudyId = string & { readonly [brand]: 'StudyId' }

/** Refuses with `studies/id`. */
export function parseStudyId(text: string): Verdict<{ study: StudyId }> {
  if (!/^[0-9a-f]{64}$/.test(text)) {
    return refuse('studies/id', 'a study id is 64 lower-case hex characters')
  }
  return { ok: true, study: text as StudyId }
}
