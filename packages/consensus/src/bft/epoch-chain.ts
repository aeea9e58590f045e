/**
 * Who decides in which epoch, followed from the charter: the last entry of an epoch is decided by
 * its voters and names the next ones, so a chain of last entries leads to any set.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, equalBytes, sha256 } from '@folkmoot/codec'
import type { Charter, Checker, FederationId, PeerId } from '@folkmoot/identity'
import { publicKeyOf } from '@folkmoot/identity'
import * as v from 'valibot'
import type { ConsensusCode } from '../codes.ts'
import {
  type EpochSets,
  type FinalityAnchor,
  type FinalityProof,
  finalityProofSchema,
  verifyFinality,
} from '../finality.ts'
import { parseHeader } from '../header.ts'
import { MAX_EPOCH_LINKS, MAX_VOTER_SET_BYTES } from '../limits.ts'
import { makeVoterSet } from './make-voter-set.ts'
import { checkSeats, parseVoterSet, type VoterSet } from './voter-set.ts'

/** One step of the chain: the last entry of an epoch, and the encoded voters that it names. */
export interface EpochLink {
  readonly proof: FinalityProof
  readonly nextSet: Uint8Array
}

export const epochLinkSchema = v.strictObject({
  proof: finalityProofSchema,
  nextSet: bytesSchema(MAX_VOTER_SET_BYTES),
})

/** What a charter says about who decides first. */
export interface CharterFacts {
  readonly instance: FederationId
  readonly founder: PeerId
  readonly crossOrg: boolean
  /** The voters of epoch 1; null where the founder alone begins. */
  readonly firstSet: VoterSet | null
  /** Voters of a later epoch that somebody trusted has named, by the hash of their set. */
  readonly anchor?: { readonly epoch: number; readonly setHash: Uint8Array }
}

/** Reads them from an opened charter. Voters without a named organisation are one each. */
export function charterFacts(
  charter: Pick<Charter, 'founder' | 'engine' | 'voters' | 'voteKeys' | 'orgs' | 'crossOrg'>,
  instance: FederationId,
): Verdict<{ facts: CharterFacts }> {
  const { founder, crossOrg, engine } = charter
  if (engine === 'solo') {
    return { ok: true, facts: { instance, founder, crossOrg, firstSet: null } }
  }
  const voters = charter.voters.map((peer, i) => ({
    peer,
    voteKey: charter.voteKeys?.[i] ?? publicKeyOf(peer),
    org: charter.orgs?.[i] ?? peer,
  }))
  const made = makeVoterSet({ epoch: 1, engine, voters, crossOrg })
  return made.ok ? { ok: true, facts: { instance, founder, crossOrg, firstSet: made.set } } : made
}

/** Sets as they become known, epoch after epoch. */
export class KnownEpochs implements EpochSets {
  readonly links: EpochLink[] = []
  readonly #facts: CharterFacts
  readonly #sets = new Map<number, VoterSet>()
  readonly #ends = new Map<number, number>()
  /** The epoch that runs. */
  current: number

  constructor(facts: CharterFacts) {
    this.#facts = facts
    this.current = facts.firstSet ? 1 : 0
    if (facts.firstSet) {
      this.#sets.set(1, facts.firstSet)
      this.#ends.set(0, 0)
    }
  }

  /**
   * From a set that is trusted already, as an invitation names it by its hash. Nothing before its
   * epoch is known, and no proof of the founder counts: older entries are proven by history.
   */
  static from(facts: CharterFacts, set: VoterSet): KnownEpochs {
    const epochs = new KnownEpochs(facts)
    epochs.#sets.clear()
    epochs.#sets.set(set.epoch, set)
    epochs.#ends.set(0, 0)
    epochs.current = set.epoch
    return epochs
  }

  /** A copy that learns on its own. */
  copy(): KnownEpochs {
    const copy = new KnownEpochs(this.#facts)
    copy.#sets.clear()
    for (const [epoch, set] of this.#sets) copy.#sets.set(epoch, set)
    for (const [epoch, end] of this.#ends) copy.#ends.set(epoch, end)
    copy.links.push(...this.links)
    copy.current = this.current
    return copy
  }

  /** Against which proofs are checked. */
  get anchor(): FinalityAnchor {
    return { instance: this.#facts.instance, founder: this.#facts.founder, sets: this }
  }

  setOf(epoch: number): VoterSet | undefined {
    return this.#sets.get(epoch)
  }

  endOf(epoch: number): number | undefined {
    return this.#ends.get(epoch)
  }

  /** Whether a link's voters are those its header names and may decide next. Its finality is the caller's to check. */
  checkLink(link: EpochLink): Verdict<{ height: number; set: VoterSet }> {
    const head = parseHeader(link.proof.header)
    if (!head.ok) return head
    const { epoch, height, nextSetHash } = head.header
    if (epoch !== this.current) return refused('the link is not about the epoch that runs')
    if (!nextSetHash) return refused('the entry does not end its epoch')
    if (!equalBytes(sha256(link.nextSet), nextSetHash)) return refused('it names other voters')
    const parsed = parseVoterSet(link.nextSet)
    if (!parsed.ok) return parsed
    const { set } = parsed
    if (set.epoch !== epoch + 1) return refused('its voters are of another epoch')
    const { anchor } = this.#facts
    if (anchor?.epoch === set.epoch && !equalBytes(anchor.setHash, nextSetHash)) {
      return refused('its voters are not those that the invitation names')
    }
    const fit = checkSeats(set, this.#facts)
    return fit.ok ? { ok: true, height, set } : fit
  }

  /** Ends the epoch that runs by a link whose entry is final. */
  advance(link: EpochLink): Verdict<{ set: VoterSet }> {
    const checked = this.checkLink(link)
    if (!checked.ok) return checked
    const { height, set } = checked
    this.#ends.set(this.current, height)
    this.#sets.set(set.epoch, set)
    this.links.push(link)
    this.current = set.epoch
    return { ok: true, set }
  }
}

/** Follows a chain of links from the charter, checking every one. */
export async function verifyEpochChain(
  checker: Checker,
  facts: CharterFacts,
  links: readonly EpochLink[],
): Promise<Verdict<{ sets: KnownEpochs }>> {
  const sets = new KnownEpochs(facts)
  const followed = await followEpochs(checker, sets, links)
  return followed.ok ? { ok: true, sets } : followed
}

/** Goes on from what is known, checking every link; stops at the first that does not hold. */
export async function followEpochs(
  checker: Checker,
  sets: KnownEpochs,
  links: readonly EpochLink[],
): Promise<Verdict> {
  if (links.length > MAX_EPOCH_LINKS) return refused('the chain is longer than any federation')
  let height = sets.endOf(sets.current - 1) ?? 0
  for (const link of links) {
    if (!v.is(epochLinkSchema, link)) {
      return refuse('consensus/malformed' satisfies ConsensusCode, 'this is no link of epochs')
    }
    const checked = sets.checkLink(link)
    if (!checked.ok) return checked
    if (checked.height <= height) return refused('an epoch ends before the one before it')
    const final = await verifyFinality(checker, sets.anchor, link.proof)
    if (!final.ok) return final
    const advanced = sets.advance(link)
    if (!advanced.ok) return advanced
    height = checked.height
  }
  return { ok: true }
}

function refused(why: string) {
  return refuse('consensus/epoch' satisfies ConsensusCode, `epochs: ${why}`)
}
