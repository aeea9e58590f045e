/**
 * A federation in miniature for tests: keys, records and operations, without an engine.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import {
  type Charter,
  type Invitation,
  noteSigner,
  openInvitation,
  peekRecord,
  type Signer,
  sealCharter,
  sealInvitation,
  sealRecord,
  sealRedemption,
  sealRevocation,
} from '@folkmoot/identity'
import * as v from 'valibot'
import { createLedger, type Operation, peekOperation, sealOperation } from '../src/index.ts'
import { testChecker, testRawSigner, testSigner } from './node-keys.ts'

export const START = 1_700_000_000_000
export const DAY = 86_400_000

export type Body<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>['body']

export async function createWorld(charterInit: Partial<Charter> = {}) {
  const { checker } = testChecker()
  const founder = testSigner(1)
  const charter = await sealCharter(founder, {
    v: 1,
    name: 'Test',
    purpose: 'Tests.',
    founder: founder.peer,
    contact: '',
    engine: 'solo',
    voters: [founder.peer],
    preset: 'test',
    admission: 'invitation',
    approval: {},
    crossOrg: false,
    limits: {},
    privacy: '',
    created: START,
    ...charterInit,
  })
  const { fed } = charter
  const ledger = createLedger({ charterBytes: charter.bytes, checker })
  const sequences = new Map<string, number>()
  let height = 0
  let time = START
  let epoch = charter.charter.engine === 'solo' ? 0 : 1

  async function seal<Kind extends Operation['kind']>(
    signer: Signer,
    kind: Kind,
    body: Body<Kind>,
    more: { sequence?: number; expectHeight?: number; expiresHeight?: number; fed?: string } = {},
  ) {
    const sequence = more.sequence ?? (sequences.get(signer.peer) ?? 0) + 1
    if (more.sequence === undefined) sequences.set(signer.peer, sequence)
    const operation = { v: 1, fed, ...more, kind, sequence, body } as Operation
    return (await sealOperation(signer, operation)).bytes
  }

  /** Checks and applies sealed bytes as the next entry; the outcome, or what `check` refused with. */
  async function record(bytes: Uint8Array): Promise<Verdict> {
    const checked = await ledger.check(bytes)
    if (!checked.ok) return checked
    height += 1
    time += 1_000
    return ledger.apply(bytes, { height, time, epoch })
  }

  async function submit<Kind extends Operation['kind']>(
    signer: Signer,
    kind: Kind,
    body: Body<Kind>,
    more: Parameters<typeof seal>[3] = {},
  ): Promise<Verdict> {
    return record(await seal(signer, kind, body, more))
  }

  async function invitation(inviter: Signer, key: Signer, init: Partial<Invitation> = {}) {
    const bytes = await sealInvitation(inviter, {
      v: 1,
      fed,
      relays: [],
      role: 'member',
      cohort: '',
      uses: 2,
      expires: START + DAY,
      key: key.publicKey,
      anchor: { epoch: 0, setHash: new Uint8Array(32), date: START },
      ...init,
    })
    const opened = await openInvitation(checker, bytes)
    if (!opened.ok) throw new Error(opened.fault.message)
    return { bytes, id: opened.id, key }
  }

  async function redeem(link: { id: string; key: Signer }, peer: Signer) {
    return sealRedemption(link.key, { invitation: link.id, fed, peer: peer.peer })
  }

  async function admit(link: { id: string; key: Signer }, peer: Signer): Promise<Verdict> {
    const redemption = await redeem(link, peer)
    return submit(founder, 'member.admit', { redemption, nickname: 'n', role: 'member' })
  }

  async function manifest(author: Signer, init: Record<string, unknown> = {}) {
    const value = { v: 1, fed, title: 'T', units: 20, expires: START + DAY, ...init }
    const bytes = await sealRecord(author, 'manifest', value)
    const peeked = peekRecord('manifest', v.unknown(), bytes)
    if (!peeked.ok) throw new Error(peeked.fault.message)
    return { manifest: bytes, manifestId: peeked.id }
  }

  async function revocation(by: Signer, peer: Signer) {
    return sealRevocation(by, { v: 1, fed, peer: peer.peer, reason: 'lost', at: START })
  }

  /** A checkpoint of the log `log` of the peer with this seed. */
  async function checkpoint(seed: number, log: string, size: number) {
    const raw = testRawSigner(seed)
    const origin = `folkmoot/${fed}/${testSigner(seed).peer}/${log}`
    const root = `${'A'.repeat(43)}=`
    return noteSigner(raw).signNote(`${origin}\n${size}\n${root}\n`, origin)
  }

  return {
    checker,
    founder,
    charter,
    fed,
    ledger,
    seal,
    record,
    submit,
    invitation,
    redeem,
    admit,
    manifest,
    revocation,
    checkpoint,
    state: () => ledger.state(),
    found: () => submit(founder, 'federation.found', { charter: charter.bytes }),
    idOf: (bytes: Uint8Array) => {
      const peeked = peekOperation(bytes)
      if (!peeked.ok) throw new Error(peeked.fault.message)
      return peeked.id
    },
    get height() {
      return height
    },
    /** The log enters an epoch; the state hears of it with the next operation. */
    enter: (next: number) => {
      epoch = next
    },
    /** Lets the header's time pass. */
    pass: (ms: number) => {
      time += ms
    },
  }
}

export type World = Awaited<ReturnType<typeof createWorld>>

/** A founded world with one link of two uses recorded. */
export async function foundedWorld(charter: Partial<Charter> = {}) {
  const world = await createWorld(charter)
  await world.found()
  const link = await world.invitation(world.founder, testSigner(100))
  await world.submit(world.founder, 'invitation.create', { invitation: link.bytes })
  return { world, link }
}

/** `ok`, or the code of the refusal. */
export function outcomeOf(verdict: Verdict): string {
  return verdict.ok ? 'ok' : verdict.fault.code
}
