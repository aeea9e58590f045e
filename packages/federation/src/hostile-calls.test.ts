/** Frames by hand on `/folkmoot/call/1`, from a member and from strangers. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { decode, encode } from '@folkmoot/codec'
import {
  createSigner,
  type Envelope,
  type Signer,
  sealEnvelope,
  sealReceipt,
} from '@folkmoot/identity'
import { peekOperation } from '@folkmoot/ledger'
import { openKeyFile, signerFromSeed } from '@folkmoot/storage/node'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { echo, openToMembers } from '../test/capabilities.ts'
import { type Counted, countMetrics } from '../test/counted.ts'
import {
  admittedKey,
  envelopeOf,
  openCalls,
  type RawNode,
  sealAnything,
  startRawNode,
} from '../test/raw-node.ts'
import type { Peer } from './peer.ts'

let federation: LoopbackFederation
let counted: Counted
let ann: Peer
let mal: RawNode
let address: string
const strangers: RawNode[] = []

beforeAll(async () => {
  counted = countMetrics()
  federation = await startLoopbackFederation({ relayPlatform: counted.platform })
  const key = await admittedKey(federation, 'mal')
  ann = await federation.join()
  address = federation.relays().find((each) => !each.includes('/ws'))!
  mal = await startRawNode(address, key)
  relay().exchange.expose({
    capability: echo(),
    exposure: openToMembers,
    handler: async (output) => ({ ok: true, output }),
  })
})
afterEach(async () => {
  // Whatever was tried: the relay is there for others.
  expect(await ann.call(relay().me, echo(), 'still there?', { deadlineMs: 30_000 })).toMatchObject({
    ok: true,
  })
  expect((await relay().audit.verify()).ok).toBe(true)
})
afterAll(async () => {
  await Promise.all([mal, ...strangers].map((node) => node.transport.stop()))
  await federation.stop()
})
const relay = () => federation.founder()
const stranger = async () => {
  const node = await startRawNode(address)
  strangers.push(node)
  return node
}

const now = () => Date.now()
const seal = (change: Partial<Envelope>, signer: Signer = mal.signer) =>
  sealEnvelope(signer, envelopeOf(mal.signer, relay(), change))

/** Each: what is sent, the code under which it is counted, and whether it is answered. */
const frames: [string, string, boolean, () => Promise<Uint8Array> | Uint8Array][] = [
  ['nothing', 'identity/envelope-malformed', false, () => new Uint8Array()],
  ['noise', 'identity/envelope-malformed', false, () => new Uint8Array(randomBytes(500))],
  [
    'non-canonical bytes',
    'identity/envelope-malformed',
    false,
    async () => {
      const [first, ...rest] = await seal({})
      // The same array of two, with a length that is longer than it need be.
      return new Uint8Array([0x98, first! & 0x1f, ...rest])
    },
  ],
  [
    'a body nested without end',
    'identity/envelope-malformed',
    false,
    () => new Uint8Array(60_000).fill(0x81),
  ],
  [
    'deep content',
    'codec/',
    true,
    () => seal({ body: new Uint8Array([...new Array(200).fill(0x81), 0x80]) }),
  ],
  [
    'a field that nobody knows',
    'identity/envelope-malformed',
    false,
    () => sealAnything(mal.signer, { ...envelopeOf(mal.signer, relay()), extra: 1 }),
  ],
  [
    'no deadline',
    'identity/envelope-malformed',
    false,
    () => {
      const { deadline: _, ...without } = envelopeOf(mal.signer, relay())
      return sealAnything(mal.signer, without)
    },
  ],
  [
    'a version to come',
    'identity/envelope-version',
    false,
    () => sealAnything(mal.signer, { ...envelopeOf(mal.signer, relay()), v: 2 }),
  ],
  ['another federation', 'identity/envelope-fed', false, () => seal({ fed: 'ab'.repeat(32) })],
  ['the future', 'identity/envelope-future', false, () => seal({ sent: now() + 600_000 })],
  ['the past', 'identity/envelope-expired', false, () => seal({ sent: now() - 600_000 })],
  [
    'a life without end',
    'identity/envelope-lifetime',
    false,
    () => seal({ deadline: now() + 86_400_000 }),
  ],
  [
    'a signature that is not its own',
    'identity/envelope-signature',
    false,
    async () => {
      const frame = await seal({})
      frame[frame.length - 1]! ^= 1
      return frame
    },
  ],
  [
    'somebody else’s name',
    'identity/envelope-signature',
    false,
    () => sealAnything(mal.signer, { ...envelopeOf(mal.signer, relay()), from: ann.me }),
  ],
  [
    'somebody else’s envelope',
    'federation/misaddressed',
    false,
    async () => {
      const other = createSigner(await signerFromSeed(new Uint8Array(randomBytes(32))))
      return sealEnvelope(other, envelopeOf(other, relay()))
    },
  ],
  ['another addressee', 'federation/misaddressed', true, () => seal({ to: ann.me })],
  ['a capability that is not there', 'policy/not-exposed', true, () => seal({ capability: 'x.y' })],
  ['content that is not as declared', 'codec/', true, () => seal({ body: encode({ from: 'x' }) })],
  [
    'a record',
    'federation/misaddressed',
    false,
    () =>
      seal({
        kind: 'record',
        capability: 'ledger.entry',
        body: encode({ entry: new Uint8Array(10) }),
      }),
  ],
  ...(['result', 'item', 'end', 'error', 'credit', 'cancel'] as const).map(
    (kind): (typeof frames)[number] => [
      `a ${kind} that nobody asked for`,
      'federation/unasked',
      false,
      () => {
        const { capability: _, ...envelope } = envelopeOf(mal.signer, relay(), {
          kind,
          reply: new Uint8Array(randomBytes(16)),
        })
        return sealEnvelope(mal.signer, envelope)
      },
    ],
  ),
]

