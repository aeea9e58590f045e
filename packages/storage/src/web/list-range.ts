/**
 * Lists a range of an object store whose keys are strings, at one moment.
 *
 * @module
 */
import type { ListRange } from '@folkmoot/base'
import { prefixEnd } from '../key-range.ts'

/** The two reads of an object store that a listing needs. */
interface Listed {
  getAllKeys(range: IDBKeyRange, limit?: number): Promise<string[]>
  getAll(range: IDBKeyRange, limit?: number): Promise<Uint8Array[]>
}

/** Keys and values are of one moment, because `store` belongs to one transaction. */
export async function listRange(
  store: Listed,
  { prefix, after, limit }: ListRange,
): Promise<ReadonlyArray<readonly [key: string, value: Uint8Array]>> {
  if (limit === 0) return []
  const open = after !== undefined && after >= prefix
  const from = open ? after : prefix
  const end = prefixEnd(prefix)
  if (end !== undefined && from >= end) return []
  const range =
    end === undefined
      ? IDBKeyRange.lowerBound(from, open)
      : IDBKeyRange.bound(from, end, open, true)
  const [keys, values] = await Promise.all([
    store.getAllKeys(range, limit),
    store.getAll(range, limit),
  ])
  return keys.map((key, i) => [key, values[i]!] as const)
}
