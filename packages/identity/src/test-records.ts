/**
 * One honest value of every signed structure, for tests and fuzz targets.
 *
 * @module
 */
import type { AddressRecord } from './address-record.ts'
import type { Charter } from './charter.ts'
import type { Consent } from './consent.ts'
import type { Envelope } from './envelope-schema.ts'
import type { Invitation } from './invitation.ts'
import type { Receipt } from './receipt.ts'
import type { Revocation } from './revocation.ts'
import { testSigner } from './test-keys.ts'

export const founder = testSigner(1)
export const member = testSigner(2)
export const inviteKey = testSigner(3)
export const stranger = testSigner(4)

export const now = 1_800_000_000_000
export const fed = 'fe'.repeat(32)
export const hash = 'ab'.repeat(32)

export const charter: Charter = {
  v: 1,
  name: 'Pi together',
  purpose: 'To estimate pi by throwing darts.',
  founder: founder.peer,
  contact: 'founder@example.org',
  engine: 'solo',
  voters: [founder.peer],
  preset: 'classroom',
  admission: 'invitation',
  approval: { 'study.open': 'founder' },
  crossOrg: false,
  limits: { members: 200 },
  privacy: 'Only counts of darts leave your machine.',
  created: now,
}

/** Two voters, who continue another federation. */
export const bftCharter: Charter = {
  ...charter,
  engine: 'bft',
  voters: [founder.peer, member.peer],
  voteKeys: [inviteKey.publicKey, stranger.publicKey],
  orgs: ['one', 'another'],
  refounds: { fed, height: 9, block: new Uint8Array(32).fill(5) },
}

export const refounding = { fed: hash, refounds: { fed, height: 9, block: new Uint8Array(32) } }

export const invitation: Invitation = {
  v: 1,
  fed,
  relays: [`/dns4/relay.example.org/tcp/443/wss/p2p/${founder.peer}`],
  role: 'member',
  cohort: 'class 7b',
  uses: 30,
  expires: now + 86_400_000,
  key: inviteKey.publicKey,
  anchor: { epoch: 0, setHash: new Uint8Array(32).fill(9), date: now },
}

export const receipt: Receipt = {
  v: 1,
  fed,
  peer: member.peer,
  role: 'member',
  root: hash,
  status: 'final',
  issued: now,
  expires: now + 3_600_000,
}

export const consent: Consent = {
  v: 1,
  fed,
  peer: member.peer,
  study: hash,
  textHash: 'cd'.repeat(32),
  version: '1',
  at: now,
}

export const revocation: Revocation = {
  v: 1,
  fed,
  peer: member.peer,
  reason: 'lost laptop',
  at: now,
}

/** Of the member. */
export const addressRecord: AddressRecord = {
  v: 1,
  fed,
  addresses: [
    `/ip4/192.0.2.7/tcp/4601/p2p/${member.peer}`,
    `/dns4/relay.example.org/tcp/443/tls/ws/p2p/${member.peer}`,
  ],
  issued: now,
}

export const envelope: Envelope = {
  v: 1,
  fed,
  id: new Uint8Array(16).fill(5),
  from: member.peer,
  to: founder.peer,
  kind: 'call',
  capability: 'study.result',
  idempotencyKey: 'unit-7',
  sent: now,
  deadline: now + 60_000,
  budget: { ms: 1000 },
  salt: new Uint8Array(16).fill(6),
  guard: { policy: 'declared/1', counts: { int: 2 } },
  trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  body: new Uint8Array([1, 2, 3]),
}
