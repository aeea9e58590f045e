/**
 * A {@link ConsensusDatabase} that forgets: for tests and simulations. Keys come from outside,
 * because this floor has no cryptography of its own.
 *
 * @module
 */
import type { RawSigner } from './crypto.ts'
import { FederationError } from './error.ts'
import { memoryStore } from './memory-store.ts'
import type { ConsensusDatabase, KeyDeletion, KeyValueStore, StoreOperation } from './store.ts'

/** What outlives one writer, as a file outlives its process. */
export interface MemoryMedium {
  readonly entries: KeyValueStore
  readonly keys: Map<string, RawSigner>
  /** Number of the writer that opened it last. */
  writer: number
}

export function memoryMedium(): MemoryMedium {
  return { entries: memoryStore(), keys: new Map(), writer: 0 }
}

/** Opens `medium` for writing, which ends whoever wrote before. */
export function memoryConsensusDatabase(
  makeKey: (name: string) => Promise<RawSigner>,
  medium: MemoryMedium = memoryMedium(),
): ConsensusDatabase {
  medium.writer += 1
  const writer = medium.writer
  let closed = false
  const openOnly = () => {
    if (closed) throw new FederationError('storage/closed', 'the database is closed')
  }
  const writable = () => {
    openOnly()
    if (medium.writer === writer) return
    throw new FederationError('storage/writer-replaced', 'another writer opened the database')
  }
  const lend = (name: string, key: RawSigner): RawSigner => ({
    publicKey: key.publicKey,
    signRaw: async (message) => {
      if (medium.keys.get(name) === key) return key.signRaw(message)
      throw new FederationError('storage/key-deleted', `the key ${name} was deleted`)
    },
  })
  return {
    get: async (key) => {
      openOnly()
      return medium.entries.get(key)
    },
    list: async (range) => {
      openOnly()
      return medium.entries.list(range)
    },
    write: async (operations) => {
      writable()
      const kept = operations.filter((op): op is StoreOperation => op.type !== 'delete-key')
      const deleted = operations.filter((op): op is KeyDeletion => op.type === 'delete-key')
      for (const { name } of deleted) medium.keys.delete(name)
      // The store in memory takes everything before it first waits.
      await medium.entries.write(kept)
    },
    createKey: async (name) => {
      writable()
      const made = medium.keys.has(name) ? undefined : await makeKey(name)
      writable()
      if (made && !medium.keys.has(name)) medium.keys.set(name, made)
      return lend(name, medium.keys.get(name)!)
    },
    key: async (name) => {
      openOnly()
      const key = medium.keys.get(name)
      return key && lend(name, key)
    },
    close: async () => {
      closed = true
    },
  }
}
