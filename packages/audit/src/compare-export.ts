/**
 * Checks an export offline as `verify-export.ts` does, and holds it against what others keep of it.
 * Apart from it because a peer that checks its own log needs no more than that.
 *
 * @module
 */
import { type Millis, type Refused, refuse, type Verdict } from '@folkmoot/base'
import type { Checker } from '@folkmoot/identity'
import { type Anchor, type AnchorReport, checkAnchors } from './check-anchors.ts'
import type { AuditCode } from './codes.ts'
import { readLeaf } from './entry.ts'
import type { PreviousLog } from './log-statement.ts'
import {
  type AuditReport,
  type CheckedExport,
  checkExport,
  openStatement,
} from './verify-export.ts'

export interface ComparedReport extends AuditReport {
  /** The logs before `previous`, newest first, as the statements say that the export brings. */
  readonly earlier: readonly PreviousLog[]
  readonly anchored: AnchorReport
}

/**
 * Verifies an export, and that it is all that the checkpoints say which others keep (`anchors`, of
 * any peer, in the order in which they were taken).
 */
export async function compareAuditExport(
  checker: Checker,
  bytes: Uint8Array,
  anchors: readonly Anchor[],
): Promise<Verdict<ComparedReport>> {
  const checked = await checkExport(checker, bytes)
  if (!checked.ok) return checked
  const followed = await openEarlier(checker, checked)
  if (!followed.ok) return followed
  const { earlier } = followed
  const { statement, tree } = checked
  const log = { statement, earlier, tree, endedAt: endOf(checked) }
  const compared = await checkAnchors(checker, log, anchors)
  if (!compared.ok) return compared
  return { ok: true, ...checked.report, earlier, anchored: compared.anchored }
}

async function openEarlier(
  checker: Checker,
  { statement, said }: CheckedExport,
): Promise<Verdict<{ earlier: readonly PreviousLog[] }>> {
  const { fed, peer } = statement
  const earlier: PreviousLog[] = []
  let { previous } = statement
  for (const bytes of said.earlier ?? []) {
    const opened = await openStatement(checker, bytes)
    if (!opened.ok) return opened
    const { value } = opened
    if (value.fed !== fed || value.peer !== peer || value.logId !== previous?.logId) {
      return fail('audit/statement', 'the statement of an earlier log: nothing here follows it')
    }
    previous = value.previous
    if (previous) earlier.push(previous)
  }
  return { ok: true, earlier }
}

/** When its last entry was written, by its owner's clock; when it was begun where there is none. */
function endOf({ statement, said }: CheckedExport): Millis {
  const last = said.entries.at(-1)
  const read = last && readLeaf(last[0])
  return read?.ok ? read.entry.at : statement.at
}

function fail(code: AuditCode, message: string): Refused {
  return refuse(code, message)
}
