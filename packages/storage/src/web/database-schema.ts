/**
 * The object stores of a tab's database, and how an older database becomes today's.
 *
 * @module
 */
import type { DBSchema, IDBPDatabase } from 'idb'

/** The shape that this release writes; IndexedDB refuses a newer one by itself. */
export const SCHEMA_VERSION = 1

export interface StoredKey {
  readonly privateKey: CryptoKey
  /** 32 bytes. */
  readonly publicKey: Uint8Array
}

export interface BlockUse {
  readonly size: number
  /** Order of use; the smallest is dropped first. */
  readonly used: number
}

export interface TabSchema extends DBSchema {
  entries: { key: string; value: Uint8Array }
  /** Keys are (log, index). */
  records: { key: [string, number]; value: Uint8Array }
  blocks: { key: string; value: Uint8Array }
  /** Sizes and order of use apart from the bytes, so that opening reads no block. */
  blockUses: { key: string; value: BlockUse }
  keys: { key: string; value: StoredKey }
}

export type TabDatabase = IDBPDatabase<TabSchema>

/** Runs inside the version change; version 0 is a new database. */
export function upgrade(database: TabDatabase, from: number): void {
  if (from < 1) {
    for (const name of ['entries', 'records', 'blocks', 'blockUses', 'keys'] as const) {
      database.createObjectStore(name)
    }
  }
}
