/**
 * A whole peer of ours and a bare libp2p node in one tab, driven through `window.bench`.
 *
 * @module
 */
import { fromHex } from '@folkmoot/codec'
import { createPeer, type Peer } from '@folkmoot/federation'
import { webPlatform } from '@folkmoot/federation/web'
import type { PeerId } from '@folkmoot/identity'
import type { StudyId } from '@folkmoot/studies'
import { medianMillis, ratePerSecond } from '../measure/interleave.ts'
import { computeUnits } from '../useful/compute-units.ts'
import {
  chunkBytes,
  downloadOver,
  echoOver,
  echoProtocol,
  pourProtocol,
  messageBytes as size,
  streamLine,
} from '../wires/byte-line.ts'
import { echo, exposeBoth, pour } from '../wires/capabilities.ts'
import { mebibytesPerSecond } from '../wires/throughput.ts'
import { type BareTab, startBareTab } from './bare-tab.ts'

export interface TabInit {
  readonly charter: string
  readonly invitation: string
  readonly seed: string
  readonly relays: readonly string[]
  readonly bareRelay: string
  /** False: links stay relayed. */
  readonly webrtc: boolean
}

const deadlineMs = 120_000
let peer: Peer
let bare: BareTab
let overEcho: () => Promise<void>
let overPour: (chunks: number) => Promise<void>

const bench = {
  async start(init: TabInit): Promise<{ peer: string; bare: string }> {
    const platform = await webPlatform({
      database: 'bench',
      frameUrl: '/sandbox.html',
      webrtc: init.webrtc,
      stun: [],
    })
    peer = await createPeer({
      platform,
      charter: fromHex(init.charter),
      role: {
        kind: 'member',
        relays: init.relays,
        invitation: { bytes: fromHex(init.invitation), seed: fromHex(init.seed) },
      },
      nickname: 'tab',
    })
    exposeBoth(peer.exchange)
    bare = await startBareTab(init.bareRelay, init.webrtc)
    return { peer: peer.me, bare: bare.address }
  },
  async connect(to: string, bareAddress: string): Promise<void> {
    await peer.transport.dialPeer(to as PeerId)
    overEcho = echoOver(streamLine(await bare.open(bareAddress, echoProtocol)), size)
    overPour = downloadOver(streamLine(await bare.open(bareAddress, pourProtocol)))
  },
  kinds: (to: string) =>
    peer.transport
      .links()
      .filter((link) => link.peer === to)
      .map((link) => link.kind),
  callMillis: (to: string, count: number) => medianMillis(count, call(to)),
  calls: (to: string, count: number, inFlight: number) => ratePerSecond(count, inFlight, call(to)),
  bareMillis: (count: number) => medianMillis(count, overEcho),
  bareCalls: (count: number, inFlight: number) => ratePerSecond(count, inFlight, overEcho),
  stream: (to: string, chunks: number) =>
    mebibytesPerSecond(chunks, async () => {
      let bytes = 0
      const items = peer.exchange.stream(to as PeerId, pour, { chunks }, { deadlineMs })
      for await (const { data } of items) bytes += data.byteLength
      if (bytes !== chunks * chunkBytes) throw new Error(JSON.stringify(await items.outcome))
    }),
  bareStream: (chunks: number) => mebibytesPerSecond(chunks, () => overPour(chunks)),
  async contribute(study: string, units: number) {
    peer.studies.permit(study as StudyId, { share: 1 })
    const known = peer.studies.contribution(study as StudyId)
    const contribution = known ?? peer.studies.contribute(study as StudyId, 1)
    await contribution.finish()
    return computeUnits(contribution, units)
  },
}

function call(to: string): () => Promise<void> {
  const data = new Uint8Array(size)
  return async () => {
    const answer = await peer.call(to as PeerId, echo, { data }, { deadlineMs })
    if (!answer.ok) throw new Error(`${answer.fault.code}: ${answer.fault.message}`)
  }
}

declare global {
  interface Window {
    bench: typeof bench
  }
}
window.bench = bench
