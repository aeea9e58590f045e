/**
 * Finds the log again after a restart, or begins a new one where what was acknowledged is gone.
 *
 * The append log gives back a consistent prefix. Whether that prefix is long enough, and still the
 * same, is told by the last checkpoint and by what the store knows to have been durable. Going on
 * with a log that contradicts its own checkpoint would make this peer look like a forger, so it
 * begins a new one, with a signed statement of what was lost.
 *
 * @module
 */
import type { AppendLog, Clock, KeyValueStore, Millis, Randomness } from '@folkmoot/base'
import {
  createMerkleTree,
  encode,
  equalBytes,
  leafHash,
  type MerkleTree,
  parse,
  toHex,
} from '@folkmoot/codec'
import { type FederationId, peekRecord, type Signer, sealRecord } from '@folkmoot/identity'
import * as v from 'valibot'
import { parseCheckpoint } from './checkpoint.ts'
import { readLeaf } from './entry.ts'
import type { Usage } from './entry-writer.ts'
import { MAX_EARLIER } from './export.ts'
import { type LogStatement, logIdSchema, logStatementSchema } from './log-statement.ts'
import { CURRENT_KEY, type LogKeys, logKeys } from './store-keys.ts'

export interface RecoverInit {
  readonly log: AppendLog
  readonly store: KeyValueStore
  readonly signer: Signer
  readonly fed: FederationId
  readonly clock: Clock
  readonly randomness: Randomness
}

export interface RecoveredLog {
  readonly logId: string
  readonly base: number
  readonly keys: LogKeys
  /** When the log was begun. */
  readonly begunAt: Millis
  readonly tree: MerkleTree
  readonly usage: Usage
  /** Size of the last checkpoint; 0 where there is none. */
  readonly checkpointed: number
  /** Index of the last entry that is no counter; -1 where there is none. */
  readonly lastFull: number
  /** Intents without an outcome. */
  readonly open: readonly number[]
  /** Why a new log was begun at this opening; undefined where the old one goes on. */
  readonly replaced: LogStatement['reason'] | undefined
}

const safeInt = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const currentSchema = v.strictObject({ logId: logIdSchema, base: safeInt })
const usageSchema = v.strictObject({ contentBytes: safeInt, size: safeInt })
/** Leaves that one read of the log takes. */
export const PAGE = 1_024

type Previous = LogStatement['previous']

export async function recoverLog(init: RecoverInit): Promise<RecoveredLog> {
  const bytes = await init.store.get(CURRENT_KEY)
  if (bytes === undefined) return beginLog(init, init.log.length > 0 ? 'lost' : 'first', null)
  const current = parse(currentSchema, bytes)
  if (!current.ok) return beginLog(init, 'damaged', null)
  const { logId, base } = current.value
  const keys = logKeys(logId)
  const latest = await readLatest(init.store, keys)
  const usage = await readUsage(init.store, keys)
  const previous = {
    logId,
    size: Math.max(latest?.size ?? 0, usage.size),
    root: latest === undefined || latest.size < usage.size ? null : toHex(latest.root),
  }
  if (init.log.length - base < previous.size) return beginLog(init, 'lost', previous)
  const found = await readTree(init.log, base)
  const same =
    latest === undefined || equalBytes(found?.tree.root(latest.size) ?? latest.root, latest.root)
  if (found === undefined || !same) return beginLog(init, 'damaged', previous)
  const statement = await init.store.get(keys.statement)
  const read = statement && peekRecord('log', logStatementSchema, statement)
  if (!read?.ok) return beginLog(init, 'damaged', previous)
  return {
    logId,
    base,
    keys,
    begunAt: read.value.at,
    ...found,
    usage: { contentBytes: usage.contentBytes, leafBytes: found.leafBytes },
    checkpointed: latest?.size ?? 0,
    replaced: undefined,
  }
}

async function beginLog(
  { log, store, signer, fed, clock, randomness }: RecoverInit,
  reason: LogStatement['reason'],
  previous: Previous,
): Promise<RecoveredLog> {
  const logId = toHex(randomness.bytes(16))
  const base = log.length
  const keys = logKeys(logId)
  const { peer } = signer
  const at = clock.now()
  const statement: LogStatement = { v: 1, fed, peer, logId, reason, previous, at }
  await store.write([
    { type: 'put', key: CURRENT_KEY, value: encode({ logId, base }) },
    { type: 'put', key: keys.statement, value: await sealRecord(signer, 'log', statement) },
  ])
  return {
    logId,
    base,
    keys,
    begunAt: at,
    tree: createMerkleTree(),
    usage: { contentBytes: 0, leafBytes: 0 },
    checkpointed: 0,
    lastFull: -1,
    open: [],
    replaced: reason,
  }
}

/** The statement of a log, and those of the logs that it follows, newest first, as far as they are kept. */
export async function readStatements(store: KeyValueStore, logId: string) {
  const statement = (await store.get(logKeys(logId).statement)) ?? new Uint8Array()
  const earlier: Uint8Array[] = []
  for (let newest = statement; earlier.length < MAX_EARLIER; ) {
    const read = peekRecord('log', logStatementSchema, newest)
    const before = read.ok ? read.value.previous : null
    const kept = before && (await store.get(logKeys(before.logId).statement))
    if (!kept) break
    earlier.push(kept)
    newest = kept
  }
  return earlier.length > 0 ? { statement, earlier } : { statement }
}

async function readLatest(store: KeyValueStore, keys: LogKeys) {
  const bytes = await store.get(keys.latest)
  const parsed = bytes && parseCheckpoint(bytes)
  return parsed?.ok ? parsed.checkpoint : undefined
}

async function readUsage(store: KeyValueStore, keys: LogKeys) {
  const bytes = await store.get(keys.usage)
  const parsed = bytes && parse(usageSchema, bytes)
  return parsed?.ok ? parsed.value : { contentBytes: 0, size: 0 }
}

/** The tree over the entries from `base`; undefined where one of them is not what it was. */
async function readTree(log: AppendLog, base: number) {
  const tree = createMerkleTree()
  const open = new Set<number>()
  let leafBytes = 0
  let lastFull = -1
  for (let from = base; from < log.length; from += PAGE) {
    for (const leaf of await log.read(from, Math.min(from + PAGE, log.length))) {
      const read = readLeaf(leaf)
      if (!read.ok || read.entry.seq !== tree.size) return undefined
      const { seq, action, of, decision } = read.entry
      if (action !== 'counter') lastFull = seq
      if (of !== undefined) open.delete(of)
      else if (decision === 'allowed') open.add(seq)
      leafBytes += leaf.length
      tree.append(leafHash(leaf))
    }
  }
  return { tree, leafBytes, lastFull, open: [...open] }
}
