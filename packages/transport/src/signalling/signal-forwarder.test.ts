import { silentLogger, silentMetrics } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { signerFromSeed } from '@folkmoot/storage/node'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, it } from 'vitest'
import { startNode } from '../libp2p-node.ts'
import { until } from '../node/lab.ts'
import { resolveLimits } from '../presets.ts'
import type { Standing } from '../transport.ts'
import type { CarryLimits } from './carry-circuit.ts'
import { encodeHopConnect, HOP_PROTOCOL, STOP_PROTOCOL } from './circuit-messages.ts'
import { circuitLimits, signalForwarder } from './signal-forwarder.ts'

const SIGNALLING = '/webrtc-signaling/0.0.1'
const running: Libp2p[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((libp2p) => libp2p.stop()))
})

interface Member {
  readonly libp2p: Libp2p
  readonly peer: PeerId
  readonly standings: Map<string, Standing>
  /** How the circuits that it carried, or refused to, ended. */
  readonly outcomes: string[]
}

interface MemberInit {
  readonly limits?: CarryLimits
  /** Opens and takes every stream whatever the connection: a peer with other software. */
  readonly lawless?: boolean
}

/** A tab in all but its links, which are TCP. */
async function member(seed: number, { limits, lawless }: MemberInit = {}): Promise<Member> {
  const standings = new Map<string, Standing>()
  const outcomes: string[] = []
  const allow = (peer: PeerId) => standings.get(peer) ?? 'member'
  const { libp2p } = await startNode({
    signer: await signerFromSeed(new Uint8Array(32).fill(seed)),
    limits: resolveLimits('test'),
    gate: {
      allow,
      // To whom everyone is a relay, every circuit is a link.
      isRelay: () => lawless === true,
      strangerProtocols: new Set(),
      signalling: true,
    },
    listen: ['/ip4/127.0.0.1/tcp/0'],
    transports: [tcp()],
    services: {
      forwarder: signalForwarder({
        allow,
        ...(limits === undefined ? {} : { limits }),
        log: silentLogger,
        metrics: { ...silentMetrics, count: (_name, labels) => outcomes.push(labels!.outcome!) },
      }),
    },
  })
  running.push(libp2p)
  return { libp2p, peer: libp2p.peerId.toString() as PeerId, standings, outcomes }
}

async function link(a: Member, b: Member): Promise<Connection> {
  return a.libp2p.dial(b.libp2p.getMultiaddrs()[0]!)
}

/** `middle` is linked with both ends, which are not linked with each other. */
async function line(ends: MemberInit = {}, middle: MemberInit = {}) {
  const a = await member(1, ends)
  const b = await member(2, ends)
  const c = await member(3, middle)
  await link(a, c)
  await link(b, c)
  return { a, b, c }
}

const dialThrough = (from: Member, via: Member, to: Member) =>
  from.libp2p.dial(multiaddr(`/p2p/${via.peer}/p2p-circuit/p2p/${to.peer}`), {
    signal: AbortSignal.timeout(15_000),
  })

/** Answers what a forwarder says to a request in bytes, and the stream after it. */
async function ask(from: Member, via: Member, request: Uint8Array) {
  const [connection] = from.libp2p.getConnections(peerIdFromString(via.peer))
  const hop = lpStream(await connection!.newStream(HOP_PROTOCOL))
  const options = { signal: AbortSignal.timeout(15_000) }
  await hop.write(request, options)
  const bytes = (await hop.read(options)).subarray()
  // The status is the last field, a number of two bytes at most.
  const status = bytes.at(-2)! >= 0x80 ? (bytes.at(-2)! & 0x7f) + 128 * bytes.at(-1)! : bytes.at(-1)
  return { status, stream: hop.unwrap() }
}

/** Takes circuits as a colluding end does: says OK and reads whatever comes. */
async function colluding({ libp2p }: Member): Promise<{ bytes: () => number }> {
  let bytes = 0
  await libp2p.unhandle(STOP_PROTOCOL)
  await libp2p.handle(STOP_PROTOCOL, async (stream: Stream) => {
    const stop = lpStream(stream)
    await stop.read()
    await stop.write(new Uint8Array([8, 1, 32, 100]))
    stop.unwrap().addEventListener('message', ({ data }) => {
      bytes += data.byteLength
    })
  })
  return { bytes: () => bytes }
}

