/**
 * An append log in one file: one `write` and one `fdatasync` for everything that waits.
 *
 * Opening keeps the longest good prefix and cuts a torn end. What had been durable and no longer
 * reads is `storage/corrupt`: the file is then left alone, because cutting would destroy more.
 *
 * @module
 */
import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { type AppendLog, FederationError } from '@folkmoot/base'
import type { StorageCode } from '../codes.ts'
import {
  BATCH_OVERHEAD_BYTES,
  frameBatch,
  HEADER_BYTES,
  hidesBatch,
  logHeader,
  MARKER_BYTES,
  MAX_BODY_BYTES,
  RECORD_OVERHEAD_BYTES,
  readLogHeader,
  scanBatches,
} from '../framed-log.ts'
import { createGroupCommit } from '../group-commit.ts'
import { writeDurably } from './durable-file.ts'
import { toStorageError } from './to-storage-error.ts'

/** Bytes that one read of the file asks for, in scanning and in reading records. */
const WINDOW_BYTES = 4 * 1024 * 1024
/** A commit takes what waits up to here, so that one slow batch does not hold all others. */
const BATCH_BYTES = 8 * 1024 * 1024
/**
 * Up to here the bytes are handed to the system on this thread, which takes microseconds; a way to
 * the file system's thread and back takes longer, and the sync goes there anyway.
 */
const DIRECT_BYTES = 64 * 1024

/** Where each record lies, and where the good prefix ends. */
interface Places {
  readonly starts: number[]
  readonly lengths: number[]
  end: number
}

export interface FileLogInit {
  /** Opens without writing: a torn end is skipped, not cut, and `append` throws. Default false. */
  readonly readonly?: boolean
}

/**
 * Opens the log at `path`, or makes it.
 *
 * @throws FederationError `storage/corrupt`, `storage/read-only`, `storage/full`
 */
export async function openFileLog(path: string, init: FileLogInit = {}): Promise<AppendLog> {
  const readonly = init.readonly ?? false
  let file: FileHandle | undefined
  try {
    file = await openOrMake(path, readonly)
    return await openLog(path, file, readonly)
  } catch (error) {
    await file?.close()
    throw toStorageError(error, `open the log ${path}`)
  }
}

async function openLog(path: string, file: FileHandle, readonly: boolean): Promise<AppendLog> {
  const header = readLogHeader(await readExactly(file, 0, HEADER_BYTES))
  if (!header.ok) throw storageError(header.fault.code as StorageCode, header.fault.message, path)
  const { marker } = header
  const size = (await file.stat()).size
  const places = await findRecords(path, file, marker, size)
  const droppedBytes = size - places.end
  if (!readonly) {
    if (droppedBytes > 0) await file.truncate(places.end)
    // A killed process may have left a whole batch in the cache only: what we serve must last.
    await file.datasync()
  }

  let closed = false
  let failure: FederationError | undefined

  const commit = async (groups: readonly (readonly Uint8Array[])[]) => {
    if (failure) throw failure
    const records = groups.flat()
    try {
      await writeAll(file, frameBatch(marker, records), places.end)
    } catch (error) {
      // Whatever part was written must not lie in front of the next batch.
      await file.truncate(places.end).catch((cause) => {
        failure = storageError('storage/failed', 'a failed append could not be undone', path, cause)
      })
      throw toStorageError(error, `append to the log ${path}`)
    }
    try {
      await file.datasync()
    } catch (error) {
      // After a failed sync nobody knows which pages reached the disk; only a reopening can tell.
      failure = toStorageError(error, `sync the log ${path}`)
      throw failure
    }
    let first = places.starts.length
    let at = places.end + BATCH_OVERHEAD_BYTES
    for (const record of records) {
      places.starts.push(at + RECORD_OVERHEAD_BYTES)
      places.lengths.push(record.length)
      at += RECORD_OVERHEAD_BYTES + record.length
    }
    places.end = at
    return groups.map((group) => {
      const index = first
      first += group.length
      return index
    })
  }
  const commits = createGroupCommit(BATCH_BYTES, commit)

  return {
    get length() {
      return places.starts.length
    },
    recovery: { droppedBytes },
    append: async (records) => {
      if (closed) throw storageError('storage/closed', 'the log is closed', path)
      if (readonly) throw storageError('storage/read-only', 'the log was opened read-only', path)
      if (records.length === 0) return places.starts.length
      const weight = records.reduce((sum, { length }) => sum + RECORD_OVERHEAD_BYTES + length, 0)
      if (weight > MAX_BODY_BYTES) {
        throw storageError(
          'storage/too-large',
          `an append is at most ${MAX_BODY_BYTES} bytes`,
          path,
        )
      }
      return commits.add(
        records.map((record) => record.slice()),
        weight,
      )
    },
    read: async (from, to) => {
      if (closed) throw storageError('storage/closed', 'the log is closed', path)
      return readRecords(path, file, places, Math.max(0, from), Math.min(to, places.starts.length))
    },
    close: async () => {
      if (closed) return
      closed = true
      await commits.settled()
      await file.close()
    },
  }
}

