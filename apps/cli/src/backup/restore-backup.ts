/**
 * Fills an empty state folder from a backup: everything is unpacked beside it and compared with the
 * index before it takes the folder's place.
 *
 * @module
 */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { errorMessage, FederationError } from '@folkmoot/base'
import * as v from 'valibot'
import { type BackupIndex, backupIndexSchema, indexName } from './backup-index.ts'
import { createByteReader } from './byte-reader.ts'
import { BLOCK, backupError, padding, readTarHeader } from './tar-entry.ts'

export interface RestoreReport {
  readonly state: string
  readonly created: string
  readonly files: number
  readonly withKey: boolean
}

const MAX_INDEX_BYTES = 64 << 20

type Reader = ReturnType<typeof createByteReader>

async function readIndex(reader: Reader): Promise<BackupIndex> {
  const header = readTarHeader(await reader.take(BLOCK))
  if (header?.path !== indexName || header.size > MAX_INDEX_BYTES) {
    throw backupError('this is not a backup of a state folder')
  }
  const text = new TextDecoder().decode(await reader.take(header.size))
  await reader.take(padding(header.size))
  const parsed = v.safeParse(backupIndexSchema, JSON.parse(text))
  if (!parsed.success) throw backupError('a newer release made it, or it is damaged')
  return parsed.output
}

async function unpack(reader: Reader, index: BackupIndex, into: string): Promise<void> {
  for (const expected of index.files) {
    const header = readTarHeader(await reader.take(BLOCK))
    if (header?.path !== expected.path || header.size !== expected.size) {
      throw backupError(`${expected.path} is missing`)
    }
    const path = join(into, header.path)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(path, 'wx', 0o600)
    const hash = createHash('sha256')
    try {
      for await (const chunk of reader.stream(header.size)) {
        hash.update(chunk)
        await file.write(chunk)
      }
      await file.sync()
    } finally {
      await file.close()
    }
    if (hash.digest('hex') !== expected.sha256) throw backupError(`${header.path} is damaged`)
    await reader.take(padding(header.size))
  }
}

/** @throws FederationError `cli/backup`; the state folder is untouched then */
export async function restoreBackup(file: string, state: string): Promise<RestoreReport> {
  const present = await readdir(state).catch(() => [])
  if (present.length > 0) throw backupError(`${state} is not empty; name another with --state`)
  const beside = `${state}.restoring-${randomUUID().slice(0, 8)}`
  try {
    await mkdir(beside, { recursive: true, mode: 0o700 })
    const source = createReadStream(file)
    const gunzip = createGunzip()
    source.once('error', (error) => gunzip.destroy(error))
    const reader = createByteReader(source.pipe(gunzip))
    const index = await readIndex(reader)
    await unpack(reader, index, beside)
    await rmdir(state).catch(() => {})
    await rename(beside, state)
    const { created, files, withKey } = index
    return { state, created, files: files.length, withKey }
  } catch (error) {
    await rm(beside, { recursive: true, force: true })
    if (error instanceof FederationError) throw error
    throw backupError(`${file}: ${errorMessage(error)}`, error)
  }
}
