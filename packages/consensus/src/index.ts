/**
 * Agreement on the order of operations: the interface that every engine offers, proofs that an
 * entry is final, and the engine `solo`, the founder's own signed log.
 *
 * @example
 * ```ts
 * import { createSoloLog, proveOperation, verifyFinality, verifyOperation } from '@folkmoot/consensus'
 *
 * const ledger = await createSoloLog({ instance, signer, checker, application, log, clock })
 * ledger.onFinal((entry) => publish(entry))
 * const { outcome, height, proof } = await ledger.submit(operation, { id: 'op-1' })
 *
 * const entry = await ledger.entryAt(height)
 * const final = await verifyFinality(checker, { instance, founder }, proof)
 * if (final.ok) verifyOperation(final.payloadHash, operation, proveOperation(entry, 0))
 * ```
 *
 * @module
 */
export type { ConsensusCode } from './codes.ts'
export type { CoreEffect, CoreInput, VerifyItem } from './core.ts'
export { encodeEntry, type ParsedEntry, parseEntry } from './entry.ts'
export {
  type FinalHeader,
  type FinalityAnchor,
  type FinalityProof,
  finalityProofSchema,
  type SoloProof,
  verifyFinality,
} from './finality.ts'
export { encodeForkEvidence, verifyForkEvidence } from './fork-evidence.ts'
export {
  blockId,
  encodeHeader,
  type Header,
  historyLeaf,
  NO_PARENT,
  parseHeader,
} from './header.ts'
export { type HistoryProof, historyProofSchema, verifyHistory } from './history.ts'
export {
  MAX_ENTRY_BYTES,
  MAX_ENTRY_OPERATIONS,
  MAX_ID_LENGTH,
  MAX_OPERATION_BYTES,
  MAX_PAYLOAD_BYTES,
} from './limits.ts'
export type { ConsensusNetwork } from './network.ts'
export {
  type OperationProof,
  operationProofSchema,
  payloadRoot,
  proveOperation,
  type RecordedOperation,
  refusalOf,
  verifyOperation,
} from './payload.ts'
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
export { encodeSnapshot, parseSnapshot } from './snapshot.ts'
export { createSoloFollower, type Follower, type SoloFollowerInit } from './solo/follower.ts'
export { createSoloLog, type SoloLog, type SoloLogInit } from './solo/leader.ts'