async function openOrMake(path: string, readonly: boolean): Promise<FileHandle> {
  const flags = readonly ? 'r' : 'r+'
  try {
    return await open(path, flags)
  } catch (error) {
    if (readonly || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    await writeDurably(path, logHeader(randomBytes(MARKER_BYTES)), { exclusive: true })
    return open(path, flags)
  }
}

async function findRecords(
  path: string,
  file: FileHandle,
  marker: Uint8Array,
  size: number,
): Promise<Places> {
  const places: Places = { starts: [], lengths: [], end: HEADER_BYTES }
  let window = WINDOW_BYTES
  while (places.end < size) {
    const bytes = await readExactly(file, places.end, Math.min(window, size - places.end))
    const scan = scanBatches(marker, bytes)
    for (const { start, length } of scan.records) {
      places.starts.push(places.end + start)
      places.lengths.push(length)
    }
    places.end += scan.end
    const beyondWindow = scan.stop === 'short' && places.end + scan.need <= size
    if (scan.stop === 'bad' || (scan.stop === 'short' && !beyondWindow)) {
      await refuseDamage(path, file, marker, places.end, size)
      break
    }
    window = Math.max(WINDOW_BYTES, scan.need)
  }
  return places
}

/** Throws where the bytes from `end` cannot be one torn batch. */
async function refuseDamage(
  path: string,
  file: FileHandle,
  marker: Uint8Array,
  end: number,
  size: number,
): Promise<void> {
  const longest = BATCH_OVERHEAD_BYTES + MAX_BODY_BYTES
  const damaged =
    size - end > longest || hidesBatch(marker, await readExactly(file, end, size - end))
  if (damaged) {
    throw new FederationError<StorageCode>(
      'storage/corrupt',
      `the log ${path} is damaged at byte ${end}, before records that were durable`,
      { details: { path, at: end }, hint: 'restore the file from a backup, or move it away' },
    )
  }
}

async function readRecords(
  path: string,
  file: FileHandle,
  { starts, lengths }: Places,
  from: number,
  to: number,
): Promise<Uint8Array[]> {
  const records: Uint8Array[] = []
  try {
    while (from < to) {
      const start = starts[from]!
      let last = from
      while (last + 1 < to && starts[last + 1]! + lengths[last + 1]! - start <= WINDOW_BYTES) last++
      const bytes = await readExactly(file, start, starts[last]! + lengths[last]! - start)
      for (; from <= last; from++) {
        const offset = starts[from]! - start
        records.push(bytes.slice(offset, offset + lengths[from]!))
      }
    }
  } catch (error) {
    throw toStorageError(error, `read the log ${path}`)
  }
  return records
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  const isDirect = bytes.length <= DIRECT_BYTES
  let written = 0
  while (written < bytes.length) {
    const rest = [written, bytes.length - written, position + written] as const
    written += isDirect
      ? writeSync(file.fd, bytes, ...rest)
      : (await file.write(bytes, ...rest)).bytesWritten
  }
}

/** Fewer bytes than asked only where the file ends. */
async function readExactly(file: FileHandle, position: number, length: number) {
  const bytes = new Uint8Array(length)
  let read = 0
  while (read < length) {
    const { bytesRead } = await file.read(bytes, read, length - read, position + read)
    if (bytesRead === 0) break
    read += bytesRead
  }
  return bytes.subarray(0, read)
}

function storageError(code: StorageCode, message: string, path: string, cause?: unknown) {
  return new FederationError<StorageCode>(code, message, { details: { path }, cause })
}
