/**
 * A peer's side of the join protocol: shows the invitation, proves the invitation key, and checks
 * everything in the relay's answer before believing it.
 *
 * @module
 */
import { type Clock, type Millis, refuse, type Verdict } from '@folkmoot/base'
import { encode, parse } from '@folkmoot/codec'
import {
  type Checker,
  type FederationId,
  openCharter,
  openReceipt,
  type PeerId,
  type Receipt,
  type Signer,
  sealRedemption,
} from '@folkmoot/identity'
import type { Transport } from '@folkmoot/transport'
import { joinProtocol, joinReplySchema, joinTimeoutMs, protocolVersion } from './messages.ts'

export interface Joined {
  readonly receiptBytes: Uint8Array
  readonly receipt: Receipt
  readonly charter: Uint8Array
  /** What to add to this machine's clock to get the relay's, in ms. */
  readonly clockOffsetMs: Millis
}

export interface AskToJoinInit {
  readonly transport: Transport
  readonly checker: Checker
  readonly signer: Signer
  readonly clock: Clock
  readonly fed: FederationId
  readonly relay: PeerId
  /** Whose receipts count. */
  readonly trusted: readonly PeerId[]
  readonly nickname: string
  readonly role: 'member' | 'observer'
  /** Null for a member that returns. */
  readonly invitation: {
    readonly bytes: Uint8Array
    readonly id: string
    readonly key: Signer
  } | null
}

/** One attempt. A refusal carries the relay's own code and words. */
export async function askToJoin(init: AskToJoinInit): Promise<Verdict<{ joined: Joined }>> {
  const redeem =
    init.invitation === null
      ? null
      : {
          invitation: init.invitation.bytes,
          redemption: await sealRedemption(init.invitation.key, {
            invitation: init.invitation.id,
            fed: init.fed,
            peer: init.signer.peer,
          }),
        }
  const asked = init.clock.now()
  const stream = await init.transport.open(init.relay, joinProtocol, {
    signal: AbortSignal.timeout(joinTimeoutMs),
    maxFrame: 81_920,
  })
  const timer = setTimeout(
    () => stream.abort(new Error('the relay did not answer')),
    2 * joinTimeoutMs,
  )
  try {
    await stream.send(
      encode({
        v: 1,
        protocol: protocolVersion,
        nickname: init.nickname,
        role: init.role,
        now: asked,
        redeem,
      }),
    )
    for await (const frame of stream.frames()) {
      const reply = parse(joinReplySchema, frame, { maxBytes: 81_920 })
      if (!reply.ok)
        return refuse('federation/join-malformed', 'the relay answered with something else')
      const answered = init.clock.now()
      // Half the round trip is the best guess at when the relay looked at its clock.
      const clockOffsetMs = Math.round(reply.value.now - (asked + answered) / 2)
      if (!reply.value.ok) return refuse(reply.value.code, reply.value.message)
      const charter = await openCharter(init.checker, reply.value.charter, init.fed)
      if (!charter.ok) return refuse('federation/charter', 'the relay showed another charter')
      const receipt = await openReceipt(init.checker, reply.value.receipt, {
        fed: init.fed,
        now: reply.value.now,
        trusted: init.trusted,
      })
      if (!receipt.ok) return refuse('federation/receipt', receipt.fault.message)
      if (receipt.receipt.peer !== init.signer.peer) {
        return refuse('federation/receipt', 'the receipt is for another key')
      }
      return {
        ok: true,
        joined: {
          receiptBytes: reply.value.receipt,
          receipt: receipt.receipt,
          charter: reply.value.charter,
          clockOffsetMs,
        },
      }
    }
    return refuse('federation/join-failed', 'the relay hung up without an answer')
  } finally {
    clearTimeout(timer)
    stream.abort(new Error('done'))
  }
}
