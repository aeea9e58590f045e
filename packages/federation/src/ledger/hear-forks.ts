/**
 * Entries and proofs of a fork as others tell them: takes each, passes on what is true and new, and
 * listens no more to whoever says what is false.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { OpenedLedger } from './open-ledger.ts'

export interface HearForksInit {
  readonly ledger: Pick<OpenedLedger, 'accept' | 'evidence'>
  /** Told that this copy has stopped at two histories that were decided; `heard`: others know of it. */
  readonly forked: (heard: boolean) => void
}

export interface ForkHearing {
  /** Takes an entry, or a proof in its place. */
  accept(entry: Uint8Array): Promise<Verdict<{ height: number }>>
  /** Judges what was told by gossip and is no entry; what it refuses is not told on. */
  heard(bytes: Uint8Array, from: PeerId): Promise<Verdict>
}

/** What nobody can have taken for proof of a fork. Whoever knows less than this peer may say the rest. */
const isFalse = /^consensus\/(evidence|signature|certificate|proof)$/

export function hearForks({ ledger, forked }: HearForksInit): ForkHearing {
  /** No more than there are members: nobody else is heard. */
  const liars = new Set<PeerId>()
  const accept: ForkHearing['accept'] = async (entry) => {
    const known = ledger.evidence()
    const verdict = await ledger.accept(entry)
    if (!known && ledger.evidence()) forked(verdict.ok)
    return verdict
  }
  return {
    accept,
    heard: async (bytes, from) => {
      if (liars.has(from)) return refuse('consensus/malformed', 'it has said what is false before')
      const verdict = await accept(bytes)
      if (!verdict.ok && isFalse.test(verdict.fault.code)) liars.add(from)
      return verdict
    },
  }
}
