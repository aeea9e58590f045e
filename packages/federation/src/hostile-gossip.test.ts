/** Messages by hand on the topics, from members, in their own name and in others'. */
import { randomBytes } from 'node:crypto'
import { encode } from '@folkmoot/codec'
import { encodeEntry, encodeHeader, payloadRoot } from '@folkmoot/consensus'
import { penguinsStudy } from '@folkmoot/example-penguins'
import { createSigner, type Envelope, type Signer, sealEnvelope } from '@folkmoot/identity'
import { signerFromSeed } from '@folkmoot/storage/node'
import { type StudyId, sealStudyRecord } from '@folkmoot/studies'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Counted, countMetrics } from '../test/counted.ts'
import {
  admittedKey,
  type RawNode,
  recordOf,
  sealAnything,
  startRawNode,
} from '../test/raw-node.ts'
import type { Peer } from './peer.ts'

const permutations = 20_000
let federation: LoopbackFederation
let counted: Counted
let ann: Peer
let study: StudyId
/** Members by hand: one that lies, one that passes on, one that only breaks the rules. */
let mal: RawNode
let hal: RawNode
let bad: RawNode
/** What came to them on the ledger's topic. */
const onLedger: Buffer[] = []
const topic = (name: 'presence' | 'studies' | 'ledger') => `/folkmoot/1/${relay().fed}/${name}`
const relay = () => federation.founder()
const someone = async () => createSigner(await signerFromSeed(new Uint8Array(randomBytes(32))))

beforeAll(async () => {
  counted = countMetrics()
  federation = await startLoopbackFederation({ relayPlatform: counted.platform })
  const keys = await Promise.all(['mal', 'hal', 'bad'].map((name) => admittedKey(federation, name)))
  ann = await federation.join()
  study = await federation.openStudy(
    await penguinsStudy({ units: 4, permutationsPerUnit: permutations }),
  )
  const address = federation.relays().find((each) => !each.includes('/ws'))!
  ;[mal, hal, bad] = (await Promise.all(keys.map((key) => startRawNode(address, key)))) as [
    RawNode,
    RawNode,
    RawNode,
  ]
  for (const node of [mal, hal, bad]) {
    const heard = new Set<string>()
    for (const name of ['presence', 'studies', 'ledger'] as const) {
      node.transport.subscribe(topic(name), {
        maxBytes: 1 << 20,
        validate: async () => 'accept',
        deliver: (bytes) => {
          heard.add(name)
          if (name === 'ledger') onLedger.push(Buffer.from(bytes))
        },
      })
    }
    await waitUntil('gossip reaches it', () => heard.has('presence'))
  }
}, 180_000)
afterAll(async () => {
  await Promise.all([mal, hal, bad].map((node) => node.transport.stop()))
  await federation.stop()
})

const resultOf = async (
  signer: Signer,
  init: { unit?: number; study?: StudyId; output?: unknown; seq?: number } = {},
) =>
  sealStudyRecord(signer, {
    study: init.study ?? study,
    unit: init.unit ?? 0,
    output: encode(init.output ?? { hits: 3, trials: permutations }),
    seq: init.seq ?? 0,
    at: Date.now(),
  })
const told = async (
  signer: Signer,
  record: Uint8Array,
  change: Partial<Envelope> = {},
  of: StudyId = study,
) => sealEnvelope(signer, recordOf(signer, relay(), 'study.result', { study: of, record }, change))
const gossiped = (verdict: string) => counted.of('folkmoot_transport_gossip_total', { verdict })
const held = (unit: number) => relay().studies.room(study)!.results.ofUnit(unit).length

