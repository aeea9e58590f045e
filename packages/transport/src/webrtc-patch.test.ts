import type { Stream } from '@libp2p/interface'
import { pbStream, streamPair } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, it } from 'vitest'

/*
 * Each test hangs or fails on @libp2p/webrtc 6.0.33 as published. The modules are not exported, so
 * they are loaded by path; the peer connection is a stand-in, because the two faults are races.
 */
const folder = new URL(
  '../node_modules/@libp2p/webrtc/dist/src/private-to-private/',
  import.meta.url,
)
const load = (file: string) => import(new URL(file, folder).href)
const { initiateConnection } = await load('initiate-connection.js')
const { readCandidatesUntilConnected } = await load('util.js')
const { Message } = await load('pb/message.js')
const { RTCPeerConnection } = await load('../webrtc/index.js')

const log = Object.assign(() => {}, { error: () => {}, trace: () => {}, newScope: () => log })

/** Properties of the real class that a test replaced. */
const replaced: [string, PropertyDescriptor | undefined][] = []
function replace(name: string, value: PropertyDescriptor): void {
  replaced.push([name, Object.getOwnPropertyDescriptor(RTCPeerConnection.prototype, name)])
  Object.defineProperty(RTCPeerConnection.prototype, name, { configurable: true, ...value })
}
afterEach(() => {
  for (const [name, before] of replaced.splice(0).reverse()) {
    delete RTCPeerConnection.prototype[name]
    if (before !== undefined) Object.defineProperty(RTCPeerConnection.prototype, name, before)
  }
})

class InitChannel extends EventTarget {
  readyState: string
  constructor(readyState: string) {
    super()
    this.readyState = readyState
  }
  close(): void {}
}

/** A dialler whose connection is up at once and whose `init` channel is as given. */
async function dialWith(channel: InitChannel): Promise<unknown> {
  replace('createDataChannel', { value: () => channel })
  replace('createOffer', { value: async () => ({ type: 'offer', sdp: 'offer' }) })
  replace('setLocalDescription', { value: async () => {} })
  replace('setRemoteDescription', { value: async () => {} })
  replace('connectionState', { get: () => 'connected' })
  const [ours, theirs] = await streamPair()
  const remote = pbStream(theirs).pb(Message)
  void remote
    .read()
    .then(() => remote.write({ type: Message.Type.SDP_ANSWER, data: 'answer' }))
    .then(() => theirs.close())
  const target = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
  return initiateConnection({
    multiaddr: multiaddr(`/ip4/127.0.0.1/tcp/1/ws/p2p/${target}/p2p-circuit/webrtc/p2p/${target}`),
    connectionManager: { getConnections: () => [{ newStream: async () => ours }] },
    transportManager: {},
    signal: AbortSignal.timeout(3_000),
    rtcConfiguration: { iceServers: [] },
    log,
    logger: { forComponent: () => log },
  })
}

describe('the dialler of a direct link', () => {
  it('does not wait for a channel that the other side has already closed', async () => {
    await expect(dialWith(new InitChannel('closed'))).resolves.toBeDefined()
  })

  it('goes on when the channel closes before it ever opened', async () => {
    const channel = new InitChannel('connecting')
    const dialling = dialWith(channel)
    setTimeout(() => {
      channel.readyState = 'closed'
      channel.dispatchEvent(new Event('close'))
    }, 200)
    await expect(dialling).resolves.toBeDefined()
  })
})

interface FakeConnection {
  connectionState: string
  onconnectionstatechange?: (event?: unknown) => void
}

async function reading(): Promise<{ pc: FakeConnection; theirs: Stream; done: Promise<void> }> {
  const [ours, theirs] = await streamPair()
  const pc: FakeConnection = { connectionState: 'connecting' }
  const done = readCandidatesUntilConnected(pc, pbStream(ours).pb(Message), {
    direction: 'recipient',
    signalingStream: ours,
    signal: AbortSignal.timeout(5_000),
    log,
  })
  return { pc, theirs, done }
}

describe('the listener of a direct link', () => {
  it('gives up when the signalling is reset before its own connection is up', async () => {
    const { theirs, done } = await reading()
    setTimeout(() => theirs.abort(new Error('the dialler gave up')), 50)
    await expect(done).rejects.toThrow()
  })

  it('takes a clean end as the other side being up, and waits for its own', async () => {
    const { pc, theirs, done } = await reading()
    let settled = false
    void done.then(() => {
      settled = true
    })
    await theirs.close()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(settled).toBe(false)
    pc.connectionState = 'connected'
    pc.onconnectionstatechange?.()
    await done
  })
})
