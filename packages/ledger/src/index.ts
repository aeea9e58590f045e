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
 * @module
 */
export type { LedgerCode } from './codes.ts'
export { type FactProof, factProofSchema, verifyFact } from './fact-proof.ts'
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
