/**
 * Limits by preset, written as differences from `production`.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'

export type TransportPreset = 'production' | 'classroom' | 'local' | 'test'

export interface TransportLimits {
  /** Inbound connections a second from one address (libp2p: 5, which refuses a classroom). */
  readonly inboundPerSecond: number
  /** Inbound connections that may be in their handshake at once (libp2p: 10). */
  readonly inboundPending: number
  readonly maxConnections: number
  /** gossipsub's penalty for peers that share an address; 0 switches it off. */
  readonly colocationWeight: number
  /** Reservations a relay grants (libp2p: 15). */
  readonly maxReservations: number
  /** Bytes and time of one relayed circuit, so that a study fits (libp2p: 128 KiB, 2 min). */
  readonly circuitBytes: number
  readonly circuitMs: Millis
  /** How long a key without standing may keep a connection. */
  readonly strangerMs: Millis
  /** Period of gossipsub's heartbeat. */
  readonly heartbeatMs: Millis
}

/** What a relay sets by itself; the rest is the preset's. */
export type RelayLimits = Partial<
  Pick<TransportLimits, 'maxReservations' | 'circuitBytes' | 'circuitMs'>
>

const production: TransportLimits = {
  inboundPerSecond: 20,
  inboundPending: 64,
  maxConnections: 1_000,
  colocationWeight: -5,
  maxReservations: 512,
  circuitBytes: 64 * 1024 * 1024,
  circuitMs: 2 * 60 * 60_000,
  strangerMs: 60_000,
  heartbeatMs: 1_000,
}

/** Many peers behind one address. */
const manyBehindOneAddress = { inboundPerSecond: 200, inboundPending: 256, colocationWeight: 0 }

const presets: Readonly<Record<TransportPreset, TransportLimits>> = {
  production,
  classroom: { ...production, ...manyBehindOneAddress },
  local: { ...production, ...manyBehindOneAddress },
  test: { ...production, ...manyBehindOneAddress, strangerMs: 20_000, heartbeatMs: 300 },
}

/** The limits of a preset with overrides, frozen. */
export function resolveLimits(
  preset: TransportPreset,
  overrides: Partial<TransportLimits> = {},
): TransportLimits {
  return Object.freeze({ ...presets[preset], ...overrides })
}
