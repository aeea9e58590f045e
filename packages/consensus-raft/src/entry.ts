/**
 * What the log of Raft holds: entries with a term, each as bytes that only the engine reads.
 *
 * @module
 */
import { bytesSchema, encode, intSchema, parse } from '@folkmoot/codec'
import { type PeerId, peerIdSchema } from '@folkmoot/identity'
import * as v from 'valibot'

/** `noop` opens a leader's term, `members` changes who votes, `data` is the engine's. */
export type EntryKind = 'noop' | 'data' | 'members'

export interface RaftEntry {
  /** From 1 on, without gaps. */
  readonly index: number
  readonly term: number
  readonly kind: EntryKind
  readonly data: Uint8Array
}

/** Who votes and who only follows. Both ascend by peer id; nobody is in both. */
export interface Membership {
  readonly voters: readonly PeerId[]
  readonly learners: readonly PeerId[]
}

/** Operations of one entry, their ids and codes, with room: below a frame of 1 MiB. */
export const MAX_ENTRY_DATA_BYTES = 960 * 1024
/** Voters, and learners: as many as a certified set may have, and a lecture hall of tabs. */
export const MAX_MEMBERS = 128

export const indexSchema = intSchema(0, Number.MAX_SAFE_INTEGER)
const KINDS: readonly EntryKind[] = ['noop', 'data', 'members']
const kindSchema = intSchema(0, KINDS.length - 1)
const peers = v.pipe(v.array(peerIdSchema), v.maxLength(MAX_MEMBERS))

/** `[term, kind, data]`; the index is the place. */
export const entrySchema = v.strictTuple([
  indexSchema,
  kindSchema,
  bytesSchema(MAX_ENTRY_DATA_BYTES),
])
export type EntryTuple = v.InferOutput<typeof entrySchema>

export const membershipSchema = v.strictTuple([peers, peers])

export function entryTuple({ term, kind, data }: RaftEntry): EntryTuple {
  return [term, KINDS.indexOf(kind), data]
}

export function entryOf([term, kind, data]: EntryTuple, index: number): RaftEntry {
  return { index, term, kind: KINDS[kind]!, data }
}

export function encodeMembership({ voters, learners }: Membership): Uint8Array {
  return encode([[...voters], [...learners]])
}

export function parseMembership(bytes: Uint8Array): Membership | undefined {
  const parsed = parse(membershipSchema, bytes, { maxBytes: 64 * 1024, maxDepth: 3 })
  if (!parsed.ok) return undefined
  const [voters, learners] = parsed.value
  return isMembership(voters, learners) ? { voters, learners } : undefined
}

/** Somebody votes, nobody is named twice, and the order is the one order. */
function isMembership(voters: readonly PeerId[], learners: readonly PeerId[]): boolean {
  const ascends = (list: readonly PeerId[]) =>
    list.every((peer, i) => i === 0 || list[i - 1]! < peer)
  return (
    voters.length > 0 &&
    ascends(voters) &&
    ascends(learners) &&
    !learners.some((peer) => voters.includes(peer))
  )
}
