/**
 * What somebody is answered who wants to know what is final without believing anybody: the newest
 * decision with the way to it from the charter, voters, and places in the history. Loaded with the
 * first question.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { type EpochLink, encodeVoterSet, type NewestEntry, parseHeader } from '@folkmoot/consensus'
import type { FederationCode } from '../codes.ts'
import type { SharedLedger } from '../ledger/shared-ledger.ts'
import { maxBatchBytes } from '../services.ts'

/** As many as an answer takes. */
const maxLinks = 256

/** The newest decision here; undefined before the first. Links and proof are of one moment. */
export async function newestOf(
  ledger: SharedLedger,
  from: number,
): Promise<NewestEntry | undefined> {
  const { height } = ledger.status()
  const links = ledger.epochLinks()
  const first = links[0] ? epochOf(links[0]) : 0
  const entry = await ledger.entryAt(height)
  return entry && { links: links.slice(Math.max(0, from - first)), proof: entry.proof }
}

export async function answerNewest(
  ledger: SharedLedger,
  from: number,
): Promise<
  Verdict<{ output: { links: EpochLink[]; proof: NewestEntry['proof']; more: boolean } }>
> {
  const newest = await newestOf(ledger, from)
  if (!newest) return notHeld('nothing is decided here yet')
  const links = firstOf(newest.links)
  const more = links.length < newest.links.length
  return { ok: true, output: { links: [...links], proof: newest.proof, more } }
}

export async function answerVoters(ledger: SharedLedger, epoch: number) {
  const set = ledger.anchor().sets.setOf(epoch)
  if (!set) return notHeld('that epoch is not known here')
  return { ok: true as const, output: { set: encodeVoterSet(set) } }
}

export async function answerHistory(ledger: SharedLedger, height: number, under: number) {
  try {
    return { ok: true as const, output: await ledger.proveHistory(height, under) }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return notHeld('that entry is not stored here')
  }
}

function notHeld(what: string) {
  return refuse('federation/not-held' satisfies FederationCode, what)
}

/** As many links as fit one answer, and always one. */
function firstOf(links: readonly EpochLink[]): readonly EpochLink[] {
  let bytes = 0
  const fits = links.slice(0, maxLinks).findIndex(({ proof, nextSet }, at) => {
    const quorum = 'certificate' in proof ? proof.certificate : 'receipt' in proof && proof.receipt
    bytes += nextSet.length + (quorum ? quorum.length : 0) + linkOverhead
    return at > 0 && bytes > maxBatchBytes
  })
  return links.slice(0, fits < 0 ? maxLinks : fits)
}

/** Two headers and an audit path. */
const linkOverhead = 3 * 1024

function epochOf({ proof }: EpochLink): number {
  const parsed = parseHeader(proof.header)
  return parsed.ok ? parsed.header.epoch : 0
}
