/**
 * Durable storage as floors 0 to 4 see it. Implemented by `storage` over SQLite and files in Node
 * and over IndexedDB in a tab; {@link memoryStore} serves tests and `study run --local`.
 *
 * @module
 */
import type { RawSigner } from './crypto.ts'

export type StoreOperation =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'delete'; readonly key: string }

export interface ListRange {
  /** Only keys that start with this. */
  readonly prefix: string
  /** Only keys strictly greater than this one. */
  readonly after?: string
  /** At most this many entries; default unbounded. */
  readonly limit?: number
}

/** An ordered map from strings (compared by UTF-16 code unit) to bytes. */
export interface KeyValueStore {
  get(key: string): Promise<Uint8Array | undefined>
  /** Applies all operations or none; durable when the promise resolves. */
  write(operations: readonly StoreOperation[]): Promise<void>
  /** Entries in key order, as they stood when the call was made. */
  list(range: ListRange): Promise<ReadonlyArray<readonly [key: string, value: Uint8Array]>>
  close(): Promise<void>
}

/** What opening an append log had to drop, if anything. */
export interface LogRecovery {
  /** Bytes after the last whole record, removed at opening; 0 after a clean stop. */
  readonly droppedBytes: number
}

/** A sequence of opaque records that only grows. */
export interface AppendLog {
  /** Records that are durable. */
  readonly length: number
  readonly recovery: LogRecovery
  /** Appends in order; resolves when all are durable, with the index of the first. Concurrent calls share one sync. */
  append(records: readonly Uint8Array[]): Promise<number>
  /** Records `from` (inclusive) to `to` (exclusive). */
  read(from: number, to: number): Promise<Uint8Array[]>
  close(): Promise<void>
}

/** Content-addressed bytes kept on this machine. */
export interface BlockStore {
  get(id: string): Promise<Uint8Array | undefined>
  put(id: string, bytes: Uint8Array): Promise<void>
  has(id: string): Promise<boolean>
}

/** Deletes a signing key of a {@link ConsensusDatabase}, together with what is written beside it. */
export interface KeyDeletion {
  readonly type: 'delete-key'
  readonly name: string
}

/**
 * Where a voter keeps its votes, and the keys that sign them: lose one, lose both. One writer at a
 * time; a writer that was replaced can write no more.
 */
export interface ConsensusDatabase {
  get(key: string): Promise<Uint8Array | undefined>
  /**
   * Applies all operations or none, key deletions among them; durable when the promise resolves.
   *
   * @throws FederationError `storage/writer-replaced` where another writer opened the database since
   */
  write(operations: readonly (StoreOperation | KeyDeletion)[]): Promise<void>
  /** Entries in key order, as they stood when the call was made. */
  list(range: ListRange): Promise<ReadonlyArray<readonly [key: string, value: Uint8Array]>>
  /** Makes an ed25519 key that never leaves this database, or answers the one that has the name already. */
  createKey(name: string): Promise<RawSigner>
  /**
   * The key of this name; undefined where it was never made, or was deleted. A key that was deleted
   * after it was handed out signs no more: `storage/key-deleted`.
   */
  key(name: string): Promise<RawSigner | undefined>
  close(): Promise<void>
}
