/**
 * Headers of the ustar format, so that any tar program can list and unpack a backup.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { CliCode } from '../codes.ts'

export const BLOCK = 512

export interface TarEntry {
  /** Relative, with `/`, at most 100 bytes. */
  readonly path: string
  readonly size: number
}

export function backupError(message: string, cause?: unknown): FederationError<CliCode> {
  return new FederationError<CliCode>('cli/backup', message, { cause })
}

function checksum(header: Uint8Array): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0)
}

/** Bytes that fill up the last block of a file of this size. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

export function tarHeader({ path, size }: TarEntry): Uint8Array {
  const header = new Uint8Array(BLOCK)
  const put = (at: number, text: string) => header.set(new TextEncoder().encode(text), at)
  if (new TextEncoder().encode(path).length > 100) throw backupError(`${path} is too long a name`)
  put(0, path)
  put(100, '0000600\0')
  put(108, '0000000\0')
  put(116, '0000000\0')
  put(124, `${size.toString(8).padStart(11, '0')}\0`)
  put(136, '00000000000\0')
  put(156, '0')
  put(257, 'ustar\x0000')
  put(148, `${checksum(header).toString(8).padStart(6, '0')}\0 `)
  return header
}

/** The entry that a header describes, or undefined for the zeros at the end. */
export function readTarHeader(header: Uint8Array): TarEntry | undefined {
  if (header.every((byte) => byte === 0)) return undefined
  const text = (from: number, to: number) =>
    new TextDecoder().decode(header.subarray(from, to)).replace(/\0.*$/s, '').trim()
  const stated = Number.parseInt(text(148, 156), 8)
  if (stated !== checksum(header)) throw backupError('a header is damaged')
  const path = text(0, 100)
  const size = Number.parseInt(text(124, 136), 8)
  const safe = /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/.test(path)
  if (!safe || path.split('/').includes('..') || !Number.isSafeInteger(size) || size < 0) {
    throw backupError('it holds a name that no state folder has')
  }
  return { path, size }
}
