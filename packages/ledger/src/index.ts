/**
 * The shared state of a federation: operations, their preconditions, the facts they lead to, and
 * proofs of those facts.
 *
 * @example
 * ```ts
 * import { createSoloLog } from '@folkmoot/consensus'
 * import { createLedger, sealOperation } from '@folkmoot/ledger'
 *
 * const ledger = createLedger({ charterBytes, checker })
 * const log = await createSoloLog({ instance: ledger.fed, application: ledger, signer, checker, log: disk, clock })
 * const sequence = ledger.state().sequence(signer.peer) + 1
 * const founding = { v: 1, fed: ledger.fed, kind: 'federation.found', sequence, body: { charter: charterBytes } } as const
 * const { bytes, id } = await sealOperation(signer, founding)
 * const { outcome } = await log.submit(bytes, { id })
 * ```
 *
 * @example A voter registers its key for the next epoch, and a member proposes and votes
 * ```ts
 * const { voting } = ledger.state()
 * const epoch = voting.wantsKey(signer.peer)
 * if (epoch !== undefined) {
 *   // `voteSigner` wraps a new key of the vote database: never the peer's own, never one used before.
 *   await submit('voter.key', await sealVoteKey(voteSigner, { fed: ledger.fed, epoch, peer: signer.peer }))
 * }
 * const action = { kind: 'voter.offer', body: { peer, org: 'acme', seat: true } }
 * await submit('propose', { action, expiresHeight: log.status().height + 1_000 })
 * await submit('ballot', { proposal: voting.proposals[0].id, yes: true })
 * ledger.nextSet() // null until every seat has a key for the next epoch
 * ```
 *
 * @module
 */
export {
  type Action,
  type ActionKind,
  type ActionOf,
  actionSchema,
} from './action.ts'
export { parseRule, type Rule, type Tally } from './apply/approval.ts'
export type { LedgerCode } from './codes.ts'
export { type VerifiedFact, verifyFactFile } from './fact-file.ts'
export { type FactProof, factProofSchema, verifyFact } from './fact-proof.ts'
export { parseFact } from './fact-store.ts'
export {
  type BatchFact,
  type CheckpointFact,
  factKey,
  type InvitationFact,
  type MemberFact,
  type ReportFact,
  type RevocationFact,
  type StudyFact,
} from './facts.ts'
export { createLedger, type Ledger, type LedgerInit } from './ledger.ts'
export type { InvitationState, LedgerState, StudyState } from './ledger-state.ts'
export { MAX_BATCH_CREDITS, MAX_BATCH_UNITS, MAX_MEMBERS } from './limits.ts'
export {
  type OpenedOperation,
  type Operation,
  type OperationKind,
  type OperationOf,
  openOperation,
  operationSchema,
  peekOperation,
  sealOperation,
} from './operation.ts'
export {
  type RefoundingClaim,
  type VerifiedRefounding,
  verifyRefounding,
} from './verify-refounding.ts'
export { type RegisteredVoteKey, sealVoteKey, type VoteKeyClaim } from './vote-key.ts'
export type {
  AmendmentFact,
  EvidenceFact,
  ProposalFact,
  RoleFact,
  VoteKeyFact,
} from './voting-facts.ts'
export { voteKeyFactSchema } from './voting-facts.ts'
export type { ProposalState, VotingState } from './voting-state.ts'
