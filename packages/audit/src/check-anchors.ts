/**
 * Holds a log against the checkpoints of it that others keep, such as those on a ledger: its owner
 * can write another history and sign it, and cannot take those back.
 *
 * @module
 */
import { type Millis, type Refused, refuse, type Verdict } from '@folkmoot/base'
import { equalBytes, type MerkleTree, toHex, utf8 } from '@folkmoot/codec'
import type { Checker } from '@folkmoot/identity'
import { type Checkpoint, checkpointOrigin, openCheckpoint, parseCheckpoint } from './checkpoint.ts'
import type { AuditCode } from './codes.ts'
import type { LogStatement, PreviousLog } from './log-statement.ts'

/** A checkpoint that others keep, and since when. */
export interface Anchor {
  /** The signed note. */
  readonly text: string
  /** When they took it, by their clocks, in ms. */
  readonly time: Millis
}

export interface AnchorReport {
  /** Checkpoints kept elsewhere that this log begins with. */
  readonly matching: number
  /** Entries that the newest of them covers; 0 where there is none. */
  readonly size: number
  /** Those of the logs that this one says it follows. */
  readonly ofEarlierLogs: number
}

export interface ComparedLog {
  readonly statement: LogStatement
  /** The logs before the one that the statement names, newest first. */
  readonly earlier: readonly PreviousLog[]
  readonly tree: MerkleTree
  /** When its last entry was written, by its owner's clock. */
  readonly endedAt: Millis
}

/**
 * A log that goes on after a checkpoint of more was taken is not merely older than it. By less than
 * this it is given the benefit of the doubt: a clock may be set to the wrong zone.
 */
const CLOCKS_DIFFER_MS: Millis = 60 * 60_000

/**
 * Refuses a log that is not as one of `anchors`, oldest first, says, or that is not all that its
 * peer has anchored; those of other peers are passed over.
 */
export async function checkAnchors(
  checker: Checker,
  log: ComparedLog,
  anchors: readonly Anchor[],
): Promise<Verdict<{ anchored: AnchorReport }>> {
  const { fed, peer, logId, previous } = log.statement
  const before = previous ? [previous, ...log.earlier] : []
  /** Newest first: logs of one peer follow each other. */
  const origins = [logId, ...before.map((each) => each.logId)].map((id) =>
    checkpointOrigin(fed, peer, id),
  )
  const ofPeer = checkpointOrigin(fed, peer, '')
  let [matching, size, ofEarlierLogs] = [0, 0, 0]
  let newest = origins.length
  let older: Refused | undefined
  let other: OtherLog | undefined
  for (const { text, time } of anchors) {
    // Before anything is read: what others sign, however malformed, says nothing about this log.
    if (!text.startsWith(ofPeer)) continue
    const parsed = parseCheckpoint(utf8(text))
    if (!parsed.ok) return fail('audit/checkpoint', parsed.fault.message)
    const { origin } = parsed.checkpoint
    const opened = await openCheckpoint(checker, utf8(text), { origin, peer })
    if (!opened.ok) return fail('audit/checkpoint', opened.fault.message)
    const { checkpoint } = opened
    const place = origins.indexOf(origin)
    if (place < 0) {
      other ??= { origin, stood: newest === 0 ? 'after' : 'before' }
      continue
    }
    if (place > newest) {
      return fail('audit/anchor', `a log that this one follows went on: ${kept(checkpoint.size)}`)
    }
    newest = place
    if (place === 0 && other?.stood === 'after') other = { ...other, stood: 'between' }
    if (place > 0) {
      const followed = checkPrevious(before[place - 1]!, checkpoint)
      if (!followed.ok) return followed
      ofEarlierLogs++
    } else if (checkpoint.size > log.tree.size) {
      if (log.endedAt > time + CLOCKS_DIFFER_MS) {
        return fail(
          'audit/anchor',
          `${missing(log.tree, checkpoint)}, and the log goes on after it`,
        )
      }
      older = fail(
        'audit/export-older',
        `${missing(log.tree, checkpoint)}: the export was made before that, or its end is cut off; a newer one tells`,
      )
    } else {
      const held = checkRoot(log.tree, checkpoint)
      if (!held.ok) return held
      matching++
      size = Math.max(size, checkpoint.size)
    }
  }
  if (other) return fail('audit/other-log', otherLogWords(other))
  return older ?? { ok: true, anchored: { matching, size, ofEarlierLogs } }
}

function checkRoot(tree: MerkleTree, { size, root }: Checkpoint): Verdict {
  return equalBytes(tree.root(size), root)
    ? { ok: true }
    : fail('audit/anchor', `an entry before ${size} is another one now: ${kept(size)}`)
}

/** A log that follows another says how far that one had come. */
function checkPrevious(said: PreviousLog, { size, root }: Checkpoint): Verdict {
  const short = said.size < size
  const other = said.size === size && said.root !== null && said.root !== toHex(root)
  return short || other
    ? fail('audit/anchor', `the log before this one was another than it says: ${kept(size)}`)
    : { ok: true }
}

/** A log of the peer that this one does not account for, and where its checkpoint stood among those of this one. */
interface OtherLog {
  readonly origin: string
  readonly stood: 'before' | 'between' | 'after'
}

function otherLogWords({ origin, stood }: OtherLog): string {
  const id = origin.slice(origin.lastIndexOf('/') + 1)
  switch (stood) {
    case 'before':
      return `its peer has anchored another log, ${id}, and this one does not say that it follows it`
    case 'between':
      return `its peer has anchored another log, ${id}, between checkpoints of this one: it keeps two side by side`
    case 'after':
      return `its peer has anchored another log, ${id}, since: this one is not the whole story`
  }
}

const missing = (tree: MerkleTree, { size }: Checkpoint) =>
  `entries ${tree.size} to ${size - 1} are missing: ${kept(size)}`

const kept = (size: number) => `a checkpoint of ${size} entries is kept elsewhere`

function fail(code: AuditCode, message: string): Refused {
  return refuse(code, message)
}