describe('a member that sends', () => {
  it.each(frames)('%s is refused with %s', async (_name, code, answered, make) => {
    const calls = await openCalls(mal, relay().me)
    const total = () =>
      [...counted.all].reduce(
        (sum, [key, count]) =>
          sum +
          (key.startsWith('folkmoot_federation_refused_total') && key.includes(code) ? count : 0),
        0,
      )
    const before = total()
    const decided = await operations(relay())
    await calls.send(await make())
    await waitUntil('it is counted', () => total() > before)
    // The session lives, and what comes next is served.
    const id = new Uint8Array(randomBytes(16))
    await calls.send(await seal({ id }))
    await waitUntil('it is served', () => calls.heard.some((frame) => isReply(frame, id)))
    expect(calls.heard.length).toBe(answered ? 2 : 1)
    expect(await operations(relay())).toEqual(decided)
    calls.abort(new Error('done'))
  })

  it('the same envelope twice is answered once', async () => {
    const calls = await openCalls(mal, relay().me)
    const frame = await seal({})
    for (let times = 0; times < 5; times++) await calls.send(frame)
    await waitUntil('four are counted', () => counted.refused('calls/replay') >= 4)
    const other = await openCalls(mal, relay().me)
    await other.send(frame)
    await waitUntil('on another stream too', () => counted.refused('calls/replay') >= 5)
    const results = calls.heard.filter((heard) => envelopeIn(heard).kind === 'result')
    expect(results.length).toBe(1)
    calls.abort(new Error('done'))
    other.abort(new Error('done'))
  })

  it('a frame over the bound is hung up on, and may come back', async () => {
    const calls = await openCalls(mal, relay().me)
    const before = counted.of('folkmoot_transport_offences_total')
    await calls.send(new Uint8Array(3 << 20)).catch(() => {})
    await calls.ended
    await waitUntil('it is counted', () => counted.of('folkmoot_transport_offences_total') > before)
    await waitUntil('the link is gone', () => mal.transport.links().length === 0)
    await mal.transport.dial(address)
    const again = await openCalls(mal, relay().me)
    const id = new Uint8Array(randomBytes(16))
    await again.send(await seal({ id }))
    await waitUntil('it is served', () => again.heard.some((frame) => isReply(frame, id)))
    again.abort(new Error('done'))
  })

  it('more calls than it may make is told so, and others are served', async () => {
    const calls = await openCalls(mal, relay().me)
    const study = 'ab'.repeat(32)
    const flood = async () => {
      for (let at = 0; at < 1_300; at++) {
        const body = encode({ study, want: 16 })
        await calls.send(await seal({ capability: 'study.lease', body, deadline: now() + 60_000 }))
      }
    }
    await Promise.all([
      flood(),
      (async () => {
        for (let at = 0; at < 5; at++) {
          const answer = await ann.call(relay().me, echo(), `${at}`, { deadlineMs: 60_000 })
          expect(answer).toEqual({ ok: true, output: `${at}` })
        }
      })(),
    ])
    await waitUntil('the rest is refused', () => counted.refused('policy/rate') >= 100, 120_000)
    calls.abort(new Error('done'))
  }, 180_000)

  it('streams that say nothing holds no more than its few', async () => {
    const opened = await Promise.allSettled(
      Array.from({ length: 40 }, () => mal.transport.open(relay().me, '/folkmoot/call/1')),
    )
    expect(await ann.call(relay().me, echo(), 'meanwhile')).toMatchObject({ ok: true })
    for (const stream of opened) {
      if (stream.status === 'fulfilled') stream.value.abort(new Error('done'))
    }
  })
})

