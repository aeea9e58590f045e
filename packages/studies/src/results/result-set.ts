/**
 * The signed results of one study that a peer holds, with the digests by which two sets become one.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { concatBytes, fromHex, sha256, toHex } from '@folkmoot/codec'
import type { PeerId } from '@folkmoot/identity'
import type { Vote } from '@folkmoot/validation'
import type { Manifest } from '../manifest.ts'
import type { StudyId } from '../study-id.ts'
import type { OpenedResult } from '../work-result.ts'
import { type Cell, joinCell } from './cells.ts'
import {
  bucketCount,
  bucketOf,
  type Digest,
  encodeDigest,
  exactLimit,
  parseDigest,
  shortBytes,
  shortId,
} from './digest.ts'

/** Most ids that `missing` names at once. */
const missingLimit = 1_000

export interface Difference {
  /** Ids of results held here that the other has not, at most 1,000. */
  readonly ids: readonly string[]
  /** What to send back so that the other finds the rest; absent when `ids` is all. */
  readonly reply?: Uint8Array
}

export interface Added {
  /**
   * `new` when it is kept, `known` when it adds nothing, `conflict` when its signer has signed
   * another output for the same unit.
   */
  readonly outcome: 'new' | 'known' | 'conflict'
  /** Ids of results that gave way to it: whoever stores results deletes these. */
  readonly dropped: readonly string[]
}

export interface ResultSet {
  readonly study: StudyId
  readonly size: number
  /** Takes a checked result. */
  add(opened: OpenedResult): Added
  get(id: string): OpenedResult | undefined
  /**
   * Results with these ids stay, and are taken when they come, whatever else their signers sign: the
   * ledger has recorded them. Call it with the ids of every batch.
   */
  pin(ids: Iterable<string>): void
  /** The results of one unit. */
  ofUnit(unit: number): readonly OpenedResult[]
  votes(): Iterable<Vote>
  /** The next number that `peer` signs with. */
  nextSeq(peer: PeerId): number
  /** What this set holds, in at most 33 KiB. */
  digest(): Uint8Array
  /** What the sender of `digest` lacks. Refuses with `studies/digest`. */
  missing(digest: Uint8Array): Verdict<Difference>
}

/** An empty set. Results for units outside the manifest are refused before they come here. */
export function createResultSet(manifest: Manifest, study: StudyId): ResultSet {
  const byId = new Map<string, OpenedResult>()
  const units = new Map<number, Map<PeerId, Cell>>()
  const buckets: Set<string>[] = Array.from({ length: bucketCount }, () => new Set())
  const hashes: (Uint8Array | undefined)[] = Array.from({ length: bucketCount })
  const seqs = new Map<PeerId, number>()
  const pinned = new Set<string>()

  const keep = (result: OpenedResult) => {
    byId.set(result.id, result)
    buckets[bucketOf(result.id)]!.add(result.id)
    hashes[bucketOf(result.id)] = undefined
  }
  const drop = (result: OpenedResult) => {
    byId.delete(result.id)
    buckets[bucketOf(result.id)]!.delete(result.id)
    hashes[bucketOf(result.id)] = undefined
  }
  const pack = (ids: Iterable<string>) => fromHex([...ids].map(shortId).join(''))
  const bucketHash = (bucket: number) => {
    hashes[bucket] ??= sha256(pack([...buckets[bucket]!].sort())).subarray(0, shortBytes)
    return hashes[bucket]
  }

  /** The ids of as many of these buckets as fit into one digest; a bucket too full is left out. */
  const part = (wanted: readonly number[]): Digest => {
    const taken: number[] = []
    const ids: string[] = []
    for (const bucket of wanted) {
      if (ids.length + buckets[bucket]!.size > exactLimit) continue
      taken.push(bucket)
      ids.push(...buckets[bucket]!)
    }
    return { kind: 'part', buckets: taken, ids: pack(ids) }
  }

  const lacking = (own: Iterable<string>, theirs: Uint8Array): string[] => {
    const held = new Set<string>()
    const hex = toHex(theirs)
    for (let at = 0; at < hex.length; at += shortBytes * 2) {
      held.add(hex.slice(at, at + shortBytes * 2))
    }
    const ids: string[] = []
    for (const id of own) {
      if (!held.has(shortId(id))) ids.push(id)
      if (ids.length === missingLimit) break
    }
    return ids
  }

  return {
    study,
    get size() {
      return byId.size
    },
    add: (opened) => {
      if (opened.unit >= manifest.units) return { outcome: 'known', dropped: [] }
      const peers = units.get(opened.unit) ?? new Map<PeerId, Cell>()
      const before = peers.get(opened.peer) ?? []
      const after = joinCell(before, opened)
      const conflict = after.length > 1 || (after === before && before[0]?.output !== opened.output)
      if (after === before && (!pinned.has(opened.id) || byId.has(opened.id))) {
        return { outcome: conflict ? 'conflict' : 'known', dropped: [] }
      }
      units.set(opened.unit, peers)
      peers.set(opened.peer, after)
      const gone = before.filter((kept) => !after.includes(kept) && !pinned.has(kept.id))
      for (const result of gone) drop(result)
      keep(opened)
      seqs.set(opened.peer, Math.max(seqs.get(opened.peer) ?? 0, opened.seq + 1))
      return { outcome: conflict ? 'conflict' : 'new', dropped: gone.map(({ id }) => id) }
    },
    get: (id) => byId.get(id),
    pin: (ids) => {
      for (const id of ids) pinned.add(id)
    },
    ofUnit: (unit) => [...(units.get(unit)?.values() ?? [])].flat(),
    votes: () => byId.values(),
    nextSeq: (peer) => seqs.get(peer) ?? 0,
    digest: () =>
      encodeDigest(
        byId.size <= exactLimit
          ? { kind: 'all', ids: pack(byId.keys()) }
          : {
              kind: 'buckets',
              hashes: concatBytes(...buckets.map((_, bucket) => bucketHash(bucket))),
            },
      ),
    missing: (bytes) => {
      const parsed = parseDigest(bytes)
      if (!parsed.ok) return refuse('studies/digest', parsed.fault.message)
      const digest = parsed.value
      if (digest.kind === 'all') return { ok: true, ids: lacking(byId.keys(), digest.ids) }
      if (digest.kind === 'part') {
        const own = digest.buckets.flatMap((bucket) => [...buckets[bucket]!])
        return { ok: true, ids: lacking(own, digest.ids) }
      }
      const differing = buckets.flatMap((_, bucket) => {
        const theirs = digest.hashes.subarray(bucket * shortBytes, (bucket + 1) * shortBytes)
        return bucketHash(bucket).every((byte, index) => byte === theirs[index]) ? [] : [bucket]
      })
      if (differing.length === 0) return { ok: true, ids: [] }
      return { ok: true, ids: [], reply: encodeDigest(part(differing)) }
    },
  }
}
