/**
 * Checks an export offline: chain, contents, tree and signatures. A refusal says where.
 *
 * @module
 */
import { type Accepted, type Refused, refuse, type Verdict } from '@folkmoot/base'
import { createMerkleTree, equalBytes, leafHash, type MerkleTree, toHex } from '@folkmoot/codec'
import { type Checker, openRecord, type PeerId } from '@folkmoot/identity'
import { checkpointOrigin, openCheckpoint } from './checkpoint.ts'
import type { AuditCode } from './codes.ts'
import { type CommittedEntry, hashContent, readLeaf } from './entry.ts'
import { type AuditExport, parseExport } from './export.ts'
import { type LogStatement, logStatementSchema } from './log-statement.ts'

export interface AuditReport {
  readonly logId: string
  readonly fed: string
  readonly peer: PeerId
  /** Why this log was begun, and which one it follows. */
  readonly reason: LogStatement['reason']
  readonly previous: LogStatement['previous']
  readonly entries: number
  /** The same number: leaves of the tree. */
  readonly size: number
  /** Root over all entries, in hex. */
  readonly root: string
  /** Checkpoints that were verified. */
  readonly checkpoints: number
  /** Entries after the last checkpoint: nobody has signed them. */
  readonly unsigned: number
  /** Entries whose content was erased; their hash is still proven. */
  readonly erased: number
  /** Intents without an outcome. */
  readonly open: number
  /** Bytes that the last opening dropped, as its writer says. */
  readonly droppedBytes: number
}

/** What was checked, and what it takes to compare it with what others keep. */
export interface CheckedExport {
  readonly report: AuditReport
  readonly statement: LogStatement
  readonly tree: MerkleTree
  /** All that the export brings; of its statements of earlier logs nothing is checked yet. */
  readonly said: AuditExport
}

/** Verifies what {@link AuditLog.export} wrote, without asking anybody. */
export async function verifyAuditExport(
  checker: Checker,
  bytes: Uint8Array,
): Promise<Verdict<AuditReport>> {
  const checked = await checkExport(checker, bytes)
  return checked.ok ? { ok: true, ...checked.report } : checked
}

export async function checkExport(
  checker: Checker,
  bytes: Uint8Array,
): Promise<Verdict<CheckedExport>> {
  const parsed = parseExport(bytes)
  if (!parsed.ok) return fail('audit/export-malformed', `the export: ${parsed.fault.message}`)
  const said = parsed.value
  const { entries, checkpoints, droppedBytes } = said
  const opened = await openStatement(checker, said.statement)
  if (!opened.ok) return opened
  const statement = opened.value
  const { fed, peer, logId, reason, previous } = statement
  const tree = createMerkleTree()
  const chain = checkEntries(entries, tree)
  if (!chain.ok) return chain
  const origin = checkpointOrigin(fed, peer, logId)
  const signed = await checkCheckpoints(checker, { origin, peer }, checkpoints, tree)
  if (!signed.ok) return signed
  const report: AuditReport = {
    logId,
    fed,
    peer,
    reason,
    previous,
    entries: entries.length,
    size: tree.size,
    root: toHex(tree.root()),
    checkpoints: checkpoints.length,
    unsigned: tree.size - signed.size,
    erased: chain.erased,
    open: chain.open,
    droppedBytes,
  }
  return { ok: true, report, statement, tree, said }
}

/** What a peer says of a log of its own. */
export async function openStatement(
  checker: Checker,
  bytes: Uint8Array,
): Promise<Verdict<{ value: LogStatement }>> {
  const opened = await openRecord(checker, 'log', logStatementSchema, bytes)
  if (!opened.ok) return fail('audit/statement', `the log's statement: ${opened.fault.message}`)
  return opened.value.peer === opened.signer
    ? opened
    : fail('audit/statement', "the log's statement: it is not signed by the peer it names")
}

type Chain = Accepted<{ erased: number; open: number }> | Refused

function checkEntries(entries: AuditExport['entries'], tree: MerkleTree): Chain {
  const open = new Map<number, CommittedEntry>()
  let erased = 0
  for (const [seq, [leaf, sealed]] of entries.entries()) {
    const read = readLeaf(leaf)
    if (!read.ok) return fail('audit/entry', `entry ${seq}: ${read.fault.message}`)
    const { entry } = read
    if (entry.seq !== seq)
      return fail('audit/entry', `entry ${seq}: it says that it is ${entry.seq}`)
    const wrong = checkOrder(entry, open)
    if (wrong) return fail('audit/entry', `entry ${seq}: ${wrong}`)
    if (sealed === null) {
      if (entry.contentHash !== null) erased++
    } else if (hashContent({ salt: sealed[0], content: sealed[1] }) !== entry.contentHash) {
      return fail('audit/content', `entry ${seq}: its content is not the one it commits to`)
    }
    tree.append(leafHash(leaf))
  }
  return { ok: true, erased, open: open.size }
}

/** Every outcome answers one earlier intent about the same thing; a refusal needs none. */
function checkOrder(entry: CommittedEntry, open: Map<number, CommittedEntry>): string | undefined {
  const { phase, decision, of, action } = entry
  if (phase === 'intent') {
    if (of !== undefined) return 'an intent answers nothing'
    if (decision === 'allowed') open.set(entry.seq, entry)
    else if (decision !== 'refused') return 'an intent is allowed or refused'
    return undefined
  }
  if (decision !== 'done' && decision !== 'failed') return 'an outcome is done or failed'
  if (action === 'counter') return of === undefined ? undefined : 'a counter answers nothing'
  const intent = of === undefined ? undefined : open.get(of)
  if (!intent) return `it answers ${of ?? 'nothing'}, which is no open intent`
  open.delete(intent.seq)
  const same = (
    ['direction', 'peer', 'action', 'capability', 'envelope', 'channel'] as const
  ).every((field) => entry[field] === intent[field])
  return same ? undefined : `it is about something else than its intent ${intent.seq}`
}

async function checkCheckpoints(
  checker: Checker,
  log: { readonly origin: string; readonly peer: PeerId },
  checkpoints: readonly Uint8Array[],
  tree: MerkleTree,
): Promise<Verdict<{ size: number }>> {
  let good = 0
  for (const [i, bytes] of checkpoints.entries()) {
    const opened = await openCheckpoint(checker, bytes, log)
    if (!opened.ok) return fail('audit/checkpoint', `checkpoint ${i}: ${opened.fault.message}`)
    const { size, root } = opened.checkpoint
    const where = `checkpoint ${i} (size ${size})`
    if (size < good) return fail('audit/checkpoint', `${where}: it comes after one of size ${good}`)
    if (size > tree.size) {
      return fail('audit/tree', `${where}: entries ${tree.size} to ${size - 1} are missing`)
    }
    if (!equalBytes(tree.root(size), root)) {
      const range = size === good ? 'its root' : `an entry from ${good} to ${size - 1}`
      return fail('audit/tree', `${where}: ${range} is not what was signed`)
    }
    good = size
  }
  return { ok: true, size: good }
}

function fail(code: AuditCode, message: string): Refused {
  return refuse(code, message)
}
