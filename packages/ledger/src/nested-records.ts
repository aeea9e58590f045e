/**
 * Signed records that travel inside operations. `apply` reads them without their signatures, which
 * `check` has verified, so that applying stays deterministic and cheap.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { hashSchema, intSchema } from '@folkmoot/codec'
import {
  type Checker,
  invitationSchema,
  type OpenedRecord,
  openRecord,
  type PeerId,
  peekRecord,
  redemptionSchema,
  revocationSchema,
} from '@folkmoot/identity'
import * as v from 'valibot'
import type { LedgerCode } from './codes.ts'
import { isEncodable } from './is-encodable.ts'
import { MAX_UNITS } from './limits.ts'

/** Of a manifest the ledger reads this much; the rest is for `studies`. */
const manifestSchema = v.looseObject({
  v: v.literal(1),
  fed: hashSchema,
  units: intSchema(1, MAX_UNITS),
  expires: intSchema(0, Number.MAX_SAFE_INTEGER),
})

const kinds = {
  invitation: invitationSchema,
  redemption: redemptionSchema,
  revocation: revocationSchema,
  manifest: manifestSchema,
} as const

export type NestedKind = keyof typeof kinds
type Value<Kind extends NestedKind> = v.InferOutput<(typeof kinds)[Kind]>

/** Reads a nested record of this federation. */
export function peekNested<Kind extends NestedKind>(
  kind: Kind,
  bytes: Uint8Array,
  fed: string,
): Verdict<OpenedRecord<Value<Kind>>> {
  const peeked = peekRecord(kind, kinds[kind] as v.GenericSchema, bytes)
  if (!peeked.ok) {
    return refuse('ledger/malformed' satisfies LedgerCode, `${kind}: ${peeked.fault.message}`)
  }
  const opened = peeked as OpenedRecord<Value<Kind>> & { ok: true }
  if (opened.value.fed !== fed) {
    return refuse('ledger/federation' satisfies LedgerCode, `the ${kind} is for another federation`)
  }
  if (!isEncodable(opened.value)) {
    return refuse('ledger/malformed' satisfies LedgerCode, `${kind}: a text of it is reserved`)
  }
  return opened
}

/** Verifies a nested record's signature. */
export async function checkNested(
  checker: Checker,
  kind: NestedKind,
  bytes: Uint8Array,
): Promise<Verdict<{ signer: PeerId }>> {
  const opened = await openRecord(checker, kind, kinds[kind] as v.GenericSchema, bytes)
  if (opened.ok) return { ok: true, signer: opened.signer }
  const code: LedgerCode =
    opened.fault.code === 'identity/signature' ? 'ledger/signature' : 'ledger/malformed'
  return refuse(code, `${kind}: ${opened.fault.message}`)
}
