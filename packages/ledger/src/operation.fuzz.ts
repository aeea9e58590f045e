/**
 * Fuzz target: operations and snapshots as a stranger may send them. Whatever the bytes, reading and
 * applying answer with a verdict, and a refusal leaves the state root as it was.
 *
 * @module
 */
import { errorCode } from '@folkmoot/base'
import { encode, equalBytes, fromHex } from '@folkmoot/codec'
import { peerIdOf } from '@folkmoot/identity'
import { createLedger } from './ledger.ts'
import { peekOperation } from './operation.ts'

/** Applying reads no signature, so any will do. */
function unsigned(publicKey: Uint8Array, value: unknown): Uint8Array {
  return encode([encode(value), publicKey, new Uint8Array(64)])
}

const founderKey = new Uint8Array(32).fill(9)
const linkKey = new Uint8Array(32).fill(8)
const founder = peerIdOf(founderKey)
const memberKey = new Uint8Array(32).fill(7)
const member = peerIdOf(memberKey)
/** Keys that pass for vote keys: the base point, and the first of RFC 8032 §7.1. */
const voteKeys = [
  fromHex(`58${'66'.repeat(31)}`),
  fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'),
]

const common = {
  v: 1,
  name: 'Fuzz',
  purpose: '',
  founder,
  contact: '',
  preset: 'test',
  admission: 'invitation',
  approval: { 'study.open': 'member', 'voter.remove': '2 of orgs' },
  crossOrg: false,
  limits: { members: 3 },
  privacy: '',
  created: 1,
}

const hash = '0'.repeat(64)

/** A body of every kind that means something in this federation. */
function bodiesFor(fed: string, charter: Uint8Array, proposal: string): [string, unknown][] {
  const invitation = unsigned(founderKey, {
    v: 1,
    fed,
    relays: [],
    role: 'member',
    cohort: '',
    uses: 1,
    expires: 9_000,
    key: linkKey,
    anchor: { epoch: 0, setHash: new Uint8Array(32), date: 1 },
  })
  const redemption = unsigned(linkKey, { v: 1, invitation: hash, fed, peer: member })
  const revocation = unsigned(founderKey, { v: 1, fed, peer: member, reason: '', at: 1 })
  const manifest = unsigned(founderKey, { v: 1, fed, units: 9, expires: 9_000, title: 't' })
  const checkpoint = `folkmoot/${fed}/${founder}/${'a'.repeat(32)}\n3\n${'A'.repeat(43)}=\n`
  const root = new Uint8Array(32)

  const actions = [
    { kind: 'invitation.create', body: { invitation } },
    { kind: 'study.open', body: { manifest, manifestId: hash } },
    { kind: 'study.close', body: { study: hash } },
    { kind: 'member.revoke', body: { peer: member, reason: '' } },
    { kind: 'voter.offer', body: { peer: founder, org: 'o', seat: true } },
    { kind: 'voter.remove', body: { peer: founder } },
    { kind: 'voter.rotate', body: {} },
    { kind: 'charter.amend', body: { approval: { 'study.open': '2 of orgs' } } },
    { kind: 'engine.change', body: { engine: 'bft', voters: [{ peer: founder, org: 'o' }] } },
  ]

  return [
    ['federation.found', { charter }],
    ['invitation.create', { invitation }],
    ['invitation.revoke', { invitation: hash }],
    ['member.admit', { invitation, redemption, nickname: 'n', role: 'member' }],
    ['member.leave', {}],
    ['member.revoke', { revocation }],
    ['study.open', { manifest, manifestId: hash }],
    ['study.close', { study: hash }],
    ['study.batch', { study: hash, root, count: 1, units: [0], credits: [[member, 1]] }],
    ['audit.checkpoint', { peer: founder, checkpoint }],
    ['report', { study: hash, reason: 'r' }],
    ['voter.key', { epoch: 1, key: linkKey, proof: new Uint8Array(64) }],
    ['voter.accept', { epoch: 1, key: linkKey, proof: new Uint8Array(64) }],
    ['voter.resign', {}],
    ['voter.overdue', { peer: member }],
    ['evidence', { evidence: new Uint8Array(9), set: new Uint8Array(9) }],
    ...actions.map((action): [string, unknown] => ['propose', { action, expiresHeight: 9 }]),
    ['ballot', { proposal, yes: true }],
  ]
}

/** A federation of one founder, or of two voters, with an open proposal. */
function federation(more: Record<string, unknown>) {
  const charter = unsigned(founderKey, { ...common, ...more })
  const fresh = () =>
    createLedger({ charterBytes: charter, checker: { verify: async () => false } })
  const { fed } = fresh()
  const epoch = more.engine === 'bft' ? 1 : 0
  const operation = (key: Uint8Array, kind: string, sequence: number, body: unknown) =>
    unsigned(key, { v: 1, fed, kind, sequence, body })
  const remove = { kind: 'voter.remove', body: { peer: founder } }
  const begin = [
    operation(founderKey, 'federation.found', 1, { charter }),
    operation(memberKey, 'propose', 1, { action: remove, expiresHeight: 9 }),
  ]
  const proposed = peekOperation(begin[1]!)
  const bodies = bodiesFor(fed, charter, proposed.ok ? proposed.id : hash)
  const seeds = [founderKey, memberKey].flatMap((key) =>
    bodies.map(([kind, body], i) => operation(key, kind, i + 2, body)),
  )
  return { fresh, epoch, begin, seeds }
}

const federations = [
  federation({ engine: 'solo', voters: [founder] }),
  federation({ engine: 'bft', voters: [founder, member], voteKeys, orgs: ['a', 'b'] }),
]

export const name = 'ledger operation'

export const seeds: Uint8Array[] = federations.flatMap((one) => one.seeds)

/** Answers how each federation took it, so that what is taken otherwise is kept to be changed on. */
export async function run(bytes: Uint8Array): Promise<string> {
  const kinds: string[] = []
  for (const one of federations) kinds.push(await runIn(one, bytes))
  return kinds.join(' | ')
}

async function runIn(
  { fresh, epoch, begin }: (typeof federations)[number],
  bytes: Uint8Array,
): Promise<string> {
  const ledger = fresh()
  for (const [i, op] of begin.entries()) await ledger.apply(op, { height: i + 1, time: 1, epoch })
  const before = ledger.root()
  const at = { height: 3, time: 2, epoch }
  const mark = ledger.mark()
  const tried = await ledger.apply(bytes, at)
  mark.rollback()
  if (!equalBytes(before, ledger.root())) throw new Error('going back changed the state')
  const applied = await ledger.apply(bytes, at)
  if (applied.ok !== tried.ok) throw new Error('the same operation had two outcomes')
  if (!applied.ok && !equalBytes(before, ledger.root())) {
    throw new Error('a refused operation changed the state')
  }
  if (applied.ok && !peekOperation(bytes).ok) throw new Error('applied what cannot be read')
  ledger.nextSet()
  ledger.screen(bytes)
  if ((await ledger.check(bytes)).ok) throw new Error('accepted without a signature')
  const snapshot = ledger.snapshot()
  try {
    await ledger.restore(bytes)
  } catch (error) {
    if (errorCode(error) !== 'ledger/snapshot') throw error
  }
  await ledger.restore(snapshot)
  return applied.ok ? 'ok' : `${applied.fault.code} ${applied.fault.message}`
}
