/**
 * The charter: what a federation is for and who decides in it, signed by its founder. The hash of
 * the founding charter is the federation's id, for ever.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { exactBytes, hashSchema, intSchema, sha256, textSchema, toHex } from '@folkmoot/codec'
import * as v from 'valibot'
import { checkPublicKey } from './check-key.ts'
import type { Checker } from './checker.ts'
import { type PeerId, peerIdOf, peerIdSchema } from './peer-id.ts'
import { openRecord, recordBody, sealShaped } from './record.ts'
import { mistake, refuse } from './refuse.ts'
import { instantSchema } from './schemas.ts'
import type { Signer } from './signer.ts'

/** SHA-256 of the founding charter's bytes, 64 hex characters. */
export type FederationId = string

/** A key that signs votes and nothing else; fit under the one acceptance profile. */
const voteKeySchema = v.pipe(
  exactBytes(32),
  v.check((key) => checkPublicKey(key).ok, 'a canonical key of the prime-order group'),
)

/** The federation that a new one continues: its id, and the height and id of its last certified block. */
export const refoundsSchema = v.strictObject({
  fed: hashSchema,
  height: intSchema(1, Number.MAX_SAFE_INTEGER),
  block: exactBytes(32),
})
export type RefoundedFederation = v.InferOutput<typeof refoundsSchema>

const fieldsSchema = v.strictObject({
  v: v.literal(1),
  /** What people call it. */
  name: v.pipe(textSchema(120), v.nonEmpty()),
  /** Why it exists, in a few sentences. */
  purpose: textSchema(2000),
  founder: peerIdSchema,
  /** Where a person can be reached: a mail address or a page. */
  contact: textSchema(300),
  /** How shared state is agreed: one founder, crash-tolerant, or tolerant of liars. */
  engine: v.picklist(['solo', 'raft', 'bft']),
  /** Who agrees; with `solo`, the founder. */
  voters: v.pipe(
    v.array(peerIdSchema),
    v.minLength(1),
    v.maxLength(128),
    v.check((peers) => new Set(peers).size === peers.length, 'voters that differ'),
  ),
  /**
   * The voters' keys for votes in epoch 1, in the order of `voters`. Needed with `bft`, which has
   * no ledger yet to register them in.
   */
  voteKeys: v.exactOptional(v.pipe(v.array(voteKeySchema), v.maxLength(128))),
  /** The voters' organisations, in the order of `voters`. */
  orgs: v.exactOptional(v.pipe(v.array(v.pipe(textSchema(64), v.nonEmpty())), v.maxLength(128))),
  preset: v.picklist(['production', 'classroom', 'local', 'test']),
  /** Whether a link admits, or only the founder's list. */
  admission: v.picklist(['invitation', 'listed']),
  /** Which rule an action needs, by action. */
  approval: v.pipe(v.record(textSchema(64), textSchema(64)), v.maxEntries(64)),
  /** Whether members of different organisations take part. */
  crossOrg: v.boolean(),
  limits: v.pipe(v.record(textSchema(64), intSchema(0, Number.MAX_SAFE_INTEGER)), v.maxEntries(64)),
  /** What members must know about their data before they join. */
  privacy: textSchema(4000),
  created: instantSchema,
  /** Where it continues another federation whose voters were lost, see `refounding.ts`. */
  refounds: v.exactOptional(refoundsSchema),
})

const { purpose, contact, admission, approval, limits, privacy } = fieldsSchema.entries

/** What members may change about a charter later; who founded it, when, and how it decides stay. */
export const amendmentSchema = v.pipe(
  v.strictObject({
    purpose: v.exactOptional(purpose),
    contact: v.exactOptional(contact),
    admission: v.exactOptional(admission),
    approval: v.exactOptional(approval),
    limits: v.exactOptional(limits),
    privacy: v.exactOptional(privacy),
  }),
  v.check((changes) => Object.keys(changes).length > 0, 'something that changes'),
)

/** Fields that take the place of the charter's own, whole. */
export type Amendment = v.InferOutput<typeof amendmentSchema>

export const charterSchema = v.pipe(
  fieldsSchema,
  v.check(
    ({ engine, voteKeys }) => engine !== 'bft' || voteKeys !== undefined,
    'vote keys where votes decide',
  ),
  v.check(
    ({ voters, voteKeys }) => voteKeys === undefined || voteKeys.length === voters.length,
    'one vote key for each voter',
  ),
  v.check(
    ({ voters, voteKeys }) => !voteKeys || areOwn(voters, voteKeys),
    'vote keys of their own',
  ),
  v.check(({ voters, orgs }) => !orgs || orgs.length === voters.length, 'one org for each voter'),
)

/** A vote key lives and dies with the database of its voter: it is nobody else's and no peer's key. */
function areOwn(voters: readonly PeerId[], voteKeys: readonly Uint8Array[]): boolean {
  const peers = new Set<PeerId>([...voters, ...voteKeys.map(peerIdOf)])
  return peers.size === voters.length + voteKeys.length
}

export type Charter = v.InferOutput<typeof charterSchema>

/** Longest charter, in bytes. */
const MAX_BYTES = 65_536

export interface OpenedCharter {
  readonly charter: Charter
  readonly fed: FederationId
}

/**
 * Signs a founding charter.
 *
 * @throws FederationError `identity/unsealable` where nobody could open it
 */
export async function sealCharter(
  signer: Signer,
  charter: Charter,
): Promise<OpenedCharter & { readonly bytes: Uint8Array }> {
  if (signer.peer !== charter.founder) {
    throw mistake('identity/unsealable', 'a charter is signed by its founder')
  }
  const bytes = await sealShaped(signer, 'charter', charterSchema, charter)
  return { bytes, charter, fed: federationOf(bytes) }
}

/** Opens a charter; with `expected`, only the one of that federation. */
export async function openCharter(
  checker: Checker,
  bytes: Uint8Array,
  expected?: FederationId,
): Promise<Verdict<OpenedCharter>> {
  const opened = await openRecord(checker, 'charter', charterSchema, bytes, { maxBytes: MAX_BYTES })
  if (!opened.ok) return opened
  if (opened.signer !== opened.value.founder) {
    return refuse('identity/charter-founder', 'the charter is not signed by its founder')
  }
  const fed = federationOf(bytes)
  return expected === undefined || expected === fed
    ? { ok: true, charter: opened.value, fed }
    : refuse('identity/charter-fed', 'the charter is of another federation')
}

/** The first 16 characters of a federation's id in groups of four, for people to compare. */
export function fingerprint(fed: FederationId): string {
  return (fed.slice(0, 16).match(/.{1,4}/g) ?? []).join(' ')
}

/** Of bytes that are known to be a record. */
function federationOf(bytes: Uint8Array): FederationId {
  const record = recordBody(bytes)
  if (!record.ok) throw mistake('identity/unsealable', record.fault.message)
  return toHex(sha256(record.body))
}
