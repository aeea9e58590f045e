/**
 * The bytes of an append log in a file: what a batch looks like, and where the good prefix ends.
 *
 * A file is a header (`FMLOG1\0\0` and 8 random bytes, the *marker*) followed by batches. One batch
 * is one sync: it is written whole after the one before it was durable. So a bad batch at the end is
 * a torn write, never acknowledged, while a bad batch *before* a good one is damage to something
 * that had been durable. The marker keeps a record that contains a copy of a batch from being taken
 * for one.
 *
 * ```
 * batch = marker(8) ‖ length(u32 LE) ‖ crc32c(length ‖ body)(u32 LE) ‖ body
 * body  = one or more of: length(u32 LE) ‖ record
 * ```
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { crc32c } from './crc32c.ts'

export const HEADER_BYTES = 16
export const MARKER_BYTES = 8
export const BATCH_OVERHEAD_BYTES = MARKER_BYTES + 8
export const RECORD_OVERHEAD_BYTES = 4
/** Largest body of one batch; what lies beyond a torn batch cannot be longer. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024

const MAGIC = Uint8Array.of(0x46, 0x4d, 0x4c, 0x4f, 0x47, 0x31, 0, 0)

/** Where a record lies in the scanned bytes. */
export interface RecordPlace {
  readonly start: number
  readonly length: number
}

export interface Scan {
  readonly records: readonly RecordPlace[]
  /** Offset after the last good batch. */
  readonly end: number
  /** `end`: nothing follows. `short`: the next batch says it needs `need` bytes. `bad`: it is no batch. */
  readonly stop: 'end' | 'short' | 'bad'
  readonly need: number
}

/** The first bytes of a new log. `marker` is 8 random bytes. */
export function logHeader(marker: Uint8Array): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES)
  header.set(MAGIC)
  header.set(marker, MAGIC.length)
  return header
}

/** The marker of a log that starts with `bytes`. */
export function readLogHeader(bytes: Uint8Array): Verdict<{ marker: Uint8Array }> {
  if (bytes.length < HEADER_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    return refuse('storage/corrupt', 'the file does not begin like a log')
  }
  return { ok: true, marker: bytes.slice(MAGIC.length, HEADER_BYTES) }
}

/** One batch with all `records`, ready to be written in one piece. */
export function frameBatch(marker: Uint8Array, records: readonly Uint8Array[]): Uint8Array {
  const length = records.reduce((sum, record) => sum + RECORD_OVERHEAD_BYTES + record.length, 0)
  const bytes = new Uint8Array(BATCH_OVERHEAD_BYTES + length)
  const view = new DataView(bytes.buffer)
  bytes.set(marker)
  view.setUint32(MARKER_BYTES, length, true)
  let at = BATCH_OVERHEAD_BYTES
  for (const record of records) {
    view.setUint32(at, record.length, true)
    bytes.set(record, at + RECORD_OVERHEAD_BYTES)
    at += RECORD_OVERHEAD_BYTES + record.length
  }
  view.setUint32(MARKER_BYTES + 4, checksum(bytes, length), true)
  return bytes
}

/** Reads whole batches from the start of `bytes` until one is missing, short or bad. */
export function scanBatches(marker: Uint8Array, bytes: Uint8Array): Scan {
  const records: RecordPlace[] = []
  let end = 0
  for (;;) {
    const rest = bytes.subarray(end)
    if (rest.length === 0) return { records, end, stop: 'end', need: 0 }
    const size = batchSize(marker, rest)
    if (size === undefined) return { records, end, stop: 'bad', need: 0 }
    if (size > rest.length) return { records, end, stop: 'short', need: size }
    const places = placesIn(rest, size)
    if (places === undefined) return { records, end, stop: 'bad', need: 0 }
    for (const place of places) records.push({ start: end + place.start, length: place.length })
    end += size
  }
}

/** Whether a good batch begins anywhere after the first byte of `bytes`, which start at a bad one. */
export function hidesBatch(marker: Uint8Array, bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(marker[0]!, 1); at !== -1; at = bytes.indexOf(marker[0]!, at + 1)) {
    const rest = bytes.subarray(at)
    if (rest.length < BATCH_OVERHEAD_BYTES) return false
    const size = batchSize(marker, rest)
    if (size !== undefined && size <= rest.length && placesIn(rest, size)) return true
  }
  return false
}

function batchSize(marker: Uint8Array, bytes: Uint8Array): number | undefined {
  for (let i = 0; i < Math.min(MARKER_BYTES, bytes.length); i++) {
    if (bytes[i] !== marker[i]) return undefined
  }
  if (bytes.length < BATCH_OVERHEAD_BYTES) return BATCH_OVERHEAD_BYTES
  const length = viewOf(bytes).getUint32(MARKER_BYTES, true)
  if (length < RECORD_OVERHEAD_BYTES || length > MAX_BODY_BYTES) return undefined
  return BATCH_OVERHEAD_BYTES + length
}

function placesIn(bytes: Uint8Array, size: number): RecordPlace[] | undefined {
  const view = viewOf(bytes)
  if (view.getUint32(MARKER_BYTES + 4, true) !== checksum(bytes, size - BATCH_OVERHEAD_BYTES)) {
    return undefined
  }
  const places: RecordPlace[] = []
  let at = BATCH_OVERHEAD_BYTES
  while (at < size) {
    if (at + RECORD_OVERHEAD_BYTES > size) return undefined
    const length = view.getUint32(at, true)
    const start = at + RECORD_OVERHEAD_BYTES
    if (start + length > size) return undefined
    places.push({ start, length })
    at = start + length
  }
  return places
}

function checksum(batch: Uint8Array, bodyLength: number): number {
  const length = batch.subarray(MARKER_BYTES, MARKER_BYTES + 4)
  const body = batch.subarray(BATCH_OVERHEAD_BYTES, BATCH_OVERHEAD_BYTES + bodyLength)
  return crc32c(body, crc32c(length))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