describe('a stranger', () => {
  const silence = async (node: RawNode, hello: Uint8Array) => {
    const calls = await openCalls(node, relay().me, hello)
    for (let at = 0; at < 20; at++) {
      const envelope = envelopeOf(node.signer, relay(), { capability: 'test.echo' })
      await calls.send(await sealEnvelope(node.signer, envelope)).catch(() => {})
    }
    await calls.ended
    expect(calls.heard).toEqual([])
  }
  const receiptOf = async (signer: Signer, peer: string, change = {}) =>
    sealReceipt(signer, {
      v: 1,
      fed: relay().fed,
      peer: peer as never,
      role: 'member',
      root: 'founder',
      status: 'final',
      issued: now(),
      expires: now() + 600_000,
      ...change,
    })

  it('without a receipt is not heard', async () => {
    await silence(await stranger(), new Uint8Array())
    await silence(await stranger(), new Uint8Array(randomBytes(400)))
  })

  it('with a receipt that it made itself, or that is another’s, is not heard', async () => {
    const node = await stranger()
    await silence(node, await receiptOf(node.signer, node.peer))
    // A genuine receipt, kept by a member; it names that member and nobody else.
    const genuine = await receiptOf(mal.signer, ann.me)
    await silence(await stranger(), genuine)
  })

  it('is not heard by the relay whatever it shows: there it joins, or it is nobody', async () => {
    const node = await stranger()
    const key = createSigner(await openKeyFile(join(federation.folder, 'founder', 'key.pem')))
    // As good as a receipt can be, but the ledger does not know its key.
    await silence(node, await receiptOf(key, node.peer))
  })

  it('opens nothing but the protocols for strangers', async () => {
    const node = await stranger()
    for (const protocol of ['/folkmoot/sync/1', '/meshsub/1.2.0', '/folkmoot/consensus/1']) {
      const stream = await node.transport.open(relay().me, protocol).catch(() => null)
      if (stream === null) continue
      await stream.send(new Uint8Array([1, 2, 3])).catch(() => {})
      const heard: Uint8Array[] = []
      try {
        for await (const frame of stream.frames()) heard.push(frame)
      } catch {
        // Reset, as it should be.
      }
      expect(heard).toEqual([])
    }
  })
})

/** What is final, but for the checkpoints that a peer hands in by itself. */
async function operations({ ledger }: Peer): Promise<string[]> {
  const ids: string[] = []
  for (let at = 1; at <= ledger.status().height; at++) {
    for (const { id, bytes } of (await ledger.entryAt(at))?.ops ?? []) {
      const peeked = peekOperation(bytes)
      if (!peeked.ok || peeked.operation.kind !== 'audit.checkpoint') ids.push(id)
    }
  }
  return ids
}

function envelopeIn(frame: Uint8Array): Envelope {
  const outer = decode(frame)
  const body = outer.ok ? decode((outer.value as Uint8Array[])[0]!) : outer
  if (!body.ok) throw new Error(body.fault.message)
  return body.value as Envelope
}

function isReply(frame: Uint8Array, id: Uint8Array): boolean {
  const { reply, kind } = envelopeIn(frame)
  return kind === 'result' && Buffer.compare(reply!, id) === 0
}
