/**
 * Reads entries back, with the content that is still kept, and erases content that is old enough.
 *
 * @module
 */
import type { AppendLog, KeyValueStore, Millis } from '@folkmoot/base'
import { bytesSchema, encode, parse } from '@folkmoot/codec'
import * as v from 'valibot'
import { type AuditEntry, hashContent, readLeaf, type Sealed } from './entry.ts'
import type { Usage } from './entry-writer.ts'
import { type AuditFilter, matchesFilter, matchesText } from './query.ts'
import { PAGE } from './recover-log.ts'
import { isContentKey, LOGS_PREFIX, type LogKeys } from './store-keys.ts'

/** More than any frame that can be sent. */
export const MAX_CONTENT_BYTES = 16 * 1024 * 1024
const MAX_SALT_BYTES = 64

export const sealedSchema = v.strictTuple([
  bytesSchema(MAX_SALT_BYTES),
  bytesSchema(MAX_CONTENT_BYTES),
])

export interface EntryReaderInit {
  readonly log: AppendLog
  readonly store: KeyValueStore
  readonly keys: LogKeys
  readonly base: number
  readonly size: () => number
}

/** A leaf as it stands, and its content where that is kept. */
export interface SealedEntry {
  readonly leaf: Uint8Array
  readonly sealed: Sealed | undefined
}

export interface EntryReader {
  query(filter: AuditFilter): AsyncIterable<AuditEntry>
  sealedEntries(): AsyncIterable<SealedEntry>
  /** Must not run beside a write. */
  erase(before: Millis, usage: Usage, begunAt: Millis): Promise<number>
}

export function createEntryReader({ log, store, keys, base, size }: EntryReaderInit): EntryReader {
  const page = (from: number, to: number) => log.read(base + from, base + Math.min(to, size()))

  /** Content that does not match is left over from a write that failed, and is not the entry's. */
  const contentOf = async (
    seq: number,
    contentHash: string | null,
  ): Promise<Sealed | undefined> => {
    if (contentHash === null) return undefined
    const bytes = await store.get(keys.content(seq))
    const parsed = bytes && parse(sealedSchema, bytes, { maxBytes: bytes.length })
    if (!parsed?.ok) return undefined
    const sealed = { salt: parsed.value[0], content: parsed.value[1] }
    return hashContent(sealed) === contentHash ? sealed : undefined
  }

  /** Undefined for a leaf that does not read: damage, of which `verify` says more. */
  const complete = async (
    leaf: Uint8Array,
    filter: AuditFilter,
  ): Promise<AuditEntry | undefined> => {
    const read = readLeaf(leaf)
    if (!read.ok || !matchesFilter(filter, read.entry)) return undefined
    const entry = { ...read.entry, ...(await contentOf(read.entry.seq, read.entry.contentHash)) }
    return filter.text === undefined || matchesText(filter.text, entry) ? entry : undefined
  }

  return {
    query: async function* (filter) {
      const first = Math.max(0, filter.from ?? 0)
      const end = Math.min(filter.to ?? size(), size())
      const newest = filter.first === 'newest'
      let left = filter.limit ?? Number.POSITIVE_INFINITY
      for (let done = 0; done < end - first && left > 0; done += PAGE) {
        const from = newest ? Math.max(first, end - done - PAGE) : first + done
        const to = newest ? end - done : Math.min(from + PAGE, end)
        const leaves = await page(from, to)
        for (const leaf of newest ? leaves.reverse() : leaves) {
          const entry = await complete(leaf, filter)
          if (!entry) continue
          yield entry
          if (--left <= 0) return
        }
      }
    },
    sealedEntries: async function* () {
      const end = size()
      for (let from = 0; from < end; from += PAGE) {
        for (const leaf of await page(from, Math.min(from + PAGE, end))) {
          const read = readLeaf(leaf)
          const sealed = read.ok
            ? await contentOf(read.entry.seq, read.entry.contentHash)
            : undefined
          yield { leaf, sealed }
        }
      }
    },
    erase: async (before, usage, begunAt) => {
      // Whatever an earlier log held is older than this one.
      let erased = before > begunAt ? await eraseOthers(store, keys) : 0
      let after: string | undefined
      for (;;) {
        const contents = await store.list({
          prefix: keys.contents,
          ...(after ? { after } : {}),
          limit: PAGE,
        })
        if (contents.length === 0) return erased
        after = contents.at(-1)![0]
        let freed = 0
        const old: string[] = []
        for (const [key, value] of contents) {
          const seq = Number(key.slice(keys.contents.length))
          const [leaf] = await page(seq, seq + 1)
          const read = leaf && readLeaf(leaf)
          // Content without an entry was never acknowledged and goes as well.
          if (read?.ok && read.entry.at >= before) continue
          old.push(key)
          freed += value.length
        }
        if (old.length === 0) continue
        const contentBytes = Math.max(0, usage.contentBytes - freed)
        await store.write([
          ...old.map((key) => ({ type: 'delete', key }) as const),
          { type: 'put', key: keys.usage, value: encode({ contentBytes, size: size() }) },
        ])
        usage.contentBytes = contentBytes
        erased += old.length
      }
    },
  }
}

/** Erases all contents of logs that this one follows. */
async function eraseOthers(store: KeyValueStore, keys: LogKeys): Promise<number> {
  let erased = 0
  let after: string | undefined
  for (;;) {
    const found = await store.list({
      prefix: LOGS_PREFIX,
      ...(after ? { after } : {}),
      limit: PAGE,
    })
    if (found.length === 0) return erased
    after = found.at(-1)![0]
    const old = found
      .map(([key]) => key)
      .filter((key) => isContentKey(key) && !key.startsWith(keys.contents))
    await store.write(old.map((key) => ({ type: 'delete', key })))
    erased += old.length
  }
}
