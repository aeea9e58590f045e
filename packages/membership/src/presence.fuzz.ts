/**
 * Fuzz target: the parser of gossiped presence.
 *
 * @module
 */
import { encodePresence, parsePresence } from './presence.ts'

export const name = 'membership/presence'

export const seeds: readonly Uint8Array[] = [
  encodePresence({
    v: 1,
    incarnation: 1,
    nickname: 'Ana',
    role: 'member',
    addrs: ['/ip4/127.0.0.1/tcp/1/ws'],
    state: 'here',
    worker: true,
    protocol: 1,
  }),
]

/** Throws when the parser throws, or when what it accepted does not encode to the same bytes. */
export function run(bytes: Uint8Array): string {
  const presence = parsePresence(bytes)
  if (presence.ok) assertSame(bytes, encodePresence(presence.presence))
  return presence.ok ? 'ok' : presence.fault.message
}

function assertSame(a: Uint8Array, b: Uint8Array): void {
  if (a.length !== b.length || a.some((byte, i) => byte !== b[i])) {
    throw new Error('two byte strings for one value')
  }
}
