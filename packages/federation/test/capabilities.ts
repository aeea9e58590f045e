/**
 * Capabilities that tests expose: small, and observable from outside.
 *
 * @module
 */
import type { Capability } from '@folkmoot/federation'
import * as v from 'valibot'

const bytes = v.instance(Uint8Array<ArrayBufferLike>)

/** Answers what it was sent. */
export function echo(init: Partial<Capability<string, string>> = {}): Capability<string, string> {
  return {
    name: 'test.echo',
    input: v.pipe(v.string(), v.maxLength(2_000)),
    output: v.pipe(v.string(), v.maxLength(2_000)),
    logging: 'full',
    maxBytes: 4_096,
    ...init,
  }
}

/** Streams blobs. */
export function blobs(name = 'test.blobs'): Capability<number, Uint8Array> {
  return { name, input: v.number(), output: bytes, logging: 'full', maxBytes: 200_000 }
}

export const openToMembers = {
  to: 'members',
  maxConcurrent: 1_000,
  maxConcurrentPerPeer: 1_000,
  ratePerMinute: 10_000,
} as const

/** A promise and its ends, for handlers that a test holds. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}
