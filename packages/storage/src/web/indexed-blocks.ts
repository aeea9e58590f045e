/**
 * Content-addressed blocks on IndexedDB, within a quota; what was used longest ago goes first.
 *
 * @module
 */
import { type BlockStore, FederationError } from '@folkmoot/base'
import { matchesContentId, parseContentId } from '@folkmoot/codec'
import type { StorageCode } from '../codes.ts'
import type { TabDatabase } from './database-schema.ts'
import { toStorageError } from './to-storage-error.ts'

export interface IndexedBlocksInit {
  /** Bytes of all blocks together; default 256 MiB, a modest part of what browsers grant. */
  readonly quotaBytes?: number
}

/** Opens the blocks in `database`. */
export async function openIndexedBlocks(
  database: TabDatabase,
  { quotaBytes = 256 * 1024 ** 2 }: IndexedBlocksInit = {},
): Promise<BlockStore> {
  /** Sizes by id; the order of the map is the order of use, oldest first. */
  const sizes = await findSizes(database)
  let used = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  let turn = await nextTurn(database)
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const next = last.then(run)
    last = next.catch(() => {})
    return next
  }

  const put = async (id: string, bytes: Uint8Array) => {
    if (sizes.has(id)) return
    const dropped: string[] = []
    let room = quotaBytes - used
    for (const [old, size] of sizes) {
      if (room >= bytes.length) break
      dropped.push(old)
      room += size
    }
    const stamp = turn++
    const transaction = database.transaction(['blocks', 'blockUses'], 'readwrite', {
      durability: 'strict',
    })
    const blocks = transaction.objectStore('blocks')
    const index = transaction.objectStore('blockUses')
    const requests: Promise<unknown>[] = dropped.flatMap((old) => [
      blocks.delete(old),
      index.delete(old),
    ])
    requests.push(blocks.put(bytes.slice(), id))
    requests.push(index.put({ size: bytes.length, used: stamp }, id))
    await Promise.all([...requests, transaction.done])
    for (const old of dropped) {
      used -= sizes.get(old)!
      sizes.delete(old)
    }
    sizes.set(id, bytes.length)
    used += bytes.length
  }

  return {
    has: async (id) => sizes.has(id),
    get: async (id) => {
      const parsed = parseContentId(id)
      const size = sizes.get(id)
      if (!parsed.ok || size === undefined) return undefined
      const block = await database.get('blocks', id).catch((error: unknown) => {
        throw toStorageError(error, `read block ${id}`)
      })
      if (!block || !matchesContentId(parsed.id, block)) {
        if (sizes.delete(id)) used -= size
        return undefined
      }
      if (sizes.delete(id)) {
        sizes.set(id, size)
        // The order of use may be lost with the tab: it only decides what is dropped first.
        database.put('blockUses', { size, used: turn++ }, id).catch(() => {})
      }
      return block
    },
    put: async (id, bytes) => {
      const parsed = parseContentId(id)
      if (!parsed.ok || !matchesContentId(parsed.id, bytes)) {
        throw blockError('storage/wrong-content', 'the bytes are not those that the id names', id)
      }
      if (bytes.length > quotaBytes) {
        throw blockError('storage/too-large', 'the block is larger than the quota for all', id)
      }
      await inTurn(() => put(id, bytes)).catch((error: unknown) => {
        throw toStorageError(error, `write block ${id}`)
      })
    },
  }
}

async function findSizes(database: TabDatabase): Promise<Map<string, number>> {
  const { store } = database.transaction('blockUses')
  const [ids, entries] = await Promise.all([store.getAllKeys(), store.getAll()])
  const found = ids.map((id, i) => ({ id, ...entries[i]! }))
  found.sort((a, b) => a.used - b.used)
  return new Map(found.map(({ id, size }) => [id, size]))
}

async function nextTurn(database: TabDatabase): Promise<number> {
  const entries = await database.getAll('blockUses')
  return 1 + entries.reduce((highest, { used }) => Math.max(highest, used), 0)
}

function blockError(code: StorageCode, message: string, id: string) {
  return new FederationError<StorageCode>(code, message, { details: { id } })
}
