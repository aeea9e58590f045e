/**
 * Answers by which certificate the history here crosses a view: from the entry that was decided in
 * it, else from what a voter kept of the views in which nothing was.
 *
 * @module
 */
import { parseHeader } from '../header.ts'
import type { FinalEntry, Height } from '../replicated-log.ts'
import { encodeCertificate } from './certificate.ts'
import { type Crossed, certificateOf } from './fork-crossing.ts'

export interface CrossedLog {
  readonly height: Height
  entryAt(height: Height): Promise<FinalEntry | undefined>
  /** What a voter kept, see `crossings.ts` of `consensus-bft`; absent where nobody votes. */
  kept?(crossed: Crossed): Promise<Uint8Array | undefined>
}

/** An encoded certificate, or undefined where this log does not show one; about 20 entries are read. */
export async function answerCrossing(
  log: CrossedLog,
  crossed: Crossed,
): Promise<Uint8Array | undefined> {
  const at = await firstFrom(log, crossed)
  // Of a void block only the entry before it has the certificate.
  for (const height of [at, at - 1]) {
    const entry = await log.entryAt(height)
    const found = entry && certificateOf(entry.proof)
    if (found?.epoch === crossed.epoch && found.view === crossed.view) {
      return encodeCertificate(found)
    }
  }
  return log.kept?.(crossed)
}

/** Height of the first stored entry of this view or a later one; above the log where there is none. */
async function firstFrom(log: CrossedLog, { epoch, view }: Crossed): Promise<Height> {
  let [low, high] = [1, log.height + 1]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const entry = await log.entryAt(middle)
    const parsed = entry && parseHeader(entry.header)
    // What a snapshot covers lies below whatever is stored.
    const header = parsed?.ok ? parsed.header : { epoch: 0, bft: undefined }
    const isBefore =
      header.epoch < epoch || (header.epoch === epoch && (header.bft?.view ?? 0) < view)
    if (isBefore) low = middle + 1
    else high = middle
  }
  return low
}
