/**
 * Invitation links: the invitation and the seed of its key in a URL's fragment, which browsers do
 * not send to servers. Whoever has the link can join by it.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { bytesSchema, encode, exactBytes, fromBase64Url, parse, toBase64Url } from '@folkmoot/codec'
import * as v from 'valibot'
import { mistake, refuse } from './refuse.ts'

export interface InviteLink {
  /** Address of the page that joins, with or without a fragment of its own. */
  readonly page: string
  /** The signed invitation. */
  readonly invitation: Uint8Array
  /** 32 bytes: the seed of the invitation's key. */
  readonly seed: Uint8Array
}

/** Longest fragment that is read, in characters. */
const MAX_TEXT = 12_000
const contentSchema = v.strictTuple([bytesSchema(8192), exactBytes(32)])

/**
 * `…#join=<base64url>`.
 *
 * @throws FederationError `identity/length` where the seed has not 32 bytes
 */
export function encodeInviteLink({ page, invitation, seed }: InviteLink): string {
  if (seed.length !== 32) throw mistake('identity/length', 'an ed25519 seed has 32 bytes')
  const [address] = page.split('#')
  return `${address}#join=${toBase64Url(encode([invitation, seed]))}`
}

/** Reads a whole link, its fragment with or without `#`, or what follows `join=`. */
export function decodeInviteFragment(text: string): Verdict<Omit<InviteLink, 'page'>> {
  const trimmed = text.length > MAX_TEXT ? '' : text.trim()
  const mark = trimmed.lastIndexOf('join=')
  const fragment = mark < 0 ? trimmed : trimmed.slice(mark + 'join='.length)
  try {
    const parsed = parse(contentSchema, fromBase64Url(fragment), { integralFloats: false })
    if (parsed.ok) return { ok: true, invitation: parsed.value[0], seed: parsed.value[1] }
  } catch {
    // Not base64url: the same answer as for any other text.
  }
  return refuse('identity/invite-link', 'the text is not an invitation link')
}
