import type { PeerId } from '@folkmoot/identity'
import { peerIdFromString } from '@libp2p/peer-id'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  circuitStatus,
  decodeHop,
  encodeHopConnect,
  encodeHopStatus,
  encodeStopConnect,
  isStopAccepted,
} from './circuit-messages.ts'

const peer = '12D3KooWJBNsPHbXxG4vdVcJvNbEWcnAnr5DY1mHkUTkKfQPhvmB' as PeerId
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const id = Buffer.from(peerIdFromString(peer).toMultihash().bytes)

describe('circuit messages', () => {
  it('are the bytes that the protobuf of circuit relay v2 says', () => {
    const named = `12280a26${hex(id)}`
    expect(hex(encodeHopConnect(peer))).toBe(`0801${named}`)
    // type STATUS, limit { duration: 30, data: 65536 }, status OK.
    expect(hex(encodeHopStatus(circuitStatus.ok, { bytes: 65_536, seconds: 30 }))).toBe(
      '08022206081e108080042864',
    )
    expect(hex(encodeHopStatus(circuitStatus.noReservation))).toBe('080228cc01')
    expect(hex(encodeStopConnect(peer, { bytes: 65_536, seconds: 30 }))).toBe(
      `0800${named}1a06081e10808004`,
    )
  })

  it('name the peer that is asked for, whatever else they hold', () => {
    expect(decodeHop(encodeHopConnect(peer))).toEqual({
      ok: true,
      request: { type: 'connect', to: peer },
    })
    const withAddress = new Uint8Array([8, 1, 18, 44, 10, 38, ...id, 18, 2, 1, 2, 40, 100])
    expect(decodeHop(withAddress)).toMatchObject({ ok: true, request: { to: peer } })
    expect(decodeHop(new Uint8Array([8, 0]))).toEqual({ ok: true, request: { type: 'reserve' } })
  })

  it('are refused when they are cut, name nobody, or are answers', () => {
    const whole = encodeHopConnect(peer)
    for (let length = 0; length < whole.byteLength; length++) {
      expect(decodeHop(whole.subarray(0, length)).ok).toBe(false)
    }
    expect(decodeHop(new Uint8Array([8, 1])).ok).toBe(false)
    expect(decodeHop(new Uint8Array([8, 1, 18, 0])).ok).toBe(false)
    expect(decodeHop(encodeHopStatus(circuitStatus.ok)).ok).toBe(false)
    // Digests of other kinds than a peer of ours has: found by fuzzing, this one could not be written.
    for (const kind of [0x18, 0x12]) {
      const digest = new Uint8Array([8, 1, 18, 36, 10, 34, kind, 32, ...new Uint8Array(32).fill(7)])
      expect(decodeHop(digest)).toMatchObject({ ok: false, fault: { code: 'transport/frame' } })
    }
  })

  it('accept a circuit only by an explicit OK', () => {
    expect(isStopAccepted(new Uint8Array([8, 1, 32, 100]))).toBe(true)
    expect(isStopAccepted(new Uint8Array([8, 1, 32, 202, 1]))).toBe(false)
    expect(isStopAccepted(new Uint8Array([8, 0, 32, 100]))).toBe(false)
    expect(isStopAccepted(new Uint8Array([8, 1]))).toBe(false)
  })

  it('never throw, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodeHop(bytes)
        isStopAccepted(bytes)
      }),
      { numRuns: 2_000 },
    )
  })
})
