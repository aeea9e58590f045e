/**
 * Operations: what members sign to change the shared state, and their wire form.
 *
 * @module
 */
import { FederationError, type Refused, refuse, type Verdict } from '@folkmoot/base'
import {
  bytesSchema,
  checkShape,
  exactBytes,
  hashSchema,
  intSchema,
  textSchema,
} from '@folkmoot/codec'
import { MAX_OPERATION_BYTES } from '@folkmoot/consensus'
import {
  type Checker,
  type FederationId,
  openRecord,
  type PeerId,
  peekRecord,
  peerIdSchema,
  type Signer,
  sealRecord,
} from '@folkmoot/identity'
import * as v from 'valibot'
import { actionSchema } from './action.ts'
import type { LedgerCode } from './codes.ts'
import { isEncodable } from './is-encodable.ts'
import {
  MAX_BATCH_CREDITS,
  MAX_BATCH_UNITS,
  MAX_CHECKPOINT_LENGTH,
  MAX_EVIDENCE_BYTES,
  MAX_MANIFEST_BYTES,
  MAX_NICKNAME_LENGTH,
  MAX_REASON_LENGTH,
  MAX_RECORD_BYTES,
  MAX_UNITS,
  MAX_VOTER_SET_BYTES,
} from './limits.ts'

const record = bytesSchema(MAX_RECORD_BYTES)
const height = intSchema(0, Number.MAX_SAFE_INTEGER)
const units = v.pipe(
  v.array(intSchema(0, MAX_UNITS - 1)),
  v.minLength(1),
  v.maxLength(MAX_BATCH_UNITS),
)
const voteKey = {
  epoch: intSchema(1, Number.MAX_SAFE_INTEGER),
  key: exactBytes(32),
  proof: exactBytes(64),
}
const credits = v.pipe(
  v.array(v.strictTuple([peerIdSchema, intSchema(1, MAX_BATCH_UNITS)])),
  v.maxLength(MAX_BATCH_CREDITS),
)

function operation<const Kind extends string, const Body extends v.GenericSchema>(
  kind: Kind,
  body: Body,
) {
  return v.strictObject({
    v: v.literal(1),
    fed: hashSchema,
    kind: v.literal(kind),
    /** Strictly increasing for each signer; gaps are allowed. */
    sequence: intSchema(1, Number.MAX_SAFE_INTEGER),
    /** Height at which the signer last looked; what the operation is about must not have changed since. */
    expectHeight: v.exactOptional(height),
    /** The last height at which it may be recorded. */
    expiresHeight: v.exactOptional(height),
    body,
  })
}

export const operationSchema = v.variant('kind', [
  operation('federation.found', v.strictObject({ charter: record })),
  operation('invitation.create', v.strictObject({ invitation: record })),
  operation('invitation.revoke', v.strictObject({ invitation: hashSchema })),
  operation(
    'member.admit',
    v.strictObject({
      /** The invitation itself, where it may not be recorded yet. */
      invitation: v.exactOptional(record),
      redemption: record,
      nickname: textSchema(MAX_NICKNAME_LENGTH),
      role: v.picklist(['member', 'observer']),
    }),
  ),
  operation('member.leave', v.strictObject({})),
  operation('member.revoke', v.strictObject({ revocation: record })),
  operation(
    'study.open',
    v.strictObject({ manifest: bytesSchema(MAX_MANIFEST_BYTES), manifestId: hashSchema }),
  ),
  operation('study.close', v.strictObject({ study: hashSchema })),
  operation(
    'study.batch',
    v.strictObject({
      study: hashSchema,
      /** Merkle root over the batch's final results. */
      root: exactBytes(32),
      count: intSchema(1, MAX_BATCH_UNITS),
      /** Ascending, each once. */
      units,
      /** Results of this batch per peer; peers ascending, each once. */
      credits,
    }),
  ),
  operation(
    'audit.checkpoint',
    v.strictObject({ peer: peerIdSchema, checkpoint: textSchema(MAX_CHECKPOINT_LENGTH) }),
  ),
  /** A key to vote with in an epoch to come, and the proof that it is held. */
  operation(
    'voter.key',
    v.strictObject({
      ...voteKey,
      /** The key of the present epoch is gone: ask for the next one. */
      lost: v.exactOptional(v.boolean()),
    }),
  ),
  operation('voter.accept', v.strictObject(voteKey)),
  operation('voter.resign', v.strictObject({})),
  /** A change of voters waits for this peer: a notice, and later the end of its seat. */
  operation('voter.overdue', v.strictObject({ peer: peerIdSchema })),
  /** Two votes that no honest voter casts, and the set that they were cast in. */
  operation(
    'evidence',
    v.strictObject({
      evidence: bytesSchema(MAX_EVIDENCE_BYTES),
      set: bytesSchema(MAX_VOTER_SET_BYTES),
    }),
  ),
  operation('propose', v.strictObject({ action: actionSchema, expiresHeight: height })),
  operation('ballot', v.strictObject({ proposal: hashSchema, yes: v.boolean() })),
  operation('report', v.strictObject({ study: hashSchema, reason: textSchema(MAX_REASON_LENGTH) })),
])

