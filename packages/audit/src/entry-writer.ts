/**
 * Gives entries their place and makes them durable: everything that waits goes in one append.
 *
 * An entry that nothing waits for lets others come along for a moment, because a sync is most of
 * what an entry costs: outcomes then ride on the sync of the next intent.
 *
 * Content and leaves are written side by side, because neither shows before both are durable. A
 * crash in between leaves content without a leaf, which the next entry at that place overwrites or
 * does not match, or a leaf whose content is gone, of which nobody was told.
 *
 * @module
 */
import {
  type AppendLog,
  type Clock,
  FederationError,
  type KeyValueStore,
  type Millis,
  type StoreOperation,
  type Timers,
} from '@folkmoot/base'
import { encode, leafHash, type MerkleTree } from '@folkmoot/codec'
import type { AuditCode } from './codes.ts'
import { type EntryFields, encodeLeaf, type Sealed } from './entry.ts'
import type { LogKeys } from './store-keys.ts'

export interface Draft {
  readonly fields: EntryFields
  readonly sealed?: Sealed
}

/** Bytes of content kept, in the store. */
export interface Usage {
  contentBytes: number
  leafBytes: number
}

export interface EntryWriterInit {
  readonly log: AppendLog
  readonly store: KeyValueStore
  readonly keys: LogKeys
  readonly clock: Clock
  /** Without them nothing is held back. */
  readonly timers?: Timers
  readonly tree: MerkleTree
  /** Index in `log` of the first entry. */
  readonly base: number
  /** Kept up to date. */
  readonly usage: Usage
  /** Called after a write, with the place of each entry. */
  readonly written: (entries: readonly { readonly seq: number; readonly draft: Draft }[]) => void
}

export interface EntryWriter {
  /** Resolves with the entry's sequence number when it is durable. */
  write(draft: Draft): Promise<number>
  /** The same, but goes with the next {@link EntryWriter.write}, or by itself a moment later. */
  writeAlong(draft: Draft): Promise<number>
  /** Runs `change` of the contents while no entry is being written. */
  exclusive<T>(change: () => Promise<T>): Promise<T>
  settled(): Promise<void>
}

interface Waiting {
  readonly draft: Draft
  readonly resolve: (seq: number) => void
  readonly reject: (error: unknown) => void
}

/** Entries that one append takes: bounds the time that the first of them waits. */
const MAX_GROUP = 1_024
/** How long an entry that nothing waits for is held back: a call's next message is there by then. */
const ALONG_MS: Millis = 5

export function createEntryWriter(init: EntryWriterInit): EntryWriter {
  const { log, store, keys, clock, timers, tree, base, usage } = init
  let waiting: Waiting[] = []
  let last: Promise<unknown> = Promise.resolve()
  let scheduled = false
  let cancelLater: (() => void) | undefined

  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const next = last.then(run)
    last = next.catch(() => {})
    return next
  }

  const commit = async (): Promise<void> => {
    scheduled = false
    const group = place(waiting.slice(0, MAX_GROUP), tree.size, clock.now())
    waiting = waiting.slice(MAX_GROUP)
    if (waiting.length > 0) schedule()
    if (group.length === 0) return
    const content = contentOperations(group, keys, usage, tree.size)
    const [stored, appended] = await Promise.allSettled([
      store.write(content.operations),
      log.append(group.map(({ leaf }) => leaf)),
    ])
    if (stored.status === 'fulfilled') usage.contentBytes += content.bytes
    if (appended.status === 'rejected') return rejectAll(group, appended.reason)
    if (appended.value !== base + group[0]!.seq) {
      const message = 'somebody else appends to the audit log'
      return rejectAll(group, new FederationError<AuditCode>('audit/interleaved', message))
    }
    for (const { leaf } of group) {
      tree.append(leafHash(leaf))
      usage.leafBytes += leaf.length
    }
    init.written(group)
    if (stored.status === 'rejected') return rejectAll(group, stored.reason)
    for (const { seq, resolve } of group) resolve(seq)
  }

  const schedule = () => {
    cancelLater?.()
    cancelLater = undefined
    if (scheduled) return
    scheduled = true
    void inTurn(commit)
  }
  const scheduleLater = () => {
    if (timers === undefined) return schedule()
    if (!scheduled) cancelLater ??= timers.after(ALONG_MS, schedule)
  }
  const writeThen = (draft: Draft, when: () => void): Promise<number> =>
    new Promise((resolve, reject) => {
      waiting.push({ draft, resolve, reject })
      when()
    })

  return {
    write: (draft) => writeThen(draft, schedule),
    writeAlong: (draft) => writeThen(draft, scheduleLater),
    exclusive: inTurn,
    settled: async () => {
      if (waiting.length > 0) schedule()
      for (let seen: unknown; seen !== last; ) {
        seen = last
        await last
      }
    },
  }
}

interface Placed extends Waiting {
  readonly seq: number
  readonly leaf: Uint8Array
}

/** Encodes each draft at its place; one that has no canonical form is told so and left out. */
function place(group: readonly Waiting[], first: number, at: number): Placed[] {
  const placed: Placed[] = []
  for (const item of group) {
    const seq = first + placed.length
    try {
      placed.push({ ...item, seq, leaf: encodeLeaf(seq, at, item.draft.fields) })
    } catch (cause) {
      const message = 'the entry has no canonical form'
      item.reject(new FederationError<AuditCode>('audit/entry-invalid', message, { cause }))
    }
  }
  return placed
}

function contentOperations(group: readonly Placed[], keys: LogKeys, usage: Usage, size: number) {
  let bytes = 0
  const operations: StoreOperation[] = []
  for (const { seq, draft } of group) {
    if (!draft.sealed) continue
    const value = encode([draft.sealed.salt, draft.sealed.content])
    bytes += value.length
    operations.push({ type: 'put', key: keys.content(seq), value })
  }
  if (operations.length > 0) {
    const contentBytes = usage.contentBytes + bytes
    operations.push({ type: 'put', key: keys.usage, value: encode({ contentBytes, size }) })
  }
  return { operations, bytes }
}

function rejectAll(group: readonly Waiting[], error: unknown): void {
  for (const { reject } of group) reject(error)
}