describe('a member that carries signalling', () => {
  it('connects two members that know each other only through it, sealed end to end', async () => {
    const { a, b, c } = await line()
    await b.libp2p.handle(
      SIGNALLING,
      (stream) => {
        stream.addEventListener('message', ({ data }) => stream.send(data))
      },
      { runOnLimitedConnection: true },
    )
    const connection = await dialThrough(a, c, b)
    expect(connection.remotePeer.toString()).toBe(b.peer)
    expect(connection.encryption).toBe('/noise')
    expect(connection.limits?.bytes).toBeLessThanOrEqual(BigInt(circuitLimits.bytes))
    expect(connection.limits?.seconds).toBeLessThanOrEqual(circuitLimits.ms / 1_000)
    const stream = await connection.newStream(SIGNALLING, { runOnLimitedConnection: true })
    const heard: number[] = []
    stream.addEventListener('message', ({ data }) => heard.push(...data.subarray()))
    stream.send(new Uint8Array([1, 2, 3]))
    await until(() => heard.length === 3)
    await connection.close()
    await until(() => c.outcomes.includes('ended'))
    // Over TCP, unlike over WebRTC, libp2p asks whoever brings a circuit for a reservation.
    expect(c.outcomes).toEqual(['refused', 'ended'])
  })

  it('lets nothing but signalling ride on it: each end refuses, also what a lawless one opens', async () => {
    const { a, b, c } = await line()
    const own = await dialThrough(a, c, b)
    for (const protocol of ['/ipfs/ping/1.0.0', '/ipfs/id/1.0.0', '/folkmoot/call/1']) {
      await expect(own.newStream(protocol, { runOnLimitedConnection: true })).rejects.toMatchObject(
        { name: 'UnsupportedProtocolError' },
      )
    }
    const lawless = await member(4, { lawless: true })
    await link(lawless, c)
    const connection = await dialThrough(lawless, c, b)
    const seen: string[] = []
    await b.libp2p.handle('/folkmoot/call/1', () => void seen.push('call'), {
      runOnLimitedConnection: true,
    })
    const stream = await connection.newStream('/folkmoot/call/1', { runOnLimitedConnection: true })
    await until(() => stream.status !== 'open')
    expect(seen).toEqual([])
  })

  it('serves members only, at either end', async () => {
    const { a, b, c } = await line()
    c.standings.set(b.peer, 'unknown')
    expect((await ask(a, c, encodeHopConnect(b.peer))).status).toBe(202)
    c.standings.set(b.peer, 'member')
    c.standings.set(a.peer, 'unknown')
    await expect(ask(a, c, encodeHopConnect(b.peer))).rejects.toThrow()
    c.standings.set(a.peer, 'member')
    // Whoever is called judges for itself.
    b.standings.set(a.peer, 'unknown')
    expect((await ask(a, c, encodeHopConnect(b.peer))).status).toBe(203)
    b.standings.set(a.peer, 'member')
    b.standings.set(c.peer, 'unknown')
    await expect(dialThrough(a, c, b)).rejects.toThrow()
    b.standings.set(c.peer, 'member')
    expect((await ask(a, c, encodeHopConnect(b.peer))).status).toBe(100)
    expect(c.outcomes.every((outcome) => outcome === 'refused')).toBe(true)
  })

  it('reserves for nobody, and knows no way to whom it is not linked with', async () => {
    const { a, c } = await line()
    expect((await ask(a, c, new Uint8Array([8, 0]))).status).toBe(200)
    const absent = await member(5)
    expect((await ask(a, c, encodeHopConnect(absent.peer))).status).toBe(204)
    expect((await ask(a, c, new Uint8Array([8, 7]))).status).toBe(400)
    expect(c.outcomes).toEqual(['refused', 'refused', 'refused'])
  })

  it('cuts a circuit that carries more than 64 KiB, both ways together', async () => {
    const { a, b, c } = await line()
    const end = await colluding(b)
    const { stream } = await ask(a, c, encodeHopConnect(b.peer))
    for (let sent = 0; sent < 10 && stream.status === 'open'; sent++) {
      stream.send(new Uint8Array(8 * 1024))
    }
    await until(() => c.outcomes.includes('bytes'))
    await until(() => stream.status !== 'open')
    expect(end.bytes()).toBeLessThanOrEqual(circuitLimits.bytes)
  })

  it('cuts a circuit that lasts too long', async () => {
    const { a, b, c } = await line({}, { limits: { ...circuitLimits, ms: 500 } })
    await colluding(b)
    const { stream } = await ask(a, c, encodeHopConnect(b.peer))
    await until(() => c.outcomes.includes('time'))
    await until(() => stream.status !== 'open')
  })

  it('carries few circuits of one peer at a time, and serves others meanwhile', async () => {
    const { a, b, c } = await line()
    await colluding(b)
    const statuses: (number | undefined)[] = []
    for (let index = 0; index < 6; index++) {
      statuses.push((await ask(a, c, encodeHopConnect(b.peer))).status)
    }
    expect(statuses).toEqual([100, 100, 100, 100, 201, 201])
    const other = await member(4)
    await link(other, c)
    expect((await ask(other, c, encodeHopConnect(b.peer))).status).toBe(100)
  })

  it('is not asked to carry a circuit over a circuit', async () => {
    const { a, b, c } = await line({ lawless: true })
    const d = await member(4)
    await link(d, b)
    const connection = await dialThrough(a, c, b)
    await expect(
      connection.newStream(HOP_PROTOCOL, { runOnLimitedConnection: true }).then(async (stream) => {
        const hop = lpStream(stream)
        await hop.write(encodeHopConnect(d.peer))
        await hop.read({ signal: AbortSignal.timeout(15_000) })
      }),
    ).rejects.toThrow()
  })
})
