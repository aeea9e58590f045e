/**
 * What a bundle's ledger entries prove: who was admitted under which trust root, the study's
 * opening, and its batches. Each operation is checked against a final header, with its outcome.
 *
 * @module
 */
import type { Millis, Verdict } from '@folkmoot/base'
import { type FinalityAnchor, verifyFinality, verifyOperation } from '@folkmoot/consensus'
import {
  type Checker,
  type Invitation,
  openInvitation,
  openRedemption,
  type PeerId,
  peekRecord,
  redemptionSchema,
} from '@folkmoot/identity'
import { type OperationOf, openOperation } from '@folkmoot/ledger'
import type { StudyId } from '../study-id.ts'
import { at, refuseAt } from './place.ts'
import type { BundleEntry } from './wire.ts'

export interface Admission {
  /** The first invitation on the chain from the founder, or `founder`. */
  readonly root: string
  readonly height: number
}

export interface BatchFact {
  readonly root: Uint8Array
  readonly units: readonly number[]
  readonly height: number
  readonly time: Millis
  readonly epoch: number
}

export interface LedgerFacts {
  readonly admissions: ReadonlyMap<PeerId, Admission>
  /** The signed manifest of the study. */
  readonly manifest: Uint8Array
  readonly openedAt: number
  /** In order of height; at least one. */
  readonly batches: readonly BatchFact[]
}

interface KnownInvitation {
  readonly invitation: Invitation
  readonly inviter: PeerId
}

/** Which invitation a redemption names and for whom; its signature is not checked here. */
export function peekRedemption(
  redemption: Uint8Array,
): Verdict<{ invitation: string; peer: PeerId }> {
  const peeked = peekRecord('redemption', redemptionSchema, redemption)
  if (!peeked.ok) return peeked
  return { ok: true, invitation: peeked.value.invitation, peer: peeked.value.peer }
}

/** @param study the one whose opening and batches are wanted */
export async function readLedgerFacts(
  checker: Checker,
  anchor: FinalityAnchor,
  entries: readonly BundleEntry[],
  study: StudyId,
): Promise<Verdict<{ facts: LedgerFacts }>> {
  const admissions = new Map<PeerId, Admission>([[anchor.founder, { root: 'founder', height: 0 }]])
  const invitations = new Map<string, KnownInvitation>()
  const batches: BatchFact[] = []
  let opening: { manifest: Uint8Array; height: number } | undefined
  let below = 0

  const addInvitation = async (bytes: Uint8Array): Promise<Verdict> => {
    const opened = await openInvitation(checker, bytes)
    if (opened.ok) invitations.set(opened.id, opened)
    return opened
  }

  const admit = async ({ body }: OperationOf<'member.admit'>, height: number): Promise<Verdict> => {
    if (body.invitation !== undefined) {
      const added = await addInvitation(body.invitation)
      if (!added.ok) return added
    }
    const named = peekRedemption(body.redemption)
    if (!named.ok) return named
    const known = invitations.get(named.invitation)
    if (known === undefined) return refuseAt('invitation', `${named.invitation} is missing`)
    const claim = { id: named.invitation, fed: anchor.instance, key: known.invitation.key }
    const redeemed = await openRedemption(checker, body.redemption, claim)
    if (!redeemed.ok) return redeemed
    const inviter = admissions.get(known.inviter)
    if (inviter === undefined) return refuseAt('inviter', `${known.inviter} is not admitted before`)
    const root = known.inviter === anchor.founder ? named.invitation : inviter.root
    // Whoever leaves and comes again keeps its first root.
    if (!admissions.has(redeemed.peer)) admissions.set(redeemed.peer, { root, height })
    return { ok: true }
  }

  for (const [index, [proof, operations]] of entries.entries()) {
    const final = at(`ledger entry ${index}`, await verifyFinality(checker, anchor, proof))
    if (!final.ok) return final
    const { height, time, epoch } = final
    if (height <= below)
      return refuseAt(`ledger entry ${index}`, 'entries stand in order of height')
    below = height
    let previous = -1
    for (const [bytes, inclusion] of operations) {
      const place = `ledger height ${height}: operation ${inclusion.index}`
      if (inclusion.index <= previous)
        return refuseAt(place, 'operations stand in order, each once')
      previous = inclusion.index
      const included = at(place, verifyOperation(final.payloadHash, bytes, inclusion))
      if (!included.ok) return included
      if (included.refusal !== null) return refuseAt(place, `it was refused: ${included.refusal}`)
      const opened = at(place, await openOperation(checker, bytes, { fed: anchor.instance }))
      if (!opened.ok) return opened
      const { operation } = opened
      let read: Verdict = { ok: true }
      if (operation.kind === 'invitation.create') {
        read = await addInvitation(operation.body.invitation)
      } else if (operation.kind === 'member.admit') {
        read = await admit(operation, height)
      } else if (operation.kind === 'study.open' && operation.body.manifestId === study) {
        opening ??= { manifest: operation.body.manifest, height }
      } else if (operation.kind === 'study.batch' && operation.body.study === study) {
        const { root, units } = operation.body
        batches.push({ root, units, height, time, epoch })
      } else {
        read = refuseAt(operation.kind, 'it has no part in this study')
      }
      if (!read.ok) return at(place, read)
    }
  }
  if (opening === undefined) return refuseAt('ledger', 'the opening of the study is missing')
  if (batches.length === 0) return refuseAt('ledger', 'the study has no recorded batch')
  const { manifest, height: openedAt } = opening
  return { ok: true, facts: { admissions, manifest, openedAt, batches } }
}
