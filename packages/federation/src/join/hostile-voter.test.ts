/** A member that wants to vote and was not asked, or was asked and cheats: each try is refused with its code. */
import { encode } from '@folkmoot/codec'
import { parseEntry } from '@folkmoot/consensus'
import { createSigner, type Signer, sealEnvelope } from '@folkmoot/identity'
import { type Operation, sealOperation, sealVoteKey } from '@folkmoot/ledger'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { keyOf } from '../../test/lone-room.ts'
import { admittedKey, type RawNode, recordOf, startRawNode } from '../../test/raw-node.ts'
import { consensusProtocol } from '../agreement/direct-streams.ts'
import type { Peer } from '../peer.ts'
import { ledgerSubmit } from '../services.ts'

let federation: LoopbackFederation
/** A member as the software makes one, whose owner signs by hand. */
let mal: Peer
let malKey: Signer
let sequence: number
const relay = () => federation.founder()

beforeAll(async () => {
  federation = await startLoopbackFederation()
}, 120_000)
// Another one for each test: what a member may hand in an hour is soon spent.
beforeEach(async () => {
  mal = await federation.join({
    nickname: 'mal',
    replace: (platform) => {
      malKey = createSigner(platform.signer)
      return platform
    },
  })
  sequence = 0
})
afterAll(() => federation.stop())

/** Hands in what the member's own software would not. */
async function handIn(intent: Pick<Operation, 'kind' | 'body'>, by = malKey) {
  sequence += 1
  const operation = { v: 1, fed: mal.fed, sequence, ...intent } as Operation
  const { bytes } = await sealOperation(by, operation)
  const answer = await mal.call(relay().me, ledgerSubmit, { operation: bytes })
  return answer.ok ? 'ok' : answer.fault.code
}

const claim = async (fill: number, epoch: number, init: { fed?: string; peer?: Peer } = {}) =>
  sealVoteKey(await keyOf(fill), {
    fed: init.fed ?? mal.fed,
    epoch,
    peer: (init.peer ?? mal).me,
  })
const next = () => relay().ledger.status().epoch + 1
const offer = () =>
  relay().agreement.propose({
    kind: 'voter.offer',
    body: { peer: mal.me, org: '', seat: true },
  })

describe('a seat that was not offered', () => {
  it('is not taken, nor prepared, nor given to oneself', async () => {
    const body = await claim(60, next())
    expect(await handIn({ kind: 'voter.accept', body })).toBe('ledger/no-offer')
    expect(await handIn({ kind: 'voter.key', body })).toBe('ledger/voter-unknown')
    expect(await handIn({ kind: 'voter.resign', body: {} })).toBe('ledger/voter-unknown')
    const overdue = { kind: 'voter.overdue', body: { peer: relay().me } } as const
    expect(await handIn(overdue)).toBe('ledger/not-allowed')
    // A proposal of one's own waits for who may decide it, and nothing else.
    const action = { kind: 'voter.offer', body: { peer: mal.me, org: '', seat: true } } as const
    const expiresHeight = relay().ledger.status().height + 100
    expect(await handIn({ kind: 'propose', body: { action, expiresHeight } })).toBe('ok')
    expect(await handIn({ kind: 'voter.accept', body })).toBe('ledger/no-offer')
    expect(relay().ledger.state.state().voting.roles.has(mal.me)).toBe(false)
    expect(relay().ledger.voters()).toEqual([relay().me])
  })

  it('is not taken in another’s name', async () => {
    const body = await claim(60, next(), { peer: relay() })
    expect(await handIn({ kind: 'voter.key', body })).toBe('ledger/signature')
    const stranger = await keyOf(61)
    expect(await handIn({ kind: 'voter.accept', body: await claim(60, next()) }, stranger)).toMatch(
      /^ledger\/(signature|not-member)$/,
    )
  })
})

