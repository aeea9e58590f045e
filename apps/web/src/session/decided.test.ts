import { encodeHeader, type FinalEntry, type Header } from '@folkmoot/consensus'
import { sealRecord, sealRedemption } from '@folkmoot/identity'
import { testSigner } from '@folkmoot/identity/test-keys'
import { type Operation, sealOperation } from '@folkmoot/ledger'
import { expect, it } from 'vitest'
import { shortPeer } from '../format.ts'
import { decidedWords } from '../words/change-words.ts'
import { decisionWords } from '../words/decision-words.ts'
import { decisionView } from './decided.ts'

const fed = 'ab'.repeat(32)
const id = 'cd'.repeat(32)
const relay = testSigner(1)
const dov = testSigner(2).peer

function entry(more: Partial<Header>, ops: FinalEntry['ops'] = []): FinalEntry {
  const hash = new Uint8Array(32)
  const header = encodeHeader({
    instance: fed,
    epoch: 1,
    height: 7,
    parentHash: hash,
    payloadHash: hash,
    stateRoot: hash,
    historyRoot: hash,
    time: 1_000,
    ...more,
  } as unknown as Header)
  return { header, height: 7, time: 1_000, ops } as unknown as FinalEntry
}

const none = () => undefined
const words = (of: FinalEntry, manifestOf: (study: string) => Uint8Array | undefined = none) =>
  decidedWords(decisionView(of, manifestOf), shortPeer)

async function decided(...bodies: readonly Pick<Operation, 'kind' | 'body'>[]) {
  const ops = bodies.map(async (body, index) => {
    const operation = { v: 1, fed, sequence: index + 1, ...body } as Operation
    const sealed = await sealOperation(relay, operation)
    return { ...sealed, outcome: { ok: true as const } }
  })
  return entry({}, (await Promise.all(ops)) as unknown as FinalEntry['ops'])
}

it('says of an entry without operations that the voters are alive, or that the next take over', () => {
  expect(words(entry({}))).toBe(decisionWords.nothing)
  expect(words(entry({ nextSetHash: new Uint8Array(32) }))).toBe(decisionWords.turned)
})

it('says who was admitted, by the name that it gave', async () => {
  const link = testSigner(3)
  const redemption = await sealRedemption(link, { invitation: id, fed, peer: dov })
  const body = { redemption, nickname: 'dov', role: 'member' } as const
  expect(words(await decided({ kind: 'member.admit', body }))).toBe(
    `Admitted dov ${shortPeer(dov)}`,
  )
})

it('says which study, and of what cannot be read that it is one', async () => {
  const manifest = await sealRecord(relay, 'manifest', { v: 1 })
  const root = new Uint8Array(32)
  const batch = {
    kind: 'study.batch',
    body: { study: id, root, count: 8, units: [0], credits: [] },
  } as const
  expect(words(await decided(batch), () => manifest)).toBe('Recorded 8 units of a study')
})

it('names a few things of a decision that holds many, and says of what was refused that it was', async () => {
  const bodies = Array.from({ length: 9 }, (_, i) => ({
    kind: 'voter.overdue' as const,
    body: { peer: testSigner(10 + i).peer },
  }))
  const many = words(await decided(...bodies, bodies[0]!))
  expect(many.split(' · ')).toHaveLength(5)
  expect(many).toMatch(/ · and 5 more$/)
  const refused = entry({}, [
    { id, bytes: new Uint8Array([1]), outcome: { ok: false, fault: { code: 'a/b', message: '' } } },
  ] as unknown as FinalEntry['ops'])
  expect(words(refused)).toBe('Something that this page cannot read (refused)')
})
