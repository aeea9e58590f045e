/**
 * Proof that two histories were decided: two final headers of which one history holds at most one.
 * They share a height and differ; or the later one does not follow from the one before it; or the
 * later one's history holds another block at the height of the earlier. Under a founder that names
 * the liar; of voters, `bft/fork-culprits.ts` names those who signed for both: where the two were
 * decided in different views, by the certificate with which one history crosses the view of the
 * other, if it was found.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, encode, equalBytes, parse } from '@folkmoot/codec'
import type { Checker } from '@folkmoot/identity'
import * as v from 'valibot'
import { type Certificate, certificateItems, parseCertificate } from './bft/certificate.ts'
import { decidedBy, isCrossing } from './bft/fork-crossing.ts'
import { checkItems } from './check-items.ts'
import type { ConsensusCode } from './codes.ts'
import type { VerifyItem } from './core.ts'
import {
  type FinalityAnchor,
  type FinalityProof,
  finalityItems,
  finalityProofSchema,
} from './finality.ts'
import { blockId, type Header, parseHeader } from './header.ts'
import { type HistoryProof, historyProofSchema, verifyHistory } from './history.ts'
import { MAX_CERTIFICATE_BYTES, MAX_FORK_BYTES } from './limits.ts'

/** What is not needed is left out at the end, and null before it. */
const evidenceSchema = v.strictTuple([
  v.literal('fork'),
  finalityProofSchema,
  finalityProofSchema,
  v.nullish(historyProofSchema),
  v.optional(bytesSchema(MAX_CERTIFICATE_BYTES)),
])

/** What evidence of a fork holds. */
export interface Fork {
  readonly first: FinalityProof
  readonly second: FinalityProof
  /** Where the two lie apart: the other block that the history of `second` holds at the height of `first`. */
  readonly other?: HistoryProof | undefined
  /** By what one history crosses the view in which the other was decided. */
  readonly crossing?: Certificate | undefined
}

/**
 * Packs two proofs, the lower height first; where they lie apart, with the other block that the
 * history of the second holds at the height of the first.
 */
export function encodeForkEvidence(
  first: FinalityProof,
  second: FinalityProof,
  other?: HistoryProof,
  crossing?: Uint8Array,
): Uint8Array {
  const apart = other && { ...other, path: [...other.path] }
  if (crossing) return encode(['fork', first, second, apart ?? null, crossing])
  return apart ? encode(['fork', first, second, apart]) : encode(['fork', first, second])
}

/** What is in it, unchecked; undefined where the bytes are no evidence of a fork. */
export function parseForkEvidence(bytes: Uint8Array): Fork | undefined {
  const parsed = parse(evidenceSchema, bytes, {
    maxBytes: MAX_FORK_BYTES,
    maxDepth: 5,
    integralFloats: false,
  })
  if (!parsed.ok) return undefined
  const [, first, second, other, encoded] = parsed.value
  const crossing = encoded && parseCertificate(encoded)
  if (crossing && !crossing.ok) return undefined
  return { first, second, other: other ?? undefined, crossing: crossing?.certificate }
}

/** Checks evidence by whose decisions count alone; an honest founder or quorum can never be accused. */
export async function verifyForkEvidence(
  checker: Checker,
  anchor: FinalityAnchor,
  bytes: Uint8Array,
): Promise<Verdict<{ height: number }>> {
  const fork = parseForkEvidence(bytes)
  if (!fork) return refused('this is no evidence of a fork')
  const { first, second, other } = fork
  // All that is seen without signatures comes before the first of them: whoever says what proves
  // nothing here, as nobody is known to decide in an epoch, must not cost hundreds of them.
  if (!contradict(fork)) return refused('the two headers can be part of one history')
  if (!isConvicting(fork)) return refused('its last certificate contradicts neither decision')
  const a = finalityItems(anchor, first)
  if (!a.ok) return a
  const b = finalityItems(other ? withoutEnds(anchor) : anchor, second)
  if (!b.ok) return b
  const crossed = crossingItems(anchor, fork)
  if (!crossed.ok) return crossed
  const items = [...a.items, ...b.items, ...crossed.items]
  if (!(await checkItems(checker, items))) {
    const code = 'consensus/signature' satisfies ConsensusCode
    return refuse(code, 'evidence: it is not signed')
  }
  return { ok: true, height: a.header.height }
}

function contradict({ first, second, other }: Fork): boolean {
  const [a, b] = [parseHeader(first.header), parseHeader(second.header)]
  if (!a.ok || !b.ok) return false
  return other
    ? differ(a.header, first, b.header, other)
    : areApart(a.header, first, b.header, second)
}

function isConvicting({ first, second, crossing }: Fork): boolean {
  if (!crossing) return true
  const decided = decidedBy(first, second)
  return !!decided && isCrossing(decided, crossing)
}

/**
 * What is compared lies at the height of the first header, which is bound by the end of its epoch;
 * where the epoch ended elsewhere in the history of the second is part of what is proven.
 */
function withoutEnds(anchor: FinalityAnchor): FinalityAnchor {
  const sets = { setOf: anchor.sets.setOf.bind(anchor.sets), endOf: () => undefined }
  return { ...anchor, sets }
}

function crossingItems(
  { instance, sets }: FinalityAnchor,
  { crossing }: Fork,
): Verdict<{ items: readonly VerifyItem[] }> {
  // Of the epoch of two decisions, so its voters are known.
  const set = crossing && sets.setOf(crossing.epoch)
  return set ? certificateItems(instance, set, crossing) : { ok: true, items: [] }
}

type Placed = Pick<Header, 'height' | 'parentHash' | 'historyRoot'>

function areApart(a: Placed, first: FinalityProof, b: Placed, second: FinalityProof) {
  if (a.height === b.height) return !equalBytes(first.header, second.header)
  return b.height === a.height + 1 && !equalBytes(b.parentHash, blockId(first.header))
}

/** Whether the history of `b` holds another block than `first` at the height of `a`. */
function differ(a: Placed, first: FinalityProof, b: Placed, other: HistoryProof) {
  const held = verifyHistory(b, other)
  return held.ok && held.height === a.height && !equalBytes(other.header, first.header)
}

function refused(why: string) {
  return refuse('consensus/evidence' satisfies ConsensusCode, `evidence: ${why}`)
}
