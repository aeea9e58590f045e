/**
 * Messages between the cores of one group, `[type, term, …]`. Who sent one is known from the
 * channel; what it says is checked here, also inside one company.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, checkShape, decode, encode } from '@folkmoot/codec'
import * as v from 'valibot'
import type { RaftCode } from './codes.ts'
import {
  entryOf,
  entrySchema,
  entryTuple,
  indexSchema,
  MAX_ENTRY_DATA_BYTES,
  type Membership,
  membershipSchema,
  type RaftEntry,
} from './entry.ts'

export type RaftMessage =
  /** RequestVote, and with `pre` the question before it (thesis, 9.6). `force`: a leader asked for it. */
  | {
      readonly type: 'vote'
      readonly term: number
      readonly pre: boolean
      readonly force: boolean
      readonly lastIndex: number
      readonly lastTerm: number
    }
  | {
      readonly type: 'voted'
      readonly term: number
      readonly pre: boolean
      readonly granted: boolean
    }
  /** AppendEntries. `round` comes back in the answer and tells a leader whom it still leads. */
  | {
      readonly type: 'append'
      readonly term: number
      readonly round: number
      readonly commit: number
      readonly prevIndex: number
      readonly prevTerm: number
      readonly entries: readonly RaftEntry[]
    }
  /** Taken up to `index`; or not, and then `index` is what was refused and the hint where to try. */
  | {
      readonly type: 'appended'
      readonly term: number
      readonly round: number
      readonly ok: boolean
      readonly index: number
      readonly hintIndex: number
      readonly hintTerm: number
    }
  /** All up to here is committed, and the receiver has it. Not answered. */
  | { readonly type: 'committed'; readonly term: number; readonly commit: number }
  /** My log begins after `index`. `info` says where the state of that index is to be had. */
  | {
      readonly type: 'snapshot'
      readonly term: number
      readonly round: number
      readonly index: number
      readonly snapshotTerm: number
      readonly members: Membership
      readonly info: Uint8Array
    }
  | { readonly type: 'read'; readonly term: number; readonly token: number }
  /** `index` 0: ask again. */
  | {
      readonly type: 'readable'
      readonly term: number
      readonly token: number
      readonly index: number
    }
  /** Campaign at once: the leader hands over (thesis, 3.10). */
  | { readonly type: 'timeoutNow'; readonly term: number }

/** Entries of one message. */
export const MAX_APPEND_ENTRIES = 256
/** A message with the largest entry, or many small ones. */
export const MAX_MESSAGE_BYTES = MAX_ENTRY_DATA_BYTES + 64 * 1024
/** What an engine may say about a snapshot; the state itself goes another way. */
export const MAX_INFO_BYTES = 64 * 1024

const n = indexSchema
const schemas = [
  v.strictTuple([v.literal(1), n, v.boolean(), v.boolean(), n, n]),
  v.strictTuple([v.literal(2), n, v.boolean(), v.boolean()]),
  v.strictTuple([
    v.literal(3),
    n,
    n,
    n,
    n,
    n,
    v.pipe(v.array(entrySchema), v.maxLength(MAX_APPEND_ENTRIES)),
  ]),
  v.strictTuple([v.literal(4), n, n, v.boolean(), n, n, n]),
  v.strictTuple([v.literal(5), n, n]),
  v.strictTuple([v.literal(6), n, n, n, n, membershipSchema, bytesSchema(MAX_INFO_BYTES)]),
  v.strictTuple([v.literal(7), n, n]),
  v.strictTuple([v.literal(8), n, n, n]),
  v.strictTuple([v.literal(9), n]),
] as const
type Tuple = v.InferOutput<(typeof schemas)[number]>

export function encodeMessage(m: RaftMessage): Uint8Array {
  switch (m.type) {
    case 'vote':
      return encode([1, m.term, m.pre, m.force, m.lastIndex, m.lastTerm])
    case 'voted':
      return encode([2, m.term, m.pre, m.granted])
    case 'append': {
      const { term, round, commit, prevIndex, prevTerm, entries } = m
      return encode([3, term, round, commit, prevIndex, prevTerm, entries.map(entryTuple)])
    }
    case 'appended':
      return encode([4, m.term, m.round, m.ok, m.index, m.hintIndex, m.hintTerm])
    case 'committed':
      return encode([5, m.term, m.commit])
    case 'snapshot': {
      const members = [[...m.members.voters], [...m.members.learners]]
      return encode([6, m.term, m.round, m.index, m.snapshotTerm, members, m.info])
    }
    case 'read':
      return encode([7, m.term, m.token])
    case 'readable':
      return encode([8, m.term, m.token, m.index])
    case 'timeoutNow':
      return encode([9, m.term])
  }
}

/** Reads the bytes of a message; says nothing about who sent them. */
export function parseMessage(bytes: Uint8Array): Verdict<{ message: RaftMessage }> {
  const decoded = decode(bytes, { maxBytes: MAX_MESSAGE_BYTES, maxDepth: 4 })
  if (!decoded.ok) return malformed(decoded.fault.message)
  const type: unknown = Array.isArray(decoded.value) ? decoded.value[0] : undefined
  const schema: v.GenericSchema<unknown, Tuple> | undefined =
    typeof type === 'number' ? schemas[type - 1] : undefined
  if (schema === undefined) return malformed('there is no such type')
  const parsed = checkShape(schema, decoded.value)
  if (!parsed.ok) return malformed(parsed.fault.message)
  const message = readMessage(parsed.value)
  if (message.type === 'append' && message.entries.some(({ term }) => term > message.term)) {
    return malformed('an entry is of a later term than its leader')
  }
  return { ok: true, message }
}

function malformed(why: string) {
  return refuse('consensus-raft/malformed' satisfies RaftCode, `message: ${why}`)
}

function readMessage(m: Tuple): RaftMessage {
  const term = m[1]
  switch (m[0]) {
    case 1:
      return { type: 'vote', term, pre: m[2], force: m[3], lastIndex: m[4], lastTerm: m[5] }
    case 2:
      return { type: 'voted', term, pre: m[2], granted: m[3] }
    case 3: {
      const [, , round, commit, prevIndex, prevTerm, tuples] = m
      const entries = tuples.map((tuple, i) => entryOf(tuple, prevIndex + 1 + i))
      return { type: 'append', term, round, commit, prevIndex, prevTerm, entries }
    }
    case 4: {
      const [, , round, ok, index, hintIndex, hintTerm] = m
      return { type: 'appended', term, round, ok, index, hintIndex, hintTerm }
    }
    case 5:
      return { type: 'committed', term, commit: m[2] }
    case 6: {
      const [, , round, index, snapshotTerm, [voters, learners], info] = m
      const members = { voters, learners }
      return { type: 'snapshot', term, round, index, snapshotTerm, members, info }
    }
    case 7:
      return { type: 'read', term, token: m[2] }
    case 8:
      return { type: 'readable', term, token: m[2], index: m[3] }
    case 9:
      return { type: 'timeoutNow', term }
  }
}
