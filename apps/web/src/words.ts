/**
 * Every English text of the page, but for those of Decisions, which come when that is opened
 * (`words/decision-words.ts`, `words/change-words.ts`); the files beside hold them by view. Another
 * language is another object of the same shape, and nothing else in the page holds a sentence for a
 * person to read.
 *
 * @module
 */
import { list } from './words/count-words.ts'
import { detailWords } from './words/detail-words.ts'
import { endWords } from './words/end-words.ts'
import { entryWords } from './words/entry-words.ts'
import { noticeWords } from './words/notice-words.ts'
import { refusalWords } from './words/refusal-words.ts'
import { sessionWords } from './words/session-words.ts'
import { workWords } from './words/work-words.ts'

const english = {
  product: 'Folkmoot',

  list,

  actions: {
    join: 'Join',
    pause: 'Pause',
    resume: 'Resume',
    finish: 'Finish',
    leave: 'Leave',
    finishHint: 'Finish this unit, then stop',
    verify: 'Verify in this tab',
    downloadProof: 'Download proof',
    runAgain: 'Run again',
    reload: 'Reload',
    copy: 'Copy',
    copied: 'Copied',
    close: 'Close',
  },

  regions: {
    now: 'Now',
    study: 'Study',
    peers: 'Peers',
    decisions: 'Decisions',
    trust: 'Trust',
    audit: 'Audit',
    guard: 'Guard',
    identity: 'Identity',
    history: 'History',
    share: 'Invite others',
    limits: 'Limits',
    answer: 'Answer',
    units: 'Units',
  },

  title: { invited: 'Invitation' },

  ...entryWords,
  ...refusalWords,
  ...workWords,
  ...noticeWords,
  ...detailWords,
  ...endWords,
  ...sessionWords,
}

export type Words = typeof english

/** The texts in use. */
export const words: Words = english
