/**
 * The other process: a relay of ours with the measured capabilities, a bare libp2p node and a bare
 * TCP server. Says over IPC where they are, and ends with its parent.
 *
 * @module
 */
import { createServer, type Socket } from 'node:net'
import { startLoopbackFederation } from '@folkmoot/testing'
import { bareNode } from './bare-node.ts'
import {
  type ByteLine,
  echoProtocol,
  messageBytes,
  pourProtocol,
  serveEcho,
  servePour,
  streamLine,
} from './byte-line.ts'
import { exposeBoth } from './capabilities.ts'
import { durableProtocol, durableSide } from './durable-echo.ts'
import { socketLine } from './socket-line.ts'

/** What the parent is told. */
export interface Answering {
  readonly home: string
  readonly charter: string
  readonly invitation: string
  readonly seed: string
  /** Ours, over TCP and over WebSocket. */
  readonly relays: readonly string[]
  /** Bare libp2p, over TCP and over WebSocket. */
  readonly bare: readonly string[]
  readonly echoPort: number
  readonly pourPort: number
}

const federation = await startLoopbackFederation({ preset: 'local' })
const founder = federation.founder()
exposeBoth(founder.exchange)

const bare = await bareNode(['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'])
const limits = { maxInboundStreams: 64, runOnLimitedConnection: true }
await bare.handle(echoProtocol, (stream) => serveEcho(streamLine(stream)), limits)
const durable = await durableSide()
await bare.handle(
  durableProtocol,
  (stream) => durable.serve(streamLine(stream), messageBytes),
  limits,
)
await bare.handle(pourProtocol, (stream) => servePour(streamLine(stream)), limits)

const serve = (answer: (line: ByteLine) => void): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer((socket: Socket) => answer(socketLine(socket)))
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const answering: Answering = {
  home: founder.me,
  charter: hex(founder.charterBytes),
  invitation: hex(federation.invitation.bytes),
  seed: hex(federation.invitation.seed),
  relays: federation.relays(),
  bare: bare.getMultiaddrs().map(String),
  echoPort: await serve(serveEcho),
  pourPort: await serve(servePour),
}

const stop = async () => {
  await bare.stop()
  await durable.stop()
  await federation.stop()
  process.exit(0)
}
process.once('disconnect', () => void stop())
// A parent that ended meanwhile has nobody to measure with.
if (process.connected) process.send!(answering)
else void stop()
