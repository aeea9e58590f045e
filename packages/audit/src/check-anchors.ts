/**
 * Holds a log against the checkpoints of it that others keep, such as those on a ledger: its owner
 * can write another history and sign it, and cannot take those back.
 *
 * @module
 */
import { type Refused, refuse, type Verdict } from '@folkmoot/base'
import { equalBytes, type MerkleTree, toHex, utf8 } from '@folkmoot/codec'
import type { Checker } from '@folkmoot/identity'
import { type Checkpoint, checkpointOrigin, openCheckpoint, parseCheckpoint } from './checkpoint.ts'
import type { AuditCode } from './codes.ts'
import type { LogStatement } from './log-statement.ts'

export interface AnchorReport {
  /** Checkpoints kept elsewhere that this log begins with. */
  readonly matching: number
  /** Entries that the newest of them covers; 0 where there is none. */
  readonly size: number
  /** Those of other logs of the same peer, which say nothing about this one. */
  readonly ofOtherLogs: number
}

/** Refuses a log that is not as one of `anchors`, oldest first, says; those of other peers are passed over. */
export async function checkAnchors(
  checker: Checker,
  { fed, peer, logId, previous }: LogStatement,
  tree: MerkleTree,
  anchors: readonly string[],
): Promise<Verdict<{ anchored: AnchorReport }>> {
  const own = checkpointOrigin(fed, peer, logId)
  const before = previous && checkpointOrigin(fed, peer, previous.logId)
  let [matching, size, ofOtherLogs] = [0, 0, 0]
  for (const text of anchors) {
    const parsed = parseCheckpoint(utf8(text))
    if (!parsed.ok) return fail('audit/checkpoint', parsed.fault.message)
    const { origin } = parsed.checkpoint
    if (!origin.startsWith(checkpointOrigin(fed, peer, ''))) continue
    const opened = await openCheckpoint(checker, utf8(text), { origin, peer })
    if (!opened.ok) return fail('audit/checkpoint', opened.fault.message)
    const { checkpoint } = opened
    if (origin !== own) {
      ofOtherLogs++
      const wrong = origin === before ? checkPrevious(previous!, checkpoint) : accepted
      if (!wrong.ok) return wrong
      continue
    }
    const held = checkOwn(tree, checkpoint)
    if (!held.ok) return held
    matching++
    size = Math.max(size, checkpoint.size)
  }
  return { ok: true, anchored: { matching, size, ofOtherLogs } }
}

const accepted: Verdict = { ok: true }

function checkOwn(tree: MerkleTree, { size, root }: Checkpoint): Verdict {
  if (size > tree.size) {
    return fail('audit/anchor', `entries ${tree.size} to ${size - 1} are missing: ${kept(size)}`)
  }
  return equalBytes(tree.root(size), root)
    ? accepted
    : fail('audit/anchor', `an entry before ${size} is another one now: ${kept(size)}`)
}

/** A log that follows another says how far that one had come. */
function checkPrevious(
  said: NonNullable<LogStatement['previous']>,
  { size, root }: Checkpoint,
): Verdict {
  const short = said.size < size
  const other = said.size === size && said.root !== null && said.root !== toHex(root)
  return short || other
    ? fail('audit/anchor', `the log before this one was another than it says: ${kept(size)}`)
    : accepted
}

const kept = (size: number) => `a checkpoint of ${size} entries is kept elsewhere`

function fail(code: AuditCode, message: string): Refused {
  return refuse(code, message)
}
