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
import { encode, parse } from '@folkmoot/codec'
import {
  type Checker,
  type FederationId,
  openInvitation,
  openRedemption,
  type PeerId,
  type Signer,
  sealReceipt,
} from '@folkmoot/identity'
import type { FrameStream } from '@folkmoot/transport'
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

/** Answers one stream of `/folkmoot/join/1`. */
export function serveJoins(init: ServeJoinsInit): (stream: FrameStream) => Promise<void> {
  // A bucket: admissions cost a key check, a signature check and a place on the ledger.
  let tokens = init.perMinute
  let filledAt = init.clock.now()
  const take = (): boolean => {
    const now = init.clock.now()
    tokens = Math.min(init.perMinute, tokens + ((now - filledAt) / 60_000) * init.perMinute)
    filledAt = now
    if (tokens < 1) return false
    tokens -= 1
    return true
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
    if (!take())
      return refuse('federation/join-busy', 'too many are joining just now; try again in a minute')
    const invitation = await openInvitation(init.checker, request.redeem.invitation)
    if (!invitation.ok)
      return refuse('federation/invitation-forged', 'this invitation is not genuine')
    if (invitation.invitation.fed !== init.fed) {
      return refuse('federation/invitation-elsewhere', 'this invitation is for another federation')
    }
    if (invitation.invitation.expires <= init.clock.now()) {
      return refuse('federation/invitation-expired', 'this invitation has expired')
    }
    const redemption = await openRedemption(init.checker, request.redeem.redemption, {
      id: invitation.id,
      fed: init.fed,
      key: invitation.invitation.key,
    })
    if (!redemption.ok || redemption.peer !== peer) {
      return refuse('federation/invitation-forged', 'this redemption was not made for this key')
    }
    const unusable = init.unusable(invitation.id)
    if (unusable !== null) return refuse(unusable.code, unusable.message)
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
