/**
 * Copies a state folder that nothing uses into one compressed tar, mode 0600.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { errorMessage, FederationError } from '@folkmoot/base'
import { openStateFolder } from '@folkmoot/storage/node'
import { keyFile } from '../config/state-location.ts'
import { version } from '../version.ts'
import { type BackupIndex, indexName } from './backup-index.ts'
import { BLOCK, backupError, padding, tarHeader } from './tar-entry.ts'

export interface BackupReport {
  readonly file: string
  readonly files: number
  readonly bytes: number
  readonly withKey: boolean
}

/**
 * Belongs to the running process, or can be made anew. Votes and vote keys are never copied: a voter
 * that came back with an older log could vote twice. Restored, it observes until it is seated anew.
 */
const leftOut = /^(lock\.sqlite.*|admin\.json|consensus\.sqlite.*|.*-shm)$/

async function listFiles(state: string, withKey: boolean): Promise<string[]> {
  const key = relative(state, keyFile(state))
  const entries = await readdir(state, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && !leftOut.test(entry.name))
    .map((entry) => relative(state, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => withKey || path !== key)
    .sort()
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

async function* archive(state: string, index: BackupIndex): AsyncGenerator<Uint8Array> {
  const first = new TextEncoder().encode(`${JSON.stringify(index, null, 2)}\n`)
  yield tarHeader({ path: indexName, size: first.length })
  yield first
  yield new Uint8Array(padding(first.length))
  for (const entry of index.files) {
    yield tarHeader(entry)
    // A file that grew since it was hashed would shift everything behind it.
    yield* createReadStream(join(state, entry.path), { end: Math.max(0, entry.size - 1) })
    yield new Uint8Array(padding(entry.size))
  }
  yield new Uint8Array(2 * BLOCK)
}

/**
 * @throws FederationError `storage/locked` while a relay uses the folder; `cli/backup`
 */
export async function writeBackup(
  state: string,
  file: string,
  { withKey }: { withKey: boolean },
): Promise<BackupReport> {
  if (!existsSync(join(state, 'schema'))) throw backupError(`there is no state at ${state}`)
  // Held open until the copy is done: it is the lock.
  const folder = await openStateFolder(state)
  try {
    const paths = await listFiles(state, withKey)
    const files = await Promise.all(
      paths.map(async (path) => {
        const { size } = await stat(join(state, path))
        return { path, size, sha256: await hashFile(join(state, path)) }
      }),
    )
    const created = new Date().toISOString()
    const index: BackupIndex = { v: 1, created, version, withKey, files }
    const target = createWriteStream(file, { flags: 'wx', mode: 0o600 })
    let opened = false
    target.once('open', () => {
      opened = true
    })
    try {
      await pipeline(Readable.from(archive(state, index)), createGzip(), target)
    } catch (error) {
      if (opened) await rm(file, { force: true })
      if (error instanceof FederationError) throw error
      throw backupError(`${file}: ${errorMessage(error)}`, error)
    }
    return { file, files: files.length, bytes: (await stat(file)).size, withKey }
  } finally {
    await folder.close()
  }
}
