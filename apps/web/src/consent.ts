/**
 * What a volunteer agrees to, as the page shows it and as the consent record hashes it.
 * One source for both: what is signed is what was read.
 *
 * @module
 */
import { shortContent } from './format.ts'
import type { PageView } from './view-model.ts'
import { words } from './words.ts'

/** Raised whenever the text changes its meaning; an older consent asks again. */
export const CONSENT_VERSION = '1'

export interface ConsentTerm {
  readonly term: string
  readonly lines: readonly string[]
}

/** The terms of joining, in the order in which they are shown; empty without a study. */
export function consentTerms(view: Pick<PageView, 'study' | 'stunServers'>): ConsentTerm[] {
  const { study, stunServers } = view
  if (!study) return []
  const { terms } = words.invited
  const { memoryMiB, stepMs, unitMs } = study.limits
  return [
    { term: terms.runs, lines: [words.consent.runs(shortContent(study.code), study.units)] },
    {
      term: terms.leaves,
      lines: [words.consent.leaves(study.leaves), words.consent.leavesAddress(stunServers)],
    },
    { term: terms.neverLeaves, lines: [words.consent.neverLeaves] },
    { term: terms.stop, lines: [words.consent.stop] },
    { term: terms.limits, lines: [words.consent.limits(memoryMiB, stepMs, unitMs)] },
  ]
}

/** The text whose hash goes into the signed consent: question, asker, and every term. */
export function consentText(view: Pick<PageView, 'study' | 'stunServers' | 'federation'>): string {
  const head = [
    `version ${CONSENT_VERSION}`,
    `federation ${view.federation?.id ?? ''}`,
    `study ${view.study?.id ?? ''}`,
    view.study?.question ?? '',
    `${words.invited.asks} ${view.study?.author ?? ''}`,
  ]
  const terms = consentTerms(view).map((term) => `${term.term}: ${term.lines.join(' ')}`)
  return [...head, ...terms].join('\n')
}
