import type { PeerId } from '@folkmoot/identity'
import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { isForSignalling, linkKind } from './links.ts'

const relay = '12D3KooWJBNsPHbXxG4vdVcJvNbEWcnAnr5DY1mHkUTkKfQPhvmB'
const tab = '12D3KooWLqSMxJT1Xo8Ewti4AXEMjGzvJxEXFaYGF4iLwRsJ6gzZ'
const other = '12D3KooWMvyvKxYcy9mjbFbXcogFSCvENzQ62ogRxHKZaksFCkAp'
const toRelay = `/ip4/127.0.0.1/tcp/4600/ws/p2p/${relay}`

function connection(
  address: string,
  { direction = 'inbound', limited = false }: { direction?: string; limited?: boolean } = {},
): Connection {
  const limits = limited ? { seconds: 30 } : undefined
  return { remoteAddr: multiaddr(address), direction, limits } as unknown as Connection
}
const isRelay = (peer: PeerId) => peer === relay

describe('connections', () => {
  it.each([
    [`${toRelay}/p2p-circuit/webrtc/p2p/${other}`, 'direct'],
    [`/webrtc/p2p/${other}`, 'direct'],
    [`/p2p/${tab}/p2p-circuit/webrtc/p2p/${other}`, 'direct'],
    [toRelay, 'websocket'],
    ['/ip4/127.0.0.1/tcp/4601', 'tcp'],
    // A forwarder that states no limits does not make its circuit a direct link.
    [`/webrtc/p2p/${tab}/p2p-circuit/p2p/${other}`, 'relayed'],
    [`${toRelay}/p2p-circuit/webrtc/p2p/${tab}/p2p-circuit/p2p/${other}`, 'relayed'],
    [`${toRelay}/p2p-circuit/p2p/${other}`, 'relayed'],
  ])('%s is %s', (address, kind) => {
    expect(linkKind(connection(address))).toBe(kind)
    if (kind === 'direct') expect(linkKind(connection(address, { limited: true }))).toBe('relayed')
  })

  it.each([
    `/webrtc/p2p/${tab}/p2p-circuit/p2p/${other}`,
    `${toRelay}/p2p-circuit/webrtc/p2p/${tab}/p2p-circuit/p2p/${other}`,
    `/p2p/${tab}/p2p-circuit/p2p/${other}`,
  ])('%s runs through a member and is for signalling', (address) => {
    expect(isForSignalling(connection(address), isRelay)).toBe(true)
    const outbound = connection(address, { direction: 'outbound', limited: true })
    expect(isForSignalling(outbound, isRelay)).toBe(true)
  })

  it('through a relay, chosen or dialled, and direct ones are for everything', () => {
    const own = `${toRelay}/p2p-circuit/p2p/${other}`
    expect(isForSignalling(connection(own, { limited: true }), isRelay)).toBe(false)
    expect(isForSignalling(connection(`/webrtc/p2p/${other}`), isRelay)).toBe(false)
    expect(isForSignalling(connection(toRelay), isRelay)).toBe(false)
    const foreign = `/ip4/127.0.0.1/tcp/4600/ws/p2p/${tab}/p2p-circuit/p2p/${other}`
    expect(isForSignalling(connection(foreign, { direction: 'outbound' }), isRelay)).toBe(false)
    expect(isForSignalling(connection(foreign), isRelay)).toBe(true)
  })
})
