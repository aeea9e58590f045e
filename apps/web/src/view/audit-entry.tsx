/**
 * One entry of the log: a line, and the content as sent when it is opened.
 *
 * @module
 */
import { formatBytes, formatTime, shortPeer } from '../format.ts'
import type { AuditRow } from '../view-model.ts'
import { words } from '../words.ts'

const ARROWS = { out: '↑', in: '↓', local: '·' } as const

export function AuditEntry({ row }: { readonly row: AuditRow }) {
  const { audit } = words
  const what = row.capability ? `${row.action} ${row.capability}` : row.action
  return (
    <li data-direction={row.direction} data-decision={row.decision}>
      <details>
        <summary>
          <time class="entry-time">{formatTime(row.at)}</time>
          <span class="entry-way">
            <span aria-hidden="true">{ARROWS[row.direction]}</span>
            <span class="visually-hidden">{audit.direction[row.direction]}</span>
          </span>
          <span class="entry-what">
            {what}
            {row.reason && <span class="entry-reason"> {row.reason}</span>}
          </span>
          <span class="entry-peer" title={row.peer ?? audit.self}>
            {row.peer ? shortPeer(row.peer) : audit.self}
          </span>
          <span class="entry-size">{row.bytes > 0 ? formatBytes(row.bytes) : '–'}</span>
        </summary>
        <div class="entry-body">
          <p class="muted small">
            {`#${row.seq}, ${audit.direction[row.direction]}, ${row.decision}`}
            {row.peer && <code class="wrap"> {row.peer}</code>}
          </p>
          {row.content ? (
            <pre title={audit.content}>{row.content}</pre>
          ) : (
            <p class="muted small">{audit.noContent}</p>
          )}
        </div>
      </details>
    </li>
  )
}
