/**
 * Content-addressed blocks as files, within a quota. A block is checked against its id when it is
 * read, so a damaged file is a missing block, never a wrong one.
 *
 * @module
 */
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { type BlockStore, FederationError } from '@folkmoot/base'
import { matchesContentId, parseContentId } from '@folkmoot/codec'
import type { StorageCode } from '../codes.ts'
import { TEMPORARY_SUFFIX, writeDurably } from './durable-file.ts'
import { toStorageError } from './to-storage-error.ts'

export interface FileBlocksInit {
  /** Bytes of all blocks together; default 2 GiB. */
  readonly quotaBytes?: number
  /** What a `put` over the quota does: drop what was used longest ago (default), or throw. */
  readonly whenFull?: 'drop-oldest' | 'refuse'
  /** Never writes. Default false. */
  readonly readonly?: boolean
}

/** Opens the blocks in `folder`, which is made when first needed. */
export async function openFileBlocks(
  folder: string,
  init: FileBlocksInit = {},
): Promise<BlockStore> {
  const { quotaBytes = 2 * 1024 ** 3, whenFull = 'drop-oldest', readonly = false } = init
  /** Sizes by id; the order of the map is the order of use, oldest first. */
  const sizes = await findBlocks(folder, readonly)
  let used = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  let last: Promise<unknown> = Promise.resolve()
  /** Writers take turns, so that the quota is counted once. */
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const next = last.then(run)
    last = next.catch(() => {})
    return next
  }
  const forget = async (id: string) => {
    const size = sizes.get(id)
    if (size === undefined) return
    await rm(pathOf(folder, id), { force: true })
    sizes.delete(id)
    used -= size
  }

  const put = async (id: string, bytes: Uint8Array) => {
    if (sizes.has(id)) return
    if (bytes.length > quotaBytes) {
      throw blockError('storage/too-large', 'the block is larger than the quota for all', id)
    }
    while (used + bytes.length > quotaBytes) {
      if (whenFull === 'refuse')
        throw blockError('storage/full', 'the quota for blocks is used up', id)
      await forget(sizes.keys().next().value!)
    }
    const path = pathOf(folder, id)
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
    await writeDurably(path, bytes)
    sizes.set(id, bytes.length)
    used += bytes.length
  }

  return {
    has: async (id) => sizes.has(id),
    get: async (id) => {
      const parsed = parseContentId(id)
      const size = sizes.get(id)
      if (!parsed.ok || size === undefined) return undefined
      const path = pathOf(folder, id)
      const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw toStorageError(error, `read block ${id}`)
      })
      if (bytes === undefined || !matchesContentId(parsed.id, bytes)) {
        if (!readonly) await inTurn(() => forget(id)).catch(() => {})
        return undefined
      }
      if (!readonly && sizes.delete(id)) {
        sizes.set(id, size)
        // The next opening learns the order of use from the file times.
        await utimes(path, new Date(), new Date()).catch(() => {})
      }
      return new Uint8Array(bytes)
    },
    put: async (id, bytes) => {
      if (readonly) throw blockError('storage/read-only', 'the blocks are read-only', id)
      const parsed = parseContentId(id)
      if (!parsed.ok || !matchesContentId(parsed.id, bytes)) {
        throw blockError('storage/wrong-content', 'the bytes are not those that the id names', id)
      }
      await inTurn(() => put(id, bytes)).catch((error: unknown) => {
        throw toStorageError(error, `write block ${id}`)
      })
    },
  }
}

/** The end of an id is its hash, so the folders fill evenly. */
function pathOf(folder: string, id: string): string {
  return join(folder, id.slice(-2), id)
}

async function findBlocks(folder: string, readonly: boolean): Promise<Map<string, number>> {
  const found: { id: string; size: number; usedAt: number }[] = []
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of names) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    if (entry.name.endsWith(TEMPORARY_SUFFIX)) {
      if (!readonly) await rm(path, { force: true }).catch(() => {})
      continue
    }
    const { size, mtimeMs } = await stat(path)
    found.push({ id: entry.name, size, usedAt: mtimeMs })
  }
  found.sort((a, b) => a.usedAt - b.usedAt)
  return new Map(found.map(({ id, size }) => [id, size]))
}

function blockError(code: StorageCode, message: string, id: string) {
  return new FederationError<StorageCode>(code, message, { details: { id } })
}
