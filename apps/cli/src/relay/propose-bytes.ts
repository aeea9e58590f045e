/**
 * Invitations and studies that need the members' approval: signed and kept here, proposed to all.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import { voterSetHash } from '@folkmoot/consensus'
import {
  type IssuedInvitation,
  keepStudyBlocks,
  type NewInvitation,
  type Peer,
  type Platform,
} from '@folkmoot/federation'
import { createChecker, createSigner, openInvitation, sealInvitation } from '@folkmoot/identity'
import { openManifest } from '@folkmoot/studies'
import { must } from './decisions-api.ts'

/** Nobody can join with it before the proposal is carried. @throws FederationError the ledger's refusal */
export async function proposeInvitation(
  peer: Peer,
  platform: Platform,
  { uses, validMs, role, cohort, relays }: NewInvitation,
): Promise<IssuedInvitation> {
  const seed = platform.randomness.bytes(32)
  const { publicKey } = createSigner(await platform.signerFromSeed(seed))
  const now = platform.clock.now()
  const set = peer.ledger.voterSet()
  const invitation = await sealInvitation(createSigner(platform.signer), {
    v: 1,
    fed: peer.fed,
    relays: [...relays],
    role,
    cohort,
    uses,
    expires: now + validMs,
    key: publicKey,
    // Epoch 0 says that the founder decides.
    anchor: {
      epoch: set?.epoch ?? 0,
      setHash: set === null ? new Uint8Array(32) : voterSetHash(set),
      date: now,
    },
  })
  must(await peer.agreement.propose({ kind: 'invitation.create', body: { invitation } }))
  const opened = await openInvitation(createChecker(platform.verifier), invitation)
  if (!opened.ok) throw new FederationError(opened.fault.code, opened.fault.message)
  return { id: opened.id, invitation, seed }
}

/** Keeps the blocks and asks for the study. @throws FederationError why it is none, or the ledger's refusal */
export async function proposeStudy(
  peer: Peer,
  platform: Platform,
  manifest: Uint8Array,
  blocks: readonly Uint8Array[],
): Promise<void> {
  const expected = { fed: peer.fed, now: platform.clock.now() }
  const opened = await openManifest(createChecker(platform.verifier), manifest, expected)
  if (!opened.ok) throw new FederationError(opened.fault.code, opened.fault.message)
  must(await keepStudyBlocks(platform.blocks, opened.manifest, blocks))
  const body = { manifest, manifestId: opened.study }
  must(await peer.agreement.propose({ kind: 'study.open', body }))
}
