/**
 * The relay's side of the join protocol: checks an invitation and its redemption, makes the use
 * final on the ledger, and answers with a receipt. A member that returns gets a fresh receipt.
 *
 * @module
 */
import {
  type Clock,
  errorCode,
  errorMessage,
  type Millis,
  refuse,
  type Verdict,
} from '@folkmoot/base'
import { encode, hashSchema, parse } from '@folkmoot/codec'
import {
  type Checker,
  type FederationId,
  openInvitation,
  openRedemption,
  type PeerId,
  peekRecord,
  type Signer,
  sealReceipt,
} from '@folkmoot/identity'
import type { FrameStream } from '@folkmoot/transport'
import * as v from 'valibot'
import { createBuckets } from './buckets.ts'
import {
  type JoinReply,
  type JoinRequest,
  joinRequestSchema,
  maxJoinFrame,
  protocolVersion,
} from './messages.ts'

export interface Admission {
  readonly peer: PeerId
  readonly invitation: Uint8Array
  readonly redemption: Uint8Array
  readonly nickname: string
  readonly role: 'member' | 'observer'
}

export interface Membership {
  readonly role: 'member' | 'observer'
  /** Id of the invitation at the top of its chain, or `founder`. */
  readonly root: string
}

export interface ServeJoinsInit {
  readonly signer: Signer
  readonly checker: Checker
  readonly fed: FederationId
  readonly clock: Clock
  readonly charter: Uint8Array
  readonly member: (peer: PeerId) => Membership | undefined
  readonly revoked: (peer: PeerId) => boolean
  /** Why an invitation cannot be used now, or null. */
  readonly unusable: (invitation: string) => { code: string; message: string } | null
  /** Makes an admission final. */
  readonly admit: (admission: Admission) => Promise<Verdict>
  /** Called with each decision, for the audit log. */
  readonly decided: (peer: PeerId, verdict: Verdict) => Promise<void>
  /** Admissions a minute; more are answered `federation/join-busy`. */
  readonly perMinute: number
  readonly receiptMs: Millis
}

/** Requests of one key a minute whose invitation or redemption proved false. */
const rubbishPerMinute = 6

const peekedSchema = v.looseObject({ fed: hashSchema })

/** Answers one stream of `/folkmoot/join/1`. */
export function serveJoins(init: ServeJoinsInit): (stream: FrameStream) => Promise<void> {
  // Only what an invitation's holder proved takes a token: a place on the ledger is what is scarce.
  const admissions = createBuckets(init.perMinute)
  const perInvitation = createBuckets(Math.max(1, Math.ceil(init.perMinute / 2)))
  // A key that only shows rubbish is not even looked at; a new key costs it a handshake.
  const rubbish = createBuckets(rubbishPerMinute)
  const busy = () =>
    refuse('federation/join-busy', 'too many are joining just now; try again in a minute')

  /** Proves that `peer` may redeem: what is cheap and what the ledger knows before any signature. */
  const prove = async (
    peer: PeerId,
    redeem: { readonly invitation: Uint8Array; readonly redemption: Uint8Array },
  ): Promise<Verdict<{ id: string }>> => {
    const peeked = peekRecord('invitation', peekedSchema, redeem.invitation)
    if (!peeked.ok) return refuse('federation/invitation-forged', 'this invitation is not genuine')
    if (peeked.value.fed !== init.fed) {
      return refuse('federation/invitation-elsewhere', 'this invitation is for another federation')
    }
    const unusable = init.unusable(peeked.id)
    if (unusable !== null) return refuse(unusable.code, unusable.message)
    const opened = await openInvitation(init.checker, redeem.invitation)
    if (!opened.ok) return refuse('federation/invitation-forged', 'this invitation is not genuine')
    if (opened.invitation.expires <= init.clock.now()) {
      return refuse('federation/invitation-expired', 'this invitation has expired')
    }
    const redemption = await openRedemption(init.checker, redeem.redemption, {
      id: opened.id,
      fed: init.fed,
      key: opened.invitation.key,
    })
    if (!redemption.ok || redemption.peer !== peer) {
      return refuse('federation/invitation-forged', 'this redemption was not made for this key')
    }
    return { ok: true, id: opened.id }
  }

  const admit = async (
    peer: PeerId,
    request: JoinRequest,
  ): Promise<Verdict<{ membership: Membership }>> => {
    if (request.protocol < protocolVersion) {
      return refuse('federation/protocol-old', 'this page is older than the relay: reload it')
    }
    if (request.protocol > protocolVersion) {
      return refuse('federation/protocol-new', 'this page is newer than the relay')
    }
    if (init.revoked(peer)) return refuse('federation/revoked', 'this key has been revoked')
    const known = init.member(peer)
    if (known !== undefined) return { ok: true, membership: known }
    if (request.redeem === null) {
      return refuse('federation/not-invited', 'this key is not a member; an invitation is needed')
    }
    if (rubbish.empty(peer, init.clock.now())) return busy()
    const proven = await prove(peer, request.redeem)
    const now = init.clock.now()
    if (!proven.ok) {
      rubbish.take(peer, now)
      return proven
    }
    if (!perInvitation.take(proven.id, now) || !admissions.take('', now)) return busy()
    const admitted = await init.admit({
      peer,
      invitation: request.redeem.invitation,
      redemption: request.redeem.redemption,
      nickname: request.nickname,
      role: request.role,
    })
    if (!admitted.ok) return admitted
    const membership = init.member(peer)
    return membership === undefined
      ? refuse('federation/join-failed', 'the admission did not become final')
      : { ok: true, membership }
  }

  const answer = async (stream: FrameStream): Promise<JoinReply> => {
    let verdict: Verdict<{ membership: Membership }>
    try {
      const frame = await firstFrame(stream)
      const request = parse(joinRequestSchema, frame, {
        maxBytes: maxJoinFrame,
        maxDepth: 4,
        maxItems: 64,
      })
      verdict = request.ok
        ? await admit(stream.peer, request.value)
        : refuse('federation/join-malformed', request.fault.message)
    } catch (error) {
      verdict = refuse(errorCode(error, 'federation/join-failed'), errorMessage(error))
    }
    const now = init.clock.now()
    if (!verdict.ok) {
      await init.decided(stream.peer, verdict)
      const { code, message } = verdict.fault
      return { ok: false, v: 1, code: code.slice(0, 64), message: message.slice(0, 300), now }
    }
    const receipt = await sealReceipt(init.signer, {
      v: 1,
      fed: init.fed,
      peer: stream.peer,
      role: verdict.membership.role,
      root: verdict.membership.root,
      status: 'final',
      issued: now,
      expires: now + init.receiptMs,
    })
    await init.decided(stream.peer, { ok: true })
    return { ok: true, v: 1, receipt, charter: init.charter, now }
  }

  return async (stream) => {
    try {
      await stream.send(encode(await answer(stream)))
      await stream.close()
    } catch {
      // The stranger hung up; there is nobody left to tell.
      stream.abort(new Error('join failed'))
    }
  }
}

async function firstFrame(stream: FrameStream): Promise<Uint8Array> {
  for await (const frame of stream.frames()) return frame
  return new Uint8Array()
}
