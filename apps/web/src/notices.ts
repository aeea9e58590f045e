/**
 * What a volunteer should know about this tab right now, most important first.
 *
 * @module
 */
import type { LedgerView, PageView, StoppedView } from './view-model.ts'
import { words } from './words.ts'

export interface Notice {
  readonly id: string
  /** `alarm`: nothing here can be relied on; `warn` wants something from the reader, `note` only tells. */
  readonly tone: 'note' | 'warn' | 'alarm'
  readonly title: string
  readonly text: string
  /** There is more about it under Decisions: the words that lead there. */
  readonly decisions?: string
}

/** Beyond this others refuse what this tab signs by its own clock. */
export const MAX_SKEW_MS = 120_000

/** True while nobody is present who could confirm a result. */
export function isAlone(view: Pick<PageView, 'phase' | 'peers' | 'peerId'>): boolean {
  if (view.phase !== 'joined') return false
  return !view.peers.some((p) => p.worker && p.status === 'here' && p.peer !== view.peerId)
}

/** True while all who compute count as one voice in this study, because they share an invitation. */
export function isOneVoice(view: Pick<PageView, 'phase' | 'peers' | 'study'>): boolean {
  if (view.phase !== 'joined' || view.study?.independence !== 'roots') return false
  const workers = view.peers.filter(({ worker, status }) => worker && status === 'here')
  return workers.length > 1 && new Set(workers.map(({ root }) => root)).size === 1
}

/** Two histories were decided: a check here found both, or this copy met the second. */
export function isForked(view: Pick<PageView, 'decisionsVerification' | 'ledger'>): boolean {
  if (view.decisionsVerification.state === 'forked') return true
  return view.ledger?.stopped?.code.endsWith('/fork') === true
}

/** What its owner should know, and do, where this browser decides no more. */
export function stoppedWords({ code, all }: StoppedView): { title: string; text: string } {
  const { stopped } = words.notices
  if (all) return code === 'consensus/storage-failed' ? stopped.storage : stopped.copy
  return code.endsWith('/amnesia') ? stopped.amnesia : stopped.voting
}

/** Whether entries are recorded while no relay is here: others decide, or this browser does. */
function isRecorded(ledger: LedgerView | null): boolean {
  if (ledger === null || ledger.stalled || ledger.stopped !== null) return false
  return ledger.seats.length > 1 || ledger.seats[0]?.you === true
}

export function noticesOf(view: PageView): Notice[] {
  const { notices } = words
  const found: Notice[] = []
  const working = view.phase === 'joined'
  if (!view.leader) found.push({ id: 'mirror', tone: 'note', ...notices.mirror })
  if (Math.abs(view.clockOffsetMs) > MAX_SKEW_MS) {
    const minutes = Math.round(Math.abs(view.clockOffsetMs) / 60_000)
    found.push({ id: 'clock', tone: 'warn', title: words.clockOff(minutes), ...notices.clock })
  }
  if (working && !view.relayUp) {
    const complete = view.study?.state === 'complete'
    const says = complete ? notices.waitingForRecord : notices.relayDown
    const text = isRecorded(view.ledger) ? says.othersRecord : says.text
    found.push({ id: 'relay-down', tone: 'warn', title: says.title, text })
  }
  if (isForked(view)) {
    found.unshift({ id: 'forked', tone: 'alarm', ...notices.forked })
  } else if (working && view.ledger?.stopped) {
    const tone = view.ledger.stopped.all ? 'alarm' : 'warn'
    const says = stoppedWords(view.ledger.stopped)
    found.push({ id: 'stopped', tone, ...says, decisions: notices.seeDecisions })
  }
  if (working && view.ledger?.stalled) {
    found.push({ id: 'stalled', tone: 'warn', ...notices.stalled })
  }
  if (working && view.ledger?.role === 'offered') {
    const decisions = notices.readMore
    found.push({ id: 'offered', tone: 'note', ...notices.offered, decisions })
  }
  if (isAlone(view)) found.push({ id: 'alone', tone: 'note', ...notices.alone })
  if (isOneVoice(view)) found.push({ id: 'one-voice', tone: 'note', ...notices.oneVoice })
  if (view.webrtc === 'unavailable') {
    found.push({ id: 'no-webrtc', tone: 'note', ...notices.noWebrtc })
  }
  if (view.privateWindow) {
    found.push({ id: 'private-window', tone: 'note', ...notices.privateWindow })
  }
  if (view.now.notice) found.push({ id: 'now', tone: 'note', title: view.now.notice, text: '' })
  return found
}
