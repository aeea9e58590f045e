/**
 * The transport alone in a tab, driven by `webrtc.spec.ts` through `window.tab`.
 *
 * @module
 */
import { silentMetrics } from '../../packages/base/src/index.ts'
import type { PeerId } from '../../packages/identity/src/index.ts'
import {
  openSessions,
  type Sessions,
  type Standing,
  type Transport,
} from '../../packages/transport/src/index.ts'
import { createWebTransport } from '../../packages/transport/src/web/index.ts'

const TOPIC = '/folkmoot/1/test/presence'

let transport: Transport
let sessions: Sessions
const heard: string[] = []
const counts = new Map<string, number>()
const standings = new Map<string, Standing>()

/** A non-extractable key, as a real tab has, kept over reloads where `name` is given. */
async function keyPair(name: string | undefined): Promise<CryptoKeyPair> {
  const kept = name === undefined ? undefined : await database(name)
  if (kept?.value !== undefined) return kept.value
  const pair = (await crypto.subtle.generateKey('Ed25519', false, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  await kept?.put(pair)
  return pair
}

async function database(name: string) {
  const request = indexedDB.open(name)
  request.onupgradeneeded = () => request.result.createObjectStore('keys')
  const done = <T>(pending: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      pending.onsuccess = () => resolve(pending.result)
      pending.onerror = () => reject(pending.error)
    })
  const db = await done(request)
  const keys = (mode: IDBTransactionMode) => db.transaction('keys', mode).objectStore('keys')
  return {
    value: (await done(keys('readonly').get('key'))) as CryptoKeyPair | undefined,
    put: (pair: CryptoKeyPair) => done(keys('readwrite').put(pair, 'key')),
  }
}

const tab = {
  async start(
    relays: string[],
    options: { webrtc?: boolean; keep?: string } = {},
  ): Promise<string> {
    const pair = await keyPair(options.keep)
    const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
    transport = await createWebTransport({
      signer: {
        publicKey,
        signRaw: async (message) =>
          new Uint8Array(
            await crypto.subtle.sign(
              'Ed25519',
              pair.privateKey,
              message as Uint8Array<ArrayBuffer>,
            ),
          ),
      },
      relays,
      webrtc: options.webrtc ?? true,
      preset: 'test',
      gate: { allow: (peer) => standings.get(peer) ?? 'member' },
      randomness: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
      metrics: {
        ...silentMetrics,
        count: (name, labels = {}) => {
          const key = [name, ...Object.values(labels)].join(' ')
          counts.set(key, (counts.get(key) ?? 0) + 1)
        },
      },
      log: { log: (level, message, fields) => console.log(level, message, JSON.stringify(fields)) },
    })
    transport.subscribe(TOPIC, {
      maxBytes: 1_024,
      validate: async () => 'accept',
      deliver: (bytes) => heard.push(new TextDecoder().decode(bytes)),
    })
    sessions = openSessions({
      transport,
      hello: () => new Uint8Array([1]),
      onHello: async (bytes) => bytes[0] === 1,
      onFrame: async (frame, session) => {
        const text = new TextDecoder().decode(frame)
        if (text.startsWith('ask ')) {
          await session.send(new TextEncoder().encode(`answer ${text.slice(4)}`))
        } else heard.push(text)
      },
    })
    return transport.peer
  },
  links: () => transport.links().map(({ peer, kind, id }) => ({ peer, kind, id })),
  addresses: () => transport.addresses(),
  setPeers: (peers: string[]) => transport.setPeers(peers as PeerId[]),
  setStanding(peer: string, standing: Standing) {
    standings.set(peer, standing)
    transport.refresh()
  },
  publish: (text: string) => transport.publish(TOPIC, new TextEncoder().encode(text)),
  ask: (peer: string, text: string) =>
    sessions.send(peer as PeerId, new TextEncoder().encode(`ask ${text}`)),
  heard: () => heard,
  /** How often this tab counted a metric, its labels after its name. */
  counted: (key: string) => counts.get(key) ?? 0,
  cut: (peer: string) => transport.hangUp(peer as PeerId, 'the test cuts it'),
  nudge: () => transport.nudge(),
  /** Opens a stream of any protocol, writes the frames, and answers what came until it ended. */
  async speak(peer: string, protocol: string, frames: readonly number[][]): Promise<number[][]> {
    const answers: number[][] = []
    const stream = await transport.open(peer as PeerId, protocol)
    try {
      for (const frame of frames) await stream.send(new Uint8Array(frame))
      for await (const frame of stream.frames()) answers.push([...frame])
    } catch {
      // Cut: what came before it counts.
    }
    return answers
  },
}

export type Tab = typeof tab
declare global {
  interface Window {
    tab: Tab
  }
}
window.tab = tab
