/**
 * A voter in a tab: libp2p over WebRTC, votes and log in IndexedDB with strict durability, the BFT
 * engine. Driven through `window.voter`.
 *
 * @module
 */
import { fromHex, toHex } from '@folkmoot/codec'
import { makeVoterSet } from '@folkmoot/consensus'
import { type BftLog, createBftLog, voteKeyName } from '@folkmoot/consensus-bft'
import { createChecker, type PeerId, peerIdOf } from '@folkmoot/identity'
import {
  openDatabase,
  type TabState,
  webClock,
  webRandomness,
  webTimers,
  webVerifier,
} from '@folkmoot/storage/web'
import type { Transport } from '@folkmoot/transport'
import { createWebTransport } from '@folkmoot/transport/web'
import { createHashChain } from '../agreement/hash-chain.ts'
import { memberNetwork } from '../agreement/member-network.ts'

export interface VoterHere {
  readonly peer: string
  /** Hex. */
  readonly voteKey: string
}

/** Δ as the presets of a federation set it, see `deltaMs` there. */
const deltaMs = 500
const operationBytes = 100
/** Whatever takes longer is not slow but stuck. */
const stuckMs = 60_000

let state: TabState
let transport: Transport
let log: BftLog
let submitted = 0

const voter = {
  async start(relay: string): Promise<VoterHere> {
    state = await openDatabase('bench-voter')
    const signer = await state.keys.signer()
    const { publicKey } = await (await state.consensus()).createKey(voteKeyName(1))
    transport = await createWebTransport({
      signer,
      relays: [relay],
      webrtc: true,
      gate: { allow: () => 'member' },
      randomness: webRandomness(),
    })
    // Until the relay has a place for it no other tab finds it.
    while (transport.addresses().length === 0) await new Promise((done) => setTimeout(done, 50))
    return { peer: peerIdOf(signer.publicKey), voteKey: toHex(publicKey) }
  },

  /** Links directly to those whose ids are above this tab's; whether it has. */
  async link(peers: readonly string[]): Promise<boolean> {
    const above = peers.filter((peer) => peer > transport.peer)
    const kindsOf = (peer: string) =>
      transport.links().flatMap((link) => (link.peer === peer ? [link.kind] : []))
    for (const peer of above) {
      const kinds = kindsOf(peer)
      if (kinds.includes('direct')) continue
      // A dial that failed halfway leaves a relayed link, which would be taken for good enough.
      if (kinds.length > 0) await transport.hangUp(peer as PeerId, 'relayed')
      await transport.dialPeer(peer as PeerId).catch(() => {})
    }
    return above.every((peer) => kindsOf(peer).includes('direct'))
  },

  async vote(members: readonly VoterHere[]): Promise<void> {
    const made = makeVoterSet({
      epoch: 1,
      engine: 'bft',
      crossOrg: false,
      voters: members.map(({ peer, voteKey }) => {
        return { peer: peer as PeerId, org: peer, voteKey: fromHex(voteKey) }
      }),
    })
    if (!made.ok) throw new Error(made.fault.message)
    const others = members
      .map(({ peer }) => peer as PeerId)
      .filter((peer) => peer !== transport.peer)
    log = await createBftLog({
      facts: {
        instance: '5a'.repeat(32),
        founder: members[0]!.peer as PeerId,
        crossOrg: false,
        firstSet: made.set,
      },
      me: transport.peer,
      checker: createChecker(await webVerifier()),
      application: createHashChain(),
      log: await state.log('ledger'),
      database: await state.consensus(),
      network: memberNetwork(transport, others, 0),
      clock: webClock,
      timers: webTimers,
      timing: { deltaMs },
    })
  },

  /** Milliseconds that each of at most `count` operations took, one after the other. */
  async submit(count: number, atMostMs: number): Promise<number[]> {
    const spent: number[] = []
    const started = performance.now()
    while (spent.length < count && (spent.length === 0 || performance.now() - started < atMostMs)) {
      const before = performance.now()
      const operation = new Uint8Array(operationBytes)
      submitted += 1
      new DataView(operation.buffer).setUint32(0, submitted)
      await within(log.submit(operation, { id: `${transport.peer.slice(-8)}-${submitted}` }))
      spent.push(performance.now() - before)
    }
    return spent
  },
}

async function within(final: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const stuck = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`nothing was decided: ${JSON.stringify(log.status())}`)),
      stuckMs,
    )
  })
  await Promise.race([final, stuck])
  clearTimeout(timer)
}

declare global {
  interface Window {
    voter: typeof voter
  }
}
window.voter = voter
