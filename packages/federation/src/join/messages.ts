/**
 * The join protocol's two frames, `/folkmoot/join/1`: one request of at most 4 KB, one reply.
 * It is the only thing an unknown key may say to a relay.
 *
 * @module
 */
import { bytesSchema, intSchema, textSchema } from '@folkmoot/codec'
import * as v from 'valibot'

export const joinProtocol = '/folkmoot/join/1'

/** The protocol's range that this build speaks; a relay refuses older pages in words. */
export const protocolVersion = 1

/** Largest request frame, in bytes. */
export const maxJoinFrame = 4096

/** How long a relay waits for the request and a peer for the reply, in ms. */
export const joinTimeoutMs = 5_000

const time = intSchema(0, Number.MAX_SAFE_INTEGER)

/** `redeem` is null when a member returns: the ledger already knows it. */
export const joinRequestSchema = v.strictObject({
  v: v.literal(1),
  protocol: intSchema(1, 1_000),
  nickname: textSchema(32),
  role: v.picklist(['member', 'observer']),
  /** The peer's own clock, so that both sides can name a difference. */
  now: time,
  redeem: v.nullable(
    v.strictObject({ invitation: bytesSchema(2_048), redemption: bytesSchema(512) }),
  ),
})
export type JoinRequest = v.InferOutput<typeof joinRequestSchema>

export const joinReplySchema = v.variant('ok', [
  v.strictObject({
    ok: v.literal(true),
    v: v.literal(1),
    receipt: bytesSchema(1_024),
    charter: bytesSchema(66_000),
    now: time,
  }),
  v.strictObject({
    ok: v.literal(false),
    v: v.literal(1),
    code: textSchema(64),
    message: textSchema(300),
    now: time,
  }),
])
export type JoinReply = v.InferOutput<typeof joinReplySchema>
