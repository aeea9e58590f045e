/**
 * What a member keeps in its database: the hard state, the base of its log, and each entry under
 * its own key, so that one batch of entries is one synced transaction.
 *
 * @module
 */
import { FederationError, type StoreOperation } from '@folkmoot/base'
import { bytesSchema, encode, parse } from '@folkmoot/codec'
import { type PeerId, peerIdSchema } from '@folkmoot/identity'
import * as v from 'valibot'
import type { RaftCode } from './codes.ts'
import type { LogBase } from './core/entry-log.ts'
import {
  entryOf,
  entrySchema,
  entryTuple,
  indexSchema,
  MAX_ENTRY_DATA_BYTES,
  membershipSchema,
  type RaftEntry,
} from './entry.ts'
import { MAX_INFO_BYTES } from './message.ts'

/** Term and vote: what must never be forgotten. */
export interface HardState {
  readonly term: number
  readonly votedFor: PeerId | null
}

/** All that a restart finds. */
export interface RaftDisk {
  readonly hard: HardState
  /** Undefined before the first compaction. */
  readonly base: LogBase | undefined
  readonly entries: readonly RaftEntry[]
  /** Index of the newest change of members that was known to be committed; 0 where none was. */
  readonly changed: number
}

export const RAFT_PREFIX = 'raft/'
const HARD_KEY = `${RAFT_PREFIX}hard`
const BASE_KEY = `${RAFT_PREFIX}base`
const CHANGED_KEY = `${RAFT_PREFIX}changed`
const ENTRY_PREFIX = `${RAFT_PREFIX}entry/`
/** Digits of the largest safe integer, so that keys ascend as indices do. */
const DIGITS = 16

const hardSchema = v.strictTuple([indexSchema, v.nullable(peerIdSchema)])
const baseSchema = v.strictTuple([
  indexSchema,
  indexSchema,
  membershipSchema,
  bytesSchema(MAX_INFO_BYTES),
])
const limits = { maxBytes: MAX_ENTRY_DATA_BYTES + 1024, maxDepth: 4 }

export function entryKey(index: number): string {
  return ENTRY_PREFIX + String(index).padStart(DIGITS, '0')
}

export function putHard({ term, votedFor }: HardState): StoreOperation {
  return { type: 'put', key: HARD_KEY, value: encode([term, votedFor]) }
}

export function putChanged(index: number): StoreOperation {
  return { type: 'put', key: CHANGED_KEY, value: encode(index) }
}

export function putEntry(entry: RaftEntry): StoreOperation {
  return { type: 'put', key: entryKey(entry.index), value: encode(entryTuple(entry)) }
}

export function dropEntry(index: number): StoreOperation {
  return { type: 'delete', key: entryKey(index) }
}

export function putBase({ index, term, members, info }: LogBase): StoreOperation {
  const { voters, learners } = members
  const value = encode([index, term, [[...voters], [...learners]], info])
  return { type: 'put', key: BASE_KEY, value }
}

/**
 * Reads what a member kept; undefined where it never was one.
 *
 * @throws FederationError `consensus-raft/corrupt-state`
 */
export function readDisk(
  stored: Iterable<readonly [key: string, value: Uint8Array]>,
): RaftDisk | undefined {
  const values = new Map(stored)
  const hardBytes = values.get(HARD_KEY)
  const baseBytes = values.get(BASE_KEY)
  const [term, votedFor] = hardBytes ? read(hardSchema, hardBytes, HARD_KEY) : [0, null]
  const changedBytes = values.get(CHANGED_KEY)
  const changed = changedBytes ? read(indexSchema, changedBytes, CHANGED_KEY) : 0
  const tuple = baseBytes && read(baseSchema, baseBytes, BASE_KEY)
  const base = tuple && {
    index: tuple[0],
    term: tuple[1],
    members: { voters: tuple[2][0], learners: tuple[2][1] },
    info: tuple[3],
  }
  const entries = [...values.keys()]
    .filter((key) => key.startsWith(ENTRY_PREFIX))
    .sort()
    .map((key) => {
      const entry = read(entrySchema, values.get(key)!, key)
      return entryOf(entry, Number(key.slice(ENTRY_PREFIX.length)))
    })
  const first = (base?.index ?? 0) + 1
  for (const [i, entry] of entries.entries()) {
    if (entry.index !== first + i) throw corrupt(`entry ${first + i} is missing`)
  }
  if (!hardBytes && !baseBytes && entries.length === 0) return undefined
  return { hard: { term, votedFor }, base, entries, changed }
}

function read<const Schema extends v.GenericSchema>(
  schema: Schema,
  bytes: Uint8Array,
  key: string,
): v.InferOutput<Schema> {
  const parsed = parse(schema, bytes, limits)
  if (!parsed.ok) throw corrupt(`${key}: ${parsed.fault.message}`)
  return parsed.value
}

function corrupt(why: string): FederationError<RaftCode> {
  return new FederationError('consensus-raft/corrupt-state', why, {
    hint: 'remove this member from the group and add it again with an empty folder',
  })
}
