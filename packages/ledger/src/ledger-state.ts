/**
 * The shared state as readers see it: a live view of what is final.
 *
 * @module
 */
import type { Charter, FederationId, PeerId } from '@folkmoot/identity'
import { unitsOf } from './apply/final-units.ts'
import type { Facts } from './fact-store.ts'
import type {
  BatchFact,
  CheckpointFact,
  InvitationFact,
  MemberFact,
  RevocationFact,
  StudyFact,
} from './facts.ts'
import { readVoting, type VotingState } from './voting-state.ts'

export interface InvitationState extends InvitationFact {
  /** Uses left. */
  readonly left: number
}

export interface StudyState extends StudyFact {
  readonly id: string
  /** The signed manifest. */
  readonly manifest: Uint8Array
  readonly finalUnits: ReadonlySet<number>
  /** In the order in which they were recorded. */
  readonly recorded: readonly BatchFact[]
}

export interface LedgerState {
  readonly fed: FederationId
  /** The founding charter; as amended it is `voting.charterInForce`. */
  readonly charter: Charter
  /** Who decides, and what is being decided. */
  readonly voting: VotingState
  readonly founded: boolean
  readonly members: ReadonlyMap<PeerId, MemberFact>
  readonly invitations: ReadonlyMap<string, InvitationFact>
  readonly studies: ReadonlyMap<string, StudyFact>
  readonly revoked: ReadonlyMap<PeerId, RevocationFact>
  /** Final results per peer. */
  readonly credits: ReadonlyMap<PeerId, number>
  readonly checkpoints: ReadonlyMap<PeerId, CheckpointFact>
  invitation(id: string): InvitationState | undefined
  /** One study with its manifest and final units, as they are now. */
  study(id: string): StudyState | undefined
  /** The highest sequence recorded of a signer; its next operation needs a higher one. */
  sequence(signer: PeerId): number
  isMember(peer: PeerId): boolean
  /** Trust root of an admitted peer, `founder` for the founder's own; undefined when never admitted or revoked. */
  rootOf(peer: PeerId): string | undefined
}

/** The view follows whatever facts `current` answers, so it survives a restore. */
export function readState(current: () => Facts, charter: Charter, fed: FederationId): LedgerState {
  return {
    fed,
    charter,
    voting: readVoting(current, charter),
    get founded() {
      return current().federation.get('') !== undefined
    },
    get members() {
      return current().member.entries as ReadonlyMap<PeerId, MemberFact>
    },
    get invitations() {
      return current().invitation.entries
    },
    get studies() {
      return current().study.entries
    },
    get revoked() {
      return current().revocation.entries as ReadonlyMap<PeerId, RevocationFact>
    },
    get credits() {
      return current().credit.entries as ReadonlyMap<PeerId, number>
    },
    get checkpoints() {
      return current().checkpoint.entries as ReadonlyMap<PeerId, CheckpointFact>
    },
    invitation: (id) => {
      const fact = current().invitation.get(id)
      return fact && { ...fact, left: fact.uses - fact.used }
    },
    study: (id) => readStudy(current(), id),
    sequence: (signer) => current().sequence.get(signer) ?? 0,
    isMember: (peer) => current().member.get(peer)?.status === 'active',
    rootOf: (peer) => {
      const member = current().member.get(peer)
      return member?.status === 'revoked' ? undefined : member?.root
    },
  }
}

function readStudy(facts: Facts, id: string): StudyState | undefined {
  const fact = facts.study.get(id)
  const manifest = facts.manifest.get(id)
  const final = facts.final.get(id)
  if (!fact || !manifest || !final) return undefined
  const recorded: BatchFact[] = []
  for (let i = 0; i < fact.batches; i++) recorded.push(facts.batch.get(`${id}/${i}`)!)
  return { ...fact, id, manifest, finalUnits: unitsOf(final), recorded }
}
