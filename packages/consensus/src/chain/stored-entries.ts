/**
 * The append log as heights: an optional snapshot first, then one record per entry.
 *
 * @module
 */
import { type AppendLog, FederationError, refuse } from '@folkmoot/base'
import type { ConsensusCode } from '../codes.ts'
import { parseEntry } from '../entry.ts'
import type { FinalEntry, Height } from '../replicated-log.ts'

/** Records that are read at once: at most 15 MiB of entries. */
export const READ_CHUNK = 16
/** Entries answered to one request. */
const MAX_ENTRIES = 1_000
/** Bytes of entries answered to one request, unless the first alone is larger. */
const MAX_ENTRIES_BYTES = 4 * 1024 * 1024

export function corruptLog(height: Height, why: string): FederationError<ConsensusCode> {
  return new FederationError('consensus/corrupt-log', `entry ${height}: ${why}`, {
    details: { height },
    hint: 'restore the state folder from a backup, or start a follower from another copy',
  })
}

export class StoredEntries {
  /** Height below the first stored entry: that of the snapshot, or 0. */
  base: Height = 0
  /** Height of the newest entry. */
  height: Height = 0
  readonly #log: AppendLog

  constructor(log: AppendLog) {
    this.#log = log
  }

  /** Entries from a height on, as bytes; none where a snapshot covers the first of them. */
  async read(from: Height, max: number, maxBytes = MAX_ENTRIES_BYTES): Promise<Uint8Array[]> {
    const first = Math.max(1, Math.trunc(from))
    const end = Math.min(this.height, first + Math.min(Math.trunc(max), MAX_ENTRIES) - 1)
    if (first <= this.base) return []
    const result: Uint8Array[] = []
    let size = 0
    // Begins small: of large entries few are wanted.
    for (let height = first, chunk = 1; height <= end; chunk = Math.min(2 * chunk, READ_CHUNK)) {
      const until = Math.min(end, height + chunk - 1)
      const records = await this.#log.read(this.#record(height), this.#record(until) + 1)
      if (records.length === 0) throw corruptLog(height, 'the record is missing')
      for (const record of records) {
        if (result.length > 0 && size + record.length > maxBytes) return result
        result.push(record)
        size += record.length
      }
      height += records.length
    }
    return result
  }

  /** One entry; undefined where there is none or only a snapshot covers it. */
  async at(height: Height): Promise<FinalEntry | undefined> {
    if (height <= this.base || height > this.height) return undefined
    const [record] = await this.read(height, 1)
    const parsed = record && parseEntry(record)
    if (!parsed?.ok) throw corruptLog(height, 'the record cannot be read')
    const { header, proof, ops } = parsed.entry
    return {
      height,
      time: header.time,
      epoch: header.epoch,
      ops: ops.map(({ id, bytes, refusal }) => ({
        id,
        bytes,
        outcome: refusal === null ? { ok: true } : refuse(refusal, `recorded as ${refusal}`),
      })),
      header: proof.header,
      proof,
    }
  }

  #record(height: Height): number {
    return height - this.base - (this.base > 0 ? 0 : 1)
  }
}
