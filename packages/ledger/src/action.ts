/**
 * Actions: what members can propose and the charter's rules approve.
 *
 * @module
 */
import { bytesSchema, hashSchema, textSchema } from '@folkmoot/codec'
import { amendmentSchema, peerIdSchema } from '@folkmoot/identity'
import * as v from 'valibot'
import {
  MAX_MANIFEST_BYTES,
  MAX_ORG_LENGTH,
  MAX_REASON_LENGTH,
  MAX_RECORD_BYTES,
  MAX_VOTERS,
} from './limits.ts'

function action<const Kind extends string, const Body extends v.GenericSchema>(
  kind: Kind,
  body: Body,
) {
  return v.strictObject({ kind: v.literal(kind), body })
}

export const orgSchema = textSchema(MAX_ORG_LENGTH)

export const actionSchema = v.variant('kind', [
  action('invitation.create', v.strictObject({ invitation: bytesSchema(MAX_RECORD_BYTES) })),
  action(
    'study.open',
    v.strictObject({ manifest: bytesSchema(MAX_MANIFEST_BYTES), manifestId: hashSchema }),
  ),
  action('study.close', v.strictObject({ study: hashSchema })),
  action(
    'member.revoke',
    v.strictObject({ peer: peerIdSchema, reason: textSchema(MAX_REASON_LENGTH) }),
  ),
  /** With `seat` whoever accepts votes from the next epoch on; without, they stand by. */
  action('voter.offer', v.strictObject({ peer: peerIdSchema, org: orgSchema, seat: v.boolean() })),
  /** Also takes back an offer, or sends a stand-by home. */
  action('voter.remove', v.strictObject({ peer: peerIdSchema })),
  /** The same voters with new keys. */
  action('voter.rotate', v.strictObject({})),
  action('charter.amend', amendmentSchema),
  /** From one founder to voters; only while the founder decides alone. */
  action(
    'engine.change',
    v.strictObject({
      engine: v.picklist(['bft', 'raft']),
      voters: v.pipe(
        v.array(v.strictObject({ peer: peerIdSchema, org: orgSchema })),
        v.minLength(1),
        v.maxLength(MAX_VOTERS),
        v.check(
          (voters) => new Set(voters.map(({ peer }) => peer)).size === voters.length,
          'voters that differ',
        ),
      ),
    }),
  ),
])

export type Action = v.InferOutput<typeof actionSchema>
export type ActionKind = Action['kind']
export type ActionOf<Kind extends ActionKind> = Extract<Action, { kind: Kind }>
