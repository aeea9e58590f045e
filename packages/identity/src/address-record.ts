/**
 * Address records: a peer's own signed word on where it listens. Others may pass it on, and can
 * neither alter it nor make one in somebody else's name.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { hashSchema } from '@folkmoot/codec'
import * as v from 'valibot'
import type { FederationId } from './charter.ts'
import type { Checker } from './checker.ts'
import type { PeerId } from './peer-id.ts'
import { openRecord, sealShaped } from './record.ts'
import { mistake, refuse } from './refuse.ts'
import { addressSchema, instantSchema } from './schemas.ts'
import type { Signer } from './signer.ts'

export const addressRecordSchema = v.strictObject({
  v: v.literal(1),
  fed: hashSchema,
  /** Multiaddrs that end in `/p2p/` and the signer's peer id. */
  addresses: v.pipe(v.array(addressSchema), v.minLength(1), v.maxLength(8)),
  /** Of two records by one peer the later one counts. */
  issued: instantSchema,
})

export type AddressRecord = v.InferOutput<typeof addressRecordSchema>

/** 8 addresses of 512 characters, and the rest. */
export const MAX_ADDRESS_RECORD_BYTES = 5 * 1024

/**
 * Signs where this peer listens.
 *
 * @throws FederationError `identity/unsealable` for another peer's address, or where nobody could open it
 */
export async function sealAddressRecord(
  signer: Signer,
  record: AddressRecord,
): Promise<Uint8Array> {
  if (!areOf(signer.peer, record)) {
    throw mistake('identity/unsealable', 'an address record names its signer’s own addresses')
  }
  return sealShaped(signer, 'addresses', addressRecordSchema, record)
}

/** Opens what somebody said of itself in the federation `fed`, whoever passed it on. */
export async function openAddressRecord(
  checker: Checker,
  bytes: Uint8Array,
  { fed }: { readonly fed: FederationId },
): Promise<Verdict<{ record: AddressRecord; peer: PeerId }>> {
  const limits = { maxBytes: MAX_ADDRESS_RECORD_BYTES }
  const opened = await openRecord(checker, 'addresses', addressRecordSchema, bytes, limits)
  if (!opened.ok) return opened
  const { value: record, signer: peer } = opened
  if (record.fed !== fed) {
    return refuse('identity/addresses', 'the addresses are of another federation')
  }
  if (!areOf(peer, record)) {
    return refuse('identity/addresses', 'the addresses are of somebody else')
  }
  return { ok: true, record, peer }
}

function areOf(peer: PeerId, { addresses }: AddressRecord): boolean {
  return addresses.every((address) => address.endsWith(`/p2p/${peer}`))
}
