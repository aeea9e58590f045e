/**
 * Where the audit log keeps, in the key-value store, what does not belong in the tree.
 *
 * @module
 */

/** Which log is current, and where its entries begin in the append log. */
export const CURRENT_KEY = 'audit/current'

/** Every key of every log begins so. */
export const LOGS_PREFIX = 'audit/'

/** Whether `key` holds content of some log. */
export function isContentKey(key: string): boolean {
  return /^audit\/[0-9a-f]{32}\/content\/\d{16}$/.test(key)
}

export interface LogKeys {
  readonly statement: string
  /** Bytes of content kept, and a number of entries that are known to be durable. */
  readonly usage: string
  /** The last checkpoint's note. */
  readonly latest: string
  readonly checkpoints: string
  readonly contents: string
  checkpoint(size: number): string
  content(seq: number): string
}

export function logKeys(logId: string): LogKeys {
  const folder = `audit/${logId}`
  return {
    statement: `${folder}/statement`,
    usage: `${folder}/usage`,
    latest: `${folder}/latest`,
    checkpoints: `${folder}/checkpoint/`,
    contents: `${folder}/content/`,
    checkpoint: (size) => `${folder}/checkpoint/${digits(size)}`,
    content: (seq) => `${folder}/content/${digits(seq)}`,
  }
}

/** Sixteen digits hold every safe integer, so that keys sort as numbers. */
function digits(value: number): string {
  return String(value).padStart(16, '0')
}
