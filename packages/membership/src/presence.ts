/**
 * The presence record: what a peer says about itself over gossip. It is the body of a `record`
 * envelope, whose signature says who wrote it.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { encode, intSchema, parse, textSchema } from '@folkmoot/codec'
import * as v from 'valibot'

const presenceSchema = v.strictObject({
  v: v.literal(1),
  incarnation: intSchema(0, Number.MAX_SAFE_INTEGER),
  nickname: v.pipe(textSchema(32), v.regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u)),
  role: textSchema(16),
  addrs: v.pipe(v.array(textSchema(512)), v.maxLength(8)),
  state: v.picklist(['here', 'leaving']),
  worker: v.boolean(),
  protocol: intSchema(0, 65_535),
})

export interface Presence {
  readonly v: 1
  /** Grows with every change and every refutation; the highest is the truth. */
  readonly incarnation: number
  /** Shown to people, at most 32 characters, no control characters; never decides anything. */
  readonly nickname: string
  readonly role: string
  /** Multiaddrs under which the peer may be dialled, at most 8. */
  readonly addrs: readonly string[]
  readonly state: 'here' | 'leaving'
  /** Whether it computes. */
  readonly worker: boolean
  /** Newest version of the protocol that it speaks. */
  readonly protocol: number
}

/** 8 addresses of 512 characters, and the rest. */
export const MAX_PRESENCE_BYTES = 6 * 1024

export function encodePresence(presence: Presence): Uint8Array {
  return encode(presence)
}

export function parsePresence(bytes: Uint8Array): Verdict<{ presence: Presence }> {
  const limits = { maxBytes: MAX_PRESENCE_BYTES, maxDepth: 3, maxItems: 64 }
  const parsed = parse(presenceSchema, bytes, limits)
  if (!parsed.ok) return refuse('membership/malformed', parsed.fault.message)
  return { ok: true, presence: parsed.value }
}
