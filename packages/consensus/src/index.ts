/**
 * Agreement on the order of operations: the interface that every engine offers, proofs that an
 * entry is final, and the engine `solo`, the founder's own signed log.
 *
 * @example
 * ```ts
 * import { createSoloLog, KnownEpochs, proveOperation, verifyFinality, verifyOperation } from '@folkmoot/consensus'
 *
 * const ledger = await createSoloLog({ instance, signer, checker, application, log, clock })
 * ledger.onFinal((entry) => publish(entry))
 * const { outcome, height, proof } = await ledger.submit(operation, { id: 'op-1' })
 *
 * const entry = await ledger.entryAt(height)
 * const final = await verifyFinality(checker, new KnownEpochs(facts).anchor, proof)
 * if (final.ok) verifyOperation(final.payloadHash, operation, proveOperation(entry, 0))
 * ```
 *
 * @module
 */
export { answerCrossing, type CrossedLog } from './bft/answer-crossing.ts'
export {
  type Certificate,
  certificateItems,
  certificateSchema,
  certificateTuple,
  encodeCertificate,
  makeCertificate,
  parseCertificate,
  verifyCertificate,
  votesOf,
} from './bft/certificate.ts'
export { type Conflict, type ConflictKind, conflictKind, findConflict } from './bft/conflict.ts'
export {
  type CharterFacts,
  charterFacts,
  type EpochLink,
  epochLinkSchema,
  followEpochs,
  KnownEpochs,
  verifyEpochChain,
} from './bft/epoch-chain.ts'
export {
  type Evidence,
  encodeEvidence,
  evidenceItems,
  MAX_EVIDENCE_BYTES,
  type Proven,
  parseEvidence,
  type SignedHeader,
  verifyEvidence,
} from './bft/evidence.ts'
export type { Crossed } from './bft/fork-crossing.ts'
export { forkCulprits, wantedCrossing, withCrossing } from './bft/fork-culprits.ts'
export type { LightPeer, NewestEntry } from './bft/light-claim.ts'
export {
  createLightClient,
  HEARTBEAT_MS,
  type LightClient,
  type LightClientInit,
  type LightUpdate,
} from './bft/light-client.ts'
export { makeVoterSet, type VoterSetPlan } from './bft/make-voter-set.ts'
export {
  checkProposal,
  encodeProposal,
  type Justification,
  justifyHash,
  type ParsedProposal,
  type Proposal,
  parseProposal,
  proposalItem,
} from './bft/proposal.ts'
export {
  makeReadyCertificate,
  type ReadyCertificate,
  readyBytes,
  readyCertificateSchema,
  readyCertificateTuple,
  readyItems,
} from './bft/ready.ts'
export { bitmapOf, fitsSet, indicesOf } from './bft/signer-bitmap.ts'
export {
  encodeVote,
  NO_BLOCK,
  parseVote,
  type Vote,
  type VoteKind,
  type VoteStatement,
  voteBytes,
  voteItem,
  voteSchema,
  voteTuple,
} from './bft/vote.ts'
export { type Tracked, VoteTracker } from './bft/vote-tracker.ts'
export {
  checkSeats,
  checkVoterSet,
  encodeVoterSet,
  faultWeight,
  leaderOf,
  majorityWeight,
  parseVoterSet,
  quorumWeight,
  requiredWeight,
  totalWeight,
  type Voter,
  type VoterSet,
  voterIndex,
  voterSetHash,
  voteSigners,
} from './bft/voter-set.ts'
export { Chain, type ChainInit, type DecidedEntry } from './chain/chain.ts'
export {
  chainStatus,
  createFollower,
  type Follower,
  type FollowerInit,
  followChain,
} from './chain/follower.ts'
export type { Tip } from './chain/tip.ts'
export { checkItems } from './check-items.ts'
export type { ConsensusCode } from './codes.ts'
export type { CoreEffect, CoreInput, Unstamped, VerifyItem } from './core.ts'
export { createDriver, type Driver, type DriverInit, type EngineEffect } from './driver.ts'
export { encodeEntry, type ParsedEntry, parseEntry } from './entry.ts'
export {
  type BftProof,
  type Descendant,
  type EpochSets,
  type FinalHeader,
  type FinalityAnchor,
  type FinalityProof,
  finalityItems,
  finalityProofSchema,
  type RaftProof,
  type SoloProof,
  verifyFinality,
} from './finality.ts'
export {
  encodeForkEvidence,
  type Fork,
  parseForkEvidence,
  verifyForkEvidence,
} from './fork-evidence.ts'
export {
  type BftHeader,
  blockId,
  coveredHeight,
  END_EPOCH,
  encodeHeader,
  type Header,
  historyLeaf,
  isVoid,
  NO_PARENT,
  parseHeader,
  VOID,
} from './header.ts'
export { type HistoryProof, historyProofSchema, verifyHistory } from './history.ts'
export {
  MAX_ENTRY_BYTES,
  MAX_ENTRY_OPERATIONS,
  MAX_ID_LENGTH,
  MAX_OPERATION_BYTES,
  MAX_ORG_LENGTH,
  MAX_PAYLOAD_BYTES,
  MAX_PROPOSAL_BYTES,
  MAX_VOTER_SET_BYTES,
  MAX_VOTERS,
} from './limits.ts'
export type { ConsensusNetwork, Urgency } from './network.ts'
export {
  type OperationProof,
  operationIdSchema,
  operationProofSchema,
  operationsSchema,
  operationTuples,
  payloadRoot,
  proveOperation,
  type RecordedOperation,
  refusalOf,
  verifyOperation,
} from './payload.ts'
export { proofSigners } from './proof-signers.ts'
export {
  encodeReceipt,
  makeReceipt,
  parseReceipt,
  type RaftReceipt,
  receiptItems,
} from './raft-receipt.ts'
export type {
  Application,
  EngineStatus,
  FinalEntry,
  FinalOperation,
  Height,
  Mark,
  MemberChange,
  Position,
  Receipt,
  ReplicatedLog,
  Snapshot,
  SubmitOptions,
} from './replicated-log.ts'
export { createSerial, type Serial } from './serial.ts'
export { encodeSnapshot, parseSnapshot } from './snapshot.ts'
export { createSoloFollower, type SoloFollowerInit } from './solo/follower.ts'
export { createSoloLog, type SoloLog, type SoloLogInit } from './solo/leader.ts'
export {
  answerFinal,
  assertAdmissible,
  assertNotHalted,
  assertSubmittable,
  DEFAULT_MAX_WAITING,
  DEFAULT_MAX_WAITING_BYTES,
  engineClosed,
  idConflict,
  recordedReceipt,
  refusedAtCheck,
  type Submitter,
  tooLate,
  tooManyWait,
  wireDeadline,
} from './submission.ts'
export { voteKeyName } from './vote-key-name.ts'
