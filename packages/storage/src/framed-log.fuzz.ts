/**
 * A log file after whatever happened to it.
 *
 * @module
 */
import {
  frameBatch,
  HEADER_BYTES,
  hidesBatch,
  logHeader,
  readLogHeader,
  scanBatches,
} from './framed-log.ts'

const marker = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
const parts = [
  logHeader(marker),
  frameBatch(marker, [Uint8Array.of(1), new Uint8Array()]),
  frameBatch(marker, [new Uint8Array(100)]),
]
const whole = Uint8Array.from(parts.flatMap((part) => [...part]))

export const name = 'storage/framed-log'
export const seeds = [whole, whole.subarray(0, whole.length - 1), whole.subarray(0, HEADER_BYTES)]

export function run(bytes: Uint8Array): unknown {
  const header = readLogHeader(bytes)
  if (!header.ok) return header
  const rest = bytes.subarray(HEADER_BYTES)
  const scan = scanBatches(header.marker, rest)
  hidesBatch(header.marker, rest.subarray(scan.end))
  return { ok: scan.stop === 'end' }
}
