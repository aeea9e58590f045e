/**
 * What every engine asks of an operation before it may wait, and answers to whoever waits for it.
 *
 * @module
 */
import { type Fault, FederationError, type Millis } from '@folkmoot/base'
import { equalBytes } from '@folkmoot/codec'
import * as v from 'valibot'
import type { Chain } from './chain/chain.ts'
import type { ConsensusCode } from './codes.ts'
import { MAX_OPERATION_BYTES } from './limits.ts'
import { operationIdSchema } from './payload.ts'
import type { Application, FinalEntry, Receipt } from './replicated-log.ts'

/** Operations that wait at an engine at once, where nothing else is said. */
export const DEFAULT_MAX_WAITING = 10_000
/** Bytes of operations that wait at an engine at once, where nothing else is said. */
export const DEFAULT_MAX_WAITING_BYTES = 16 * 1024 * 1024

/** Whoever waits for an operation. */
export interface Submitter {
  resolve(receipt: Receipt): void
  reject(error: unknown): void
}

function failure(code: ConsensusCode, message: string, details?: Record<string, unknown>) {
  return new FederationError(code, message, details ? { details } : {})
}

/** @throws FederationError `consensus/invalid-id`, `consensus/operation-too-large` */
export function assertSubmittable(id: string, op: Uint8Array): void {
  if (!v.is(operationIdSchema, id)) {
    throw failure('consensus/invalid-id', 'an operation id has 1 to 128 printable characters')
  }
  if (op.length > MAX_OPERATION_BYTES) {
    throw failure('consensus/operation-too-large', 'an operation has at most 256 KiB')
  }
}

/** @throws FederationError `consensus/halted` */
export function assertNotHalted({ halted }: Pick<Chain, 'halted'>): void {
  if (!halted) return
  throw failure('consensus/halted', `the ledger stopped: ${halted.message}`, { fault: halted.code })
}

/** @throws FederationError with the code of the application, which would not record the operation */
export async function assertAdmissible(
  application: Pick<Application, 'check' | 'screen'>,
  bytes: Uint8Array,
): Promise<void> {
  const verdict = await application.check(bytes)
  const screened = verdict.ok ? (application.screen?.(bytes) ?? verdict) : verdict
  if (!screened.ok) throw refusedAtCheck(screened.fault)
}

export function refusedAtCheck({ code, message }: Fault): FederationError {
  return new FederationError(code, message, { details: { stage: 'check' } })
}

/**
 * What the log says of an operation; undefined where it has none of this id.
 *
 * @throws FederationError `consensus/id-conflict`
 */
export async function recordedReceipt(
  chain: Pick<Chain, 'heights' | 'entryAt'>,
  id: string,
  bytes: Uint8Array,
): Promise<Receipt | undefined> {
  const height = chain.heights.get(id)
  const entry = height === undefined ? undefined : await chain.entryAt(height)
  const op = entry?.ops.find((candidate) => candidate.id === id)
  if (!entry || !op) return undefined
  if (!equalBytes(op.bytes, bytes)) throw idConflict(id)
  return { id, height: entry.height, outcome: op.outcome, proof: entry.proof }
}

/** Tells who waits for an operation of this entry that it is final, or that another took its id. */
export function answerFinal(
  { height, proof }: FinalEntry,
  { id, bytes, outcome }: FinalEntry['ops'][number],
  { submitter, bytes: submitted }: { readonly submitter: Submitter; readonly bytes: Uint8Array },
): void {
  if (equalBytes(submitted, bytes)) submitter.resolve({ id, height, outcome, proof })
  else submitter.reject(idConflict(id))
}

/** A deadline as messages carry it: whole, and null where it never comes. */
export function wireDeadline(deadlineMs: Millis | undefined): Millis | null {
  const whole = Math.trunc(deadlineMs ?? Number.NaN)
  return Number.isNaN(whole) || whole > Number.MAX_SAFE_INTEGER ? null : whole
}

export function idConflict(id: string): FederationError {
  return failure('consensus/id-conflict', 'another operation has this id', { id })
}

export function tooManyWait(): FederationError {
  return failure('consensus/busy', 'too many operations wait for the ledger')
}

export function tooLate(): FederationError {
  return failure('consensus/deadline', 'the deadline passed while waiting')
}

export function engineClosed(): FederationError {
  return failure('consensus/closed', 'the ledger engine is closed')
}
