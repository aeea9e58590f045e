/**
 * Stores that forget: for tests, simulations and one-off runs.
 *
 * @module
 */
import type { AppendLog, KeyValueStore, ListRange, StoreOperation } from './store.ts'

/** A {@link KeyValueStore} in memory. */
export function memoryStore(): KeyValueStore {
  const entries = new Map<string, Uint8Array>()
  return {
    get: async (key) => entries.get(key)?.slice(),
    write: async (operations: readonly StoreOperation[]) => {
      for (const op of operations) {
        if (op.type === 'put') entries.set(op.key, op.value.slice())
        else entries.delete(op.key)
      }
    },
    list: async ({ prefix, after, limit }: ListRange) => {
      const keys = [...entries.keys()]
        .filter((key) => key.startsWith(prefix) && (after === undefined || key > after))
        .sort((a, b) => (a < b ? -1 : 1))
        .slice(0, limit)
      return keys.map((key) => [key, entries.get(key)!.slice()] as const)
    },
    close: async () => {},
  }
}

/** An {@link AppendLog} in memory. */
export function memoryLog(initial: readonly Uint8Array[] = []): AppendLog {
  const records: Uint8Array[] = initial.map((record) => record.slice())
  return {
    get length() {
      return records.length
    },
    recovery: { droppedBytes: 0 },
    append: async (added) => {
      const first = records.length
      for (const record of added) records.push(record.slice())
      return first
    },
    read: async (from, to) => records.slice(from, to).map((record) => record.slice()),
    close: async () => {},
  }
}
