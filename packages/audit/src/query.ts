/**
 * Which entries a reader asks for. All conditions narrow each other.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import { contentText } from './content-text.ts'
import type { Action, AuditEntry, Decision, Direction } from './entry.ts'

export interface AuditFilter {
  /** Sequence numbers: `from` inclusive, `to` exclusive. */
  readonly from?: number
  readonly to?: number
  /** Instants: `since` inclusive, `until` exclusive. */
  readonly since?: Millis
  readonly until?: Millis
  readonly peer?: string
  readonly action?: Action
  readonly direction?: Direction
  readonly phase?: 'intent' | 'outcome'
  readonly decision?: Decision
  readonly capability?: string
  /** Anywhere in peer, capability, reason, envelope id or readable content; case does not matter. */
  readonly text?: string
  /** At most this many entries; default all. */
  readonly limit?: number
  /** Default `oldest`. */
  readonly first?: 'oldest' | 'newest'
}

/** Whether `entry` is asked for, as far as what it commits to can tell. */
export function matchesFilter(filter: AuditFilter, entry: AuditEntry): boolean {
  const { since, until, peer, action, direction, phase, decision, capability } = filter
  return (
    (since === undefined || entry.at >= since) &&
    (until === undefined || entry.at < until) &&
    (peer === undefined || entry.peer === peer) &&
    (action === undefined || entry.action === action) &&
    (direction === undefined || entry.direction === direction) &&
    (phase === undefined || entry.phase === phase) &&
    (decision === undefined || entry.decision === decision) &&
    (capability === undefined || entry.capability === capability)
  )
}

/** Whether `text` occurs in the entry, content included. */
export function matchesText(text: string, entry: AuditEntry): boolean {
  const wanted = text.toLowerCase()
  const fields = [entry.peer, entry.capability, entry.reason, entry.envelope]
  const holds = (field: string | null | undefined) => field?.toLowerCase().includes(wanted) ?? false
  return fields.some(holds) || (entry.content !== undefined && holds(contentText(entry.content)))
}
