/**
 * Whole files that are either there with all their bytes, or not there.
 *
 * @module
 */
import { randomBytes } from 'node:crypto'
import { link, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** How the file system tells that a temporary name is left over from a crash. */
export const TEMPORARY_SUFFIX = '.tmp'

export interface DurableWrite {
  /** File mode; default 0600. */
  readonly mode?: number
  /** Fails with EEXIST where the file is already there; default false, which replaces it. */
  readonly exclusive?: boolean
}

/** Writes a temporary file, syncs it, gives it its name, and syncs the folder. */
export async function writeDurably(
  path: string,
  bytes: Uint8Array,
  { mode = 0o600, exclusive = false }: DurableWrite = {},
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}${TEMPORARY_SUFFIX}`
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    // A hard link fails where the name is taken; a rename would silently replace it.
    if (exclusive) await link(temporary, path)
    else await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
  if (exclusive) await rm(temporary)
  await syncFolder(dirname(path))
}

/** Makes names that were added to or removed from a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