describe('a message on a topic', () => {
  it('that every honest peer would refuse is rejected', async () => {
    const good = await told(bad.signer, await resultOf(bad.signer))
    const forged = good.slice()
    forged[forged.length - 1]! ^= 1
    const messages: Uint8Array[] = [
      new Uint8Array(randomBytes(300)),
      new Uint8Array([0x98, good[0]! & 0x1f, ...good.slice(1)]),
      forged,
      await told(bad.signer, await resultOf(bad.signer), { fed: 'ab'.repeat(32) }),
      await told(bad.signer, await resultOf(bad.signer), { deadline: Date.now() + 86_400_000 }),
      await sealAnything(bad.signer, { ...recordOf(bad.signer, relay(), 'x', 1), from: ann.me }),
    ]
    const before = gossiped('reject')
    for (const message of messages.slice(0, 3)) {
      await bad.transport.publish(topic('studies'), message)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await waitUntil('three are rejected', () => gossiped('reject') >= before + 3)
    for (const message of messages.slice(3)) await bad.transport.publish(topic('studies'), message)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    // After that much rubbish nobody listens to this messenger any more, whatever it brings.
    await bad.transport.publish(
      topic('studies'),
      await told(mal.signer, await resultOf(mal.signer)),
    )
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(held(0)).toBe(0)
  })

  it('that only this peer refuses is ignored, whoever passed it on', async () => {
    const outsider = await someone()
    const now = Date.now()
    const other = 'cd'.repeat(32) as StudyId
    const messages: [string, Uint8Array][] = [
      ['of a stranger', await told(outsider, await resultOf(outsider))],
      [
        'that has expired',
        await told(mal.signer, await resultOf(mal.signer), {
          sent: now - 600_000,
          deadline: now - 500_000,
        }),
      ],
      [
        'of the future',
        await told(mal.signer, await resultOf(mal.signer), {
          sent: now + 600_000,
          deadline: now + 700_000,
        }),
      ],
      [
        'of a version to come',
        await sealAnything(mal.signer, { ...recordOf(mal.signer, relay(), 'x', 1), v: 2 }),
      ],
      ['that is a call', await told(mal.signer, await resultOf(mal.signer), { kind: 'call' })],
      ['that is for one peer', await told(mal.signer, await resultOf(mal.signer), { to: ann.me })],
      ['with a result of a stranger', await told(mal.signer, await resultOf(outsider))],
      [
        'for a unit that is not there',
        await told(mal.signer, await resultOf(mal.signer, { unit: 4 })),
      ],
      [
        'with more than may leave',
        await told(
          mal.signer,
          await resultOf(mal.signer, {
            output: { hits: 3, trials: permutations, name: 'Ann' },
          }),
        ),
      ],
      [
        'with a number out of range',
        await told(mal.signer, await resultOf(mal.signer, { output: { hits: 3, trials: 1 } })),
      ],
      [
        'for a study that is not there',
        await told(mal.signer, await resultOf(mal.signer, { study: other }), {}, other),
      ],
      [
        'of one study told as of another',
        await told(mal.signer, await resultOf(mal.signer, { study: other })),
      ],
      [
        'that belongs on another topic',
        await sealEnvelope(
          mal.signer,
          recordOf(mal.signer, relay(), 'ledger.entry', { entry: new Uint8Array(10) }),
        ),
      ],
      [
        'that is not as declared',
        await sealEnvelope(mal.signer, recordOf(mal.signer, relay(), 'study.result', { study: 3 })),
      ],
    ]
    for (const [what, message] of messages) {
      const ignored = gossiped('ignore')
      const rejected = gossiped('reject')
      await hal.transport.publish(topic('studies'), message)
      await waitUntil(
        `it is ignored: a message ${what}`,
        () => gossiped('ignore') > ignored,
        30_000,
      )
      expect(gossiped('reject'), what).toBe(rejected)
    }
    expect([0, 1, 2, 3].map(held)).toEqual([0, 0, 0, 0])
    // Whoever passed all of that on is heard as before.
    const accepted = gossiped('accept')
    await hal.transport.publish(
      topic('studies'),
      await told(hal.signer, await resultOf(hal.signer)),
    )
    await waitUntil('it is heard', () => held(0) === 1)
    await waitUntil('it is accepted', () => gossiped('accept') > accepted)
    await waitUntil('by ann too', () => ann.studies.room(study)!.results.ofUnit(0).length === 1)
  })

  it('told twice counts once, and two answers of one peer count as none', async () => {
    const record = await resultOf(mal.signer, { unit: 1 })
    for (let times = 0; times < 5; times++) {
      await mal.transport.publish(topic('studies'), await told(mal.signer, record))
    }
    await waitUntil('it is held', () => held(1) === 1)
    const state = () => relay().studies.room(study)!.acceptance().units[1]!
    await waitUntil('it counts once', () => state().supporters.length === 1)
    for (const hits of [5, 6, 7, 8]) {
      const lie = await resultOf(mal.signer, { unit: 1, output: { hits, trials: permutations } })
      await mal.transport.publish(topic('studies'), await told(mal.signer, lie))
    }
    await waitUntil('it counts as none', () => state().supporters.length === 0)
    // However many it signs, two are kept: enough to prove it.
    expect(held(1)).toBeLessThanOrEqual(2)
  })

  it('with a forged ledger entry moves nobody’s ledger', async () => {
    const height = ann.ledger.status().height
    const [genuine] = await relay().ledger.entries(height, 1)
    const altered = genuine!.slice()
    altered[altered.length - 3]! ^= 1
    const before = gossiped('accept') + gossiped('ignore') + gossiped('reject')
    for (const entry of [altered, genuine!, new Uint8Array(randomBytes(200)), new Uint8Array(0)]) {
      const record = recordOf(mal.signer, relay(), 'ledger.entry', { entry })
      await mal.transport.publish(topic('ledger'), await sealEnvelope(mal.signer, record))
    }
    await waitUntil(
      'they came',
      () => gossiped('accept') + gossiped('ignore') + gossiped('reject') >= before + 4,
    )
    const invited = await relay().invite({
      uses: 1,
      validMs: 60_000,
      role: 'member',
      cohort: '',
      relays: [],
    })
    await waitUntil(
      'ann follows',
      () => ann.ledger.state.state().invitation(invited.id) !== undefined,
    )
    expect(ann.ledger.status().halted).toBeUndefined()
    expect(relay().ledger.status().halted).toBeUndefined()
    await waitUntil(
      'both stand at one height',
      () => relay().ledger.status().height === ann.ledger.status().height,
    )
  })

  it('with an entry far ahead keeps nobody from telling the next ones', async () => {
    const none = new Uint8Array(32)
    const header = encodeHeader({
      instance: relay().fed,
      epoch: 0,
      height: Number.MAX_SAFE_INTEGER,
      parentHash: none,
      payloadHash: payloadRoot([]),
      stateRoot: none,
      historyRoot: none,
      time: 0,
    })
    const entry = encodeEntry({ kind: 'solo', header, signature: new Uint8Array(64) }, [])
    const record = recordOf(mal.signer, relay(), 'ledger.entry', { entry })
    const before = gossiped('accept')
    await mal.transport.publish(topic('ledger'), await sealEnvelope(mal.signer, record))
    await waitUntil('it came', () => gossiped('accept') > before)
    for (let n = 0; n < 2; n++) {
      await relay().invite({ uses: 1, validMs: 60_000, role: 'member', cohort: '', relays: [] })
      const [bytes] = await relay().ledger.entries(relay().ledger.status().height, 1)
      const next = Buffer.from(bytes!)
      await waitUntil('it is told', () => onLedger.some((message) => message.includes(next)))
    }
  })

  it('that says others are silent does not put them out', async () => {
    for (let at = 0; at < 10; at++) {
      const record = recordOf(mal.signer, relay(), 'membership.presence', {
        kind: 'suspect',
        peer: ann.me,
        incarnation: Date.now(),
      })
      await mal.transport.publish(topic('presence'), await sealEnvelope(mal.signer, record))
    }
    await waitUntil('ann is here', () =>
      relay()
        .present()
        .some(({ peer, status }) => peer === ann.me && status === 'here'),
    )
  })

  it('in a flood leaves others heard, and a study of honest peers is finished', async () => {
    let stop = false
    const flood = (async () => {
      for (let at = 0; at < 3_000 && !stop; at++) {
        const output = { hits: at, trials: permutations }
        const record = await resultOf(mal.signer, { unit: 2, seq: at, output })
        await mal.transport
          .publish(topic('studies'), await told(mal.signer, record))
          .catch(() => {})
      }
    })()
    const bob = await federation.join()
    for (const member of [ann, bob]) {
      await waitUntil('the study is here', () => member.studies.room(study) !== undefined)
      await member.consent(study, 'ab'.repeat(32), '1')
      member.studies.contribute(study, 1)
    }
    await waitUntil(
      'it is recorded',
      () => relay().ledger.state.state().study(study)?.final === 4,
      150_000,
    )
    stop = true
    await flood
    expect(held(2)).toBeLessThanOrEqual(4)
    expect((await relay().audit.verify()).ok).toBe(true)
  }, 240_000)
})
