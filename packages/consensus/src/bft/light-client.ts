/**
 * Knows what is final without keeping a log: an anchor from the charter or an invitation, the last
 * entries of epochs, and one recent certificate. Two peers are asked, so that one cannot hide a
 * fork; where both prove different histories, the proofs are kept for all to see and this client
 * believes nothing more.
 *
 * @module
 */
import { type Fault, type Millis, refuse, type Verdict } from '@folkmoot/base'
import { equalBytes, sha256 } from '@folkmoot/codec'
import type { Checker, Invitation, PeerId } from '@folkmoot/identity'
import type { ConsensusCode } from '../codes.ts'
import type { FinalHeader, FinalityAnchor } from '../finality.ts'
import { type HistoryProof, verifyHistory } from '../history.ts'
import type { Height } from '../replicated-log.ts'
import { type CharterFacts, KnownEpochs } from './epoch-chain.ts'
import { askClaim, compareClaims, type LightClaim, type LightPeer } from './light-claim.ts'
import { checkSeats, parseVoterSet, voterSetHash } from './voter-set.ts'

/** How often an idle federation of voters still decides an empty entry, in ms. */
export const HEARTBEAT_MS = 60_000

export interface LightClientInit {
  readonly checker: Checker
  readonly facts: CharterFacts
  /** From the invitation; default the charter, from which every epoch is followed. */
  readonly anchor?: Invitation['anchor']
  /** Default {@link HEARTBEAT_MS}. */
  readonly heartbeatMs?: Millis
}

/** What an update brought. */
export interface LightUpdate {
  readonly tip: FinalHeader
  /** How many of the peers proved this history; below two nobody vouches that there is no other. */
  readonly confirmedBy: number
  /** Which ones. */
  readonly confirmers: readonly PeerId[]
  /** Peers that were no help, with what was wrong. */
  readonly faults: readonly { readonly peer: PeerId; readonly fault: Fault }[]
}

export interface LightClient {
  /** The newest entry that was proven; undefined before the first. */
  readonly tip: FinalHeader | undefined
  /** For `verifyFinality` and `verifyEvidence`; undefined until the anchor's voters are known. */
  readonly anchor: FinalityAnchor | undefined
  /** Proof of two decided histories, to be published; set once that has been seen. */
  readonly evidence: Uint8Array | undefined
  /** Whether the newest entry is older than two heartbeats: what is known may be out of date. */
  isStale(now: Millis): boolean
  /** Asks these peers, two or more of different owners, and moves to the newest proven entry. */
  update(peers: readonly LightPeer[]): Promise<Verdict<LightUpdate>>
  /** Checks an older entry by its place in the history of the newest. */
  checkEntry(
    proof: HistoryProof,
  ): Verdict<{ height: Height; stateRoot: Uint8Array; payloadHash: Uint8Array }>
}

export function createLightClient(init: LightClientInit): LightClient {
  const { checker, facts, anchor, heartbeatMs = HEARTBEAT_MS } = init
  let known = startOf(facts, anchor)
  let newest: LightClaim | undefined
  let evidence: Uint8Array | undefined
  /** Set when the anchor contradicts the charter: then there is nothing to believe. */
  const broken = known === 'contradiction'

  async function learnAnchor(peers: readonly LightPeer[]): Promise<void> {
    for (const peer of peers) {
      if (known instanceof KnownEpochs || !anchor) return
      const bytes = await peer.voters(anchor.epoch).catch(() => undefined)
      if (!bytes || !equalBytes(sha256(bytes), anchor.setHash)) continue
      const parsed = parseVoterSet(bytes)
      if (!parsed.ok || parsed.set.epoch !== anchor.epoch) continue
      if (checkSeats(parsed.set, facts).ok) known = KnownEpochs.from(facts, parsed.set)
    }
  }

  async function update(peers: readonly LightPeer[]): Promise<Verdict<LightUpdate>> {
    if (evidence) return forked()
    if (broken) return refused('consensus/epoch', 'the invitation contradicts the charter')
    await learnAnchor(peers)
    if (!(known instanceof KnownEpochs)) {
      return refused('consensus/no-answer', 'no peer knows the voters that the invitation names')
    }
    const faults: { peer: PeerId; fault: Fault }[] = []
    const claims: LightClaim[] = []
    const epochs = known
    const asked = [...new Map(peers.map((each) => [each.peer, each])).values()].map(
      async (each) => ({ peer: each.peer, answer: await askClaim(checker, epochs, each) }),
    )
    for (const { peer, answer } of await Promise.all(asked)) {
      if (answer.ok) claims.push(answer.claim)
      else faults.push({ peer, fault: answer.fault })
    }
    claims.sort((a, b) => b.epochs.current - a.epochs.current || b.tip.height - a.tip.height)
    // What was known is compared as well: nobody may lead this client to another history later.
    const before = newest
    let [best] = claims
    if (before && best && best.tip.height < before.tip.height) best = before
    if (!best) return refused('consensus/no-answer', faults[0]?.fault.message ?? 'nobody was asked')
    const confirmers: PeerId[] = []
    for (const claim of before ? [...claims, before] : claims) {
      const compared = await compareClaims(best, claim)
      if (compared.kind === 'fork') {
        evidence = compared.evidence
        return forked()
      }
      if (compared.kind === 'agree' && claim.from) confirmers.push(claim.from.peer)
      if (compared.kind === 'unproven' && best !== before) {
        // Its own history does not hold what others proved, or it does not say: not believed.
        const peer = (compared.by ?? best.from)!.peer
        const others = peers.filter((each) => each.peer !== peer)
        const fault = { code: 'consensus/proof', message: 'its history could not be compared' }
        const again = await update(others)
        return again.ok ? { ...again, faults: [...again.faults, { peer, fault }] } : again
      }
    }
    newest = best
    known = best.epochs
    return { ok: true, tip: best.tip, confirmedBy: confirmers.length, confirmers, faults }
  }

  function forked() {
    return refuse('consensus/fork', 'two histories were decided', evidence)
  }

  return {
    get tip() {
      return newest?.tip
    },
    get anchor() {
      return known instanceof KnownEpochs ? known.anchor : undefined
    },
    get evidence() {
      return evidence
    },
    isStale: (now) => !newest || now - newest.tip.time > 2 * heartbeatMs,
    update,
    checkEntry: (proof) => {
      if (evidence) return forked()
      if (!newest) return refused('consensus/no-answer', 'nothing is known to be final yet')
      return verifyHistory(newest.tip, proof)
    },
  }
}

/** What is trusted before anybody is asked; undefined where the voters must be fetched by their hash. */
function startOf(
  facts: CharterFacts,
  anchor: Invitation['anchor'] | undefined,
): KnownEpochs | 'contradiction' | undefined {
  if (!anchor || anchor.epoch === 0) return new KnownEpochs(facts)
  if (anchor.epoch > 1 || !facts.firstSet) return undefined
  const same = equalBytes(voterSetHash(facts.firstSet), anchor.setHash)
  return same ? new KnownEpochs(facts) : 'contradiction'
}

function refused(code: ConsensusCode, message: string) {
  return refuse(code, message)
}
