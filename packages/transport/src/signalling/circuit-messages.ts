/**
 * The messages of libp2p's circuit relay v2 that a forwarder of signalling needs, as protobuf:
 * `HopMessage` from who asks for a circuit, `StopMessage` to whom it leads. libp2p's own codec is
 * not exported, and its server would weigh more than this page may.
 *
 * Source: libp2p specs, `relay/circuit-v2.md`, "Protobuf".
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { type PeerId, parsePeerId } from '@folkmoot/identity'
import { peerIdFromMultihash, peerIdFromString } from '@libp2p/peer-id'
import * as Digest from 'multiformats/hashes/digest'

export const HOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/hop'
export const STOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/stop'

/** The answers that a forwarder gives or understands. */
export const circuitStatus = {
  ok: 100,
  reservationRefused: 200,
  resourceLimit: 201,
  permissionDenied: 202,
  connectionFailed: 203,
  noReservation: 204,
  malformed: 400,
  unexpected: 401,
} as const

export type CircuitStatus = (typeof circuitStatus)[keyof typeof circuitStatus]

/** What one circuit may take, both ways together. */
export interface CircuitLimit {
  readonly bytes: number
  readonly seconds: number
}

export type HopRequest =
  | { readonly type: 'connect'; readonly to: PeerId }
  | { readonly type: 'reserve' }

type Value = number | Uint8Array

/** A circuit message is some 50 bytes; an address list may make it longer. */
const MAX_FIELDS = 64

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return [...bytes, rest]
}

/** Fields in the order given; an array of bytes is length-delimited. */
function message(fields: readonly (readonly [number: number, value: Value])[]): Uint8Array {
  const bytes: number[] = []
  for (const [number, value] of fields) {
    if (typeof value === 'number') bytes.push(...varint(number << 3), ...varint(value))
    else bytes.push(...varint((number << 3) | 2), ...varint(value.byteLength), ...value)
  }
  return new Uint8Array(bytes)
}

/** The last value of each field, as protobuf says; undefined when the bytes are no message. */
function parse(bytes: Uint8Array): Map<number, Value> | undefined {
  let at = 0
  const read = (): number | undefined => {
    let value = 0
    // Ten bytes hold 64 bits; a number over 2^53 has lost its last digits, and no field minds.
    for (let shift = 0; shift < 10; shift++) {
      const byte = bytes[at++]
      if (byte === undefined) return undefined
      value += (byte & 0x7f) * 2 ** (7 * shift)
      if (byte < 0x80) return value
    }
    return undefined
  }
  const fields = new Map<number, Value>()
  for (let count = 0; at < bytes.byteLength; count++) {
    const tag = read()
    const value = read()
    if (tag === undefined || value === undefined || count === MAX_FIELDS) return undefined
    const number = Math.floor(tag / 8)
    if (tag % 8 === 0) fields.set(number, value)
    else if (tag % 8 === 2 && value <= bytes.byteLength - at) {
      fields.set(number, bytes.subarray(at, at + value))
      at += value
    } else return undefined
  }
  return fields
}

const peerMessage = (peer: PeerId) => message([[1, peerIdFromString(peer).toMultihash().bytes]])
const limitMessage = (limit: CircuitLimit) =>
  message([
    [1, limit.seconds],
    [2, limit.bytes],
  ])

/** What a peer asks of a forwarder; `fault.code` is `transport/frame`. */
export function decodeHop(bytes: Uint8Array): Verdict<{ request: HopRequest }> {
  const fields = parse(bytes)
  const type = fields?.get(1)
  if (type === 0) return { ok: true, request: { type: 'reserve' } }
  const peer = fields?.get(2)
  if (type !== 1 || !(peer instanceof Uint8Array)) {
    return refuse('transport/frame', 'not a request for a circuit')
  }
  try {
    const id = parse(peer)?.get(1)
    if (!(id instanceof Uint8Array)) return refuse('transport/frame', 'a circuit to nobody')
    // Other keys than ours have ids too, and some digests none that could be written back.
    const parsed = parsePeerId(peerIdFromMultihash(Digest.decode(id)).toString())
    if (parsed.ok) return { ok: true, request: { type: 'connect', to: parsed.peer } }
  } catch {
    // No digest at all: said below.
  }
  return refuse('transport/frame', 'a circuit to what is no peer id')
}

export function encodeHopStatus(status: CircuitStatus, limit?: CircuitLimit): Uint8Array {
  return message([[1, 2], ...(limit ? [[4, limitMessage(limit)] as const] : []), [5, status]])
}

export function encodeStopConnect(from: PeerId, limit: CircuitLimit): Uint8Array {
  return message([
    [1, 0],
    [2, peerMessage(from)],
    [3, limitMessage(limit)],
  ])
}

/** Whether the peer at the other end takes the circuit. */
export function isStopAccepted(bytes: Uint8Array): boolean {
  const fields = parse(bytes)
  return fields?.get(1) === 1 && fields.get(4) === circuitStatus.ok
}

/** A request for a circuit, as libp2p's client writes it. */
export function encodeHopConnect(to: PeerId): Uint8Array {
  return message([
    [1, 1],
    [2, peerMessage(to)],
  ])
}
