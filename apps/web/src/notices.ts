/**
 * What a volunteer should know about this tab right now, most important first.
 *
 * @module
 */
import type { PageView } from './view-model.ts'
import { words } from './words.ts'

export interface Notice {
  readonly id: string
  /** `alarm`: nothing here can be relied on; `warn` wants something from the reader, `note` only tells. */
  readonly tone: 'note' | 'warn' | 'alarm'
  readonly title: string
  readonly text: string
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
    const text = complete ? notices.waitingForRecord : notices.relayDown
    found.push({ id: 'relay-down', tone: 'warn', ...text })
  }
  if (view.decisionsVerification.state === 'forked') {
    found.unshift({ id: 'forked', tone: 'alarm', ...notices.forked })
  }
  if (working && view.ledger?.stalled) {
    found.push({ id: 'stalled', tone: 'warn', ...notices.stalled })
  }
  if (working && view.ledger?.role === 'offered') {
    found.push({ id: 'offered', tone: 'note', ...notices.offered })
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
