/**
 * Answers what somebody asks who wants to know what is final without believing anybody: the newest
 * decision with the way to it from the charter, voters, and places in the history.
 *
 * @module
 */
import { refuse } from '@folkmoot/base'
import { type EpochLink, encodeVoterSet, type NewestEntry, parseHeader } from '@folkmoot/consensus'
import type { FederationCode } from '../codes.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { SharedLedger } from '../ledger/shared-ledger.ts'
import { ledgerHistory, ledgerNewest, ledgerVoters, maxBatchBytes } from '../services.ts'

/** A check asks each peer a few questions; nobody has to check every second. */
const exposure = { to: 'members', maxConcurrent: 16, ratePerMinute: 60 } as const
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

export function serveClaims(exchange: Pick<Exchange, 'expose'>, ledger: SharedLedger): void {
  const notHeld = (what: string) => refuse('federation/not-held' satisfies FederationCode, what)
  exchange.expose({
    capability: ledgerNewest,
    exposure,
    handler: async ({ from }) => {
      const newest = await newestOf(ledger, from)
      if (!newest) return notHeld('nothing is decided here yet')
      const links = firstOf(newest.links)
      const more = links.length < newest.links.length
      return { ok: true, output: { links: [...links], proof: newest.proof, more } }
    },
  })
  exchange.expose({
    capability: ledgerVoters,
    exposure,
    handler: async ({ epoch }) => {
      const set = ledger.anchor().sets.setOf(epoch)
      if (!set) return notHeld('that epoch is not known here')
      return { ok: true, output: { set: encodeVoterSet(set) } }
    },
  })
  exchange.expose({
    capability: ledgerHistory,
    exposure,
    handler: async ({ height, under }) => {
      try {
        return { ok: true, output: await ledger.proveHistory(height, under) }
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        return notHeld('that entry is not stored here')
      }
    },
  })
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
