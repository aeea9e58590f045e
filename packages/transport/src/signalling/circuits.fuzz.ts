/**
 * Fuzz target: what a peer says that asks for a circuit, and what the other end answers.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'
import {
  circuitStatus,
  decodeHop,
  encodeHopConnect,
  encodeHopStatus,
  encodeStopConnect,
  isStopAccepted,
} from './circuit-messages.ts'

export const name = 'transport/circuits'

const peer = '12D3KooWJBNsPHbXxG4vdVcJvNbEWcnAnr5DY1mHkUTkKfQPhvmB' as PeerId
const limit = { bytes: 65_536, seconds: 30 }

export const seeds: readonly Uint8Array[] = [
  encodeHopConnect(peer),
  encodeHopStatus(circuitStatus.ok, limit),
  encodeStopConnect(peer, limit),
]

/** Throws when a parser throws, or when a peer that was read is not written back as it was. */
export function run(bytes: Uint8Array): unknown {
  const accepted = isStopAccepted(bytes)
  const verdict = decodeHop(bytes)
  if (!verdict.ok) return accepted ? 'accepted' : verdict
  if (verdict.request.type !== 'connect') return verdict.request.type
  const again = decodeHop(encodeHopConnect(verdict.request.to))
  if (!again.ok || again.request.type !== 'connect' || again.request.to !== verdict.request.to) {
    throw new Error('a peer was read in two ways')
  }
  return 'connect'
}
