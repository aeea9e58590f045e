/**
 * Fuzz target: operations and snapshots as a stranger may send them. Whatever the bytes, reading and
 * applying answer with a verdict, and a refusal leaves the state root as it was.
 *
 * @module
 */
import { errorCode } from '@folkmoot/base'
import { encode, equalBytes } from '@folkmoot/codec'
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
const member = peerIdOf(new Uint8Array(32).fill(7))
const charter = unsigned(founderKey, {
  v: 1,
  name: 'Fuzz',
  purpose: '',
  founder,
  contact: '',
  engine: 'solo',
  voters: [founder],
  preset: 'test',
  admission: 'invitation',
  approval: { 'study.open': 'member' },
  crossOrg: false,
  limits: { members: 3 },
  privacy: '',
  created: 1,
})

const fresh = () => createLedger({ charterBytes: charter, checker: { verify: async () => false } })
const { fed } = fresh()
const hash = '0'.repeat(64)

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

const bodies: [string, unknown][] = [
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
]

export const name = 'ledger operation'

export const seeds: Uint8Array[] = bodies.map(([kind, body], i) =>
  unsigned(founderKey, { v: 1, fed, kind, sequence: i + 2, body }),
)

export async function run(bytes: Uint8Array): Promise<void> {
  const ledger = fresh()
  await ledger.apply(
    unsigned(founderKey, { v: 1, fed, kind: 'federation.found', sequence: 1, body: { charter } }),
    { height: 1, time: 1, epoch: 0 },
  )
  const before = ledger.root()
  const applied = await ledger.apply(bytes, { height: 2, time: 2, epoch: 0 })
  if (!applied.ok && !equalBytes(before, ledger.root())) {
    throw new Error('a refused operation changed the state')
  }
  if (applied.ok && !peekOperation(bytes).ok) throw new Error('applied what cannot be read')
  ledger.screen(bytes)
  if ((await ledger.check(bytes)).ok) throw new Error('accepted without a signature')
  const snapshot = ledger.snapshot()
  try {
    await ledger.restore(bytes)
  } catch (error) {
    if (errorCode(error) !== 'ledger/snapshot') throw error
  }
  await ledger.restore(snapshot)
}