export type Operation = v.InferOutput<typeof operationSchema>
export type OperationKind = Operation['kind']
export type OperationOf<Kind extends OperationKind> = Extract<Operation, { kind: Kind }>

export interface OpenedOperation {
  readonly operation: Operation
  readonly signer: PeerId
  /** Hash of what was signed; the id to submit it under. */
  readonly id: string
}

const limits = { maxBytes: MAX_OPERATION_BYTES, maxDepth: 6, maxItems: 40_000 }

/** Signs an operation. @throws FederationError `ledger/unsealable` where nobody could open it */
export async function sealOperation(
  signer: Signer,
  operation: Operation,
): Promise<{ bytes: Uint8Array; id: string }> {
  const shape = checkShape(operationSchema, operation)
  if (!shape.ok) throw unsealable(shape.fault.message)
  const bytes = await sealRecord(signer, 'operation', shape.value)
  const opened = peekOperation(bytes)
  if (!opened.ok) throw unsealable(opened.fault.message)
  return { bytes, id: opened.id }
}

function unsealable(message: string): FederationError<LedgerCode> {
  return new FederationError('ledger/unsealable', message)
}

/** Reads an operation and checks its own signature, not those of the records inside. */
export async function openOperation(
  checker: Checker,
  bytes: Uint8Array,
  expected?: { readonly fed: FederationId },
): Promise<Verdict<OpenedOperation>> {
  const opened = await openRecord(checker, 'operation', operationSchema, bytes, limits)
  return opened.ok ? inFederation(opened, expected?.fed) : translate(opened)
}

/** Reads an operation without checking any signature. */
export function peekOperation(
  bytes: Uint8Array,
  expected?: { readonly fed: FederationId },
): Verdict<OpenedOperation> {
  const peeked = peekRecord('operation', operationSchema, bytes, limits)
  return peeked.ok ? inFederation(peeked, expected?.fed) : translate(peeked)
}

function inFederation(
  opened: { value: Operation; signer: PeerId; id: string },
  fed: FederationId | undefined,
): Verdict<OpenedOperation> {
  if (fed !== undefined && opened.value.fed !== fed) {
    return refuse(
      'ledger/federation' satisfies LedgerCode,
      'the operation is for another federation',
    )
  }
  if (!isEncodable(opened.value)) {
    return refuse('ledger/malformed' satisfies LedgerCode, 'operation: a text of it is reserved')
  }
  return { ok: true, operation: opened.value, signer: opened.signer, id: opened.id }
}

/** Keeps the codes of lower floors, which may grow, out of what is recorded. */
function translate({ fault }: Refused): Refused {
  const code: LedgerCode = fault.code.includes('signature')
    ? 'ledger/signature'
    : 'ledger/malformed'
  return refuse(code, `operation: ${fault.message}`)
}
