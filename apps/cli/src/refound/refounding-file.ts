/**
 * A founding anew as a file that old members hand round and sign: the new charter, the way from the
 * old one to the last certified block, and the word of each who goes along.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, encode, parse } from '@folkmoot/codec'
import { epochLinkSchema, finalityProofSchema } from '@folkmoot/consensus'
import { factProofSchema, type RefoundingClaim } from '@folkmoot/ledger'
import * as v from 'valibot'
import type { CliCode } from '../codes.ts'

const MAX_CHARTER_BYTES = 66_000
const MAX_EPOCHS = 65_536
/** As many as `verifyRefounding` checks. */
const MAX_SIGNED = 1_000
const limits = { maxBytes: 256 << 20, maxItems: 10_000_000 }

const fileSchema = v.strictObject({
  v: v.literal(1),
  charter: bytesSchema(MAX_CHARTER_BYTES),
  oldCharter: bytesSchema(MAX_CHARTER_BYTES),
  links: v.pipe(v.array(epochLinkSchema), v.maxLength(MAX_EPOCHS)),
  last: finalityProofSchema,
  signed: v.pipe(
    v.array(v.strictObject({ record: bytesSchema(2_048), member: factProofSchema })),
    v.maxLength(MAX_SIGNED),
  ),
})

export function encodeRefounding(claim: RefoundingClaim): Uint8Array {
  const links = claim.links.map(({ proof, nextSet }) => ({ proof: { ...proof }, nextSet }))
  const signed = claim.signed.map(({ record, member }) => ({ record, member: { ...member } }))
  return encode({ v: 1, ...claim, links, last: { ...claim.last }, signed })
}

/** Reads the form alone; what it claims is for `verifyRefounding`. */
export function parseRefounding(bytes: Uint8Array): Verdict<{ claim: RefoundingClaim }> {
  const parsed = parse(fileSchema, bytes, limits)
  if (!parsed.ok) {
    return refuse(
      'cli/refound' satisfies CliCode,
      `this is no re-founding: ${parsed.fault.message}`,
    )
  }
  const { v: _, ...claim } = parsed.value
  return { ok: true, claim }
}