describe('an offered seat', () => {
  it('is taken by a key that is held, new, and for an epoch to come', async () => {
    expect(await offer()).toMatchObject({ ok: true })
    const accept = async (body: Awaited<ReturnType<typeof claim>>) =>
      handIn({ kind: 'voter.accept', body })
    const good = await claim(62, next())
    const forged = { ...good, proof: good.proof.with(9, good.proof[9]! ^ 1) }
    expect(await accept(forged)).toBe('ledger/signature')
    // A key of somebody else, without its secret half.
    const stolen = (await keyOf(63)).publicKey
    expect(await accept({ ...good, key: stolen })).toBe('ledger/signature')
    expect(await accept({ ...good, epoch: next() + 1 })).toBe('ledger/signature')
    expect(await accept(await claim(62, next(), { fed: 'cd'.repeat(32) }))).toBe('ledger/signature')
    expect(await accept(await claim(62, next(), { peer: relay() }))).toBe('ledger/signature')
    expect(await accept(await claim(62, next() - 1))).toBe('ledger/epoch')
    expect(await accept(await claim(62, next() + 2))).toBe('ledger/epoch')
    expect(relay().ledger.voters()).toEqual([relay().me])
  })

  it('is not taken with the vote key of another voter, nor with its own', async () => {
    expect(await offer()).toMatchObject({ ok: true })
    const { voters } = relay().ledger.voterSet()!
    const body = { ...(await claim(62, next())), key: voters[0]!.voteKey }
    expect(await handIn({ kind: 'voter.accept', body })).toBe('ledger/signature')
    // The peer's own key may sign its identity and no votes.
    const own = await sealVoteKey(malKey, { fed: mal.fed, epoch: next(), peer: mal.me })
    expect(await handIn({ kind: 'voter.accept', body: own })).toBe('ledger/vote-key')
  })
})

describe('operations passed on as only voters do', () => {
  let node: RawNode
  afterAll(() => node?.transport.stop())

  it('are not recorded, whoever signed them', { timeout: 120_000 }, async () => {
    const key = await admittedKey(federation, 'ivy')
    node = await startRawNode(federation.relays().find((each) => !each.includes('/ws'))!, key)
    const { fed } = relay()
    const leave = { v: 1, fed, kind: 'member.leave', body: {} } as const
    const own = await sealOperation(node.signer, { ...leave, sequence: 1 })
    const foreign = await sealOperation(await keyOf(64), { ...leave, sequence: 1 })
    const stream = await node.transport.open(relay().me, consensusProtocol, { maxFrame: 1 << 20 })
    const passed = [own, foreign, { ...own, id: 'another' }]
    await stream.send(encode([32, passed.map(({ id, bytes }) => [id, bytes, null])]))
    // Decided one after the other: what the relay had taken would be among them by now.
    for (let n = 0; n < 3; n++) {
      mal = await federation.join({ nickname: `later-${n}` })
    }
    const ids = new Set<string>()
    for (let height = 1; height <= relay().ledger.status().height; height++) {
      for (const { id } of (await relay().ledger.entryAt(height))!.ops) ids.add(id)
    }
    for (const { id } of passed) expect(ids).not.toContain(id)
    expect(relay().ledger.state.isMember(node.peer)).toBe(true)
  })
})

describe('an entry that ended an epoch', () => {
  let node: RawNode
  afterAll(() => node?.transport.stop())

  it('told again, or with other voters, changes nothing', { timeout: 120_000 }, async () => {
    const key = await admittedKey(federation, 'eve')
    const victim = await federation.join({ nickname: 'victim' })
    const { epoch } = relay().ledger.status()
    for (const turn of [1, 2]) {
      expect(await relay().agreement.propose({ kind: 'voter.rotate', body: {} })).toMatchObject({
        ok: true,
      })
      await waitUntil(
        'the next epoch',
        () => relay().ledger.status().epoch === epoch + turn,
        60_000,
      )
    }
    await waitUntil('it follows', () => victim.ledger.status().epoch === epoch + 2)
    const [link] = relay().ledger.epochLinks()
    const entries = await relay().ledger.entries(1, 256)
    const end = entries.find((bytes) => {
      const parsed = parseEntry(bytes)
      return parsed.ok && parsed.entry.header.nextSetHash !== undefined
    })!
    expect(link && end).toBeDefined()
    node = await startRawNode(federation.relays().find((each) => !each.includes('/ws'))!, key)
    const topic = `/folkmoot/1/${relay().fed}/ledger`
    node.transport.subscribe(topic, {
      maxBytes: 1 << 20,
      validate: async () => 'accept',
      deliver: () => {},
    })
    const before = { relay: relay().ledger.status(), victim: victim.ledger.status() }
    const tampered = end.slice()
    tampered[tampered.length - 70]! ^= 1
    for (const entry of [end, tampered]) {
      const record = recordOf(node.signer, relay(), 'ledger.entry', { entry })
      await node.transport.publish(topic, await sealEnvelope(node.signer, record))
    }
    expect(await victim.agreement.verify()).toMatchObject({ ok: true, epochs: before.victim.epoch })
    expect(victim.ledger.status()).toMatchObject({ epoch: epoch + 2, halted: undefined })
    expect(relay().ledger.status()).toMatchObject({ epoch: epoch + 2, halted: undefined })
  })
})
