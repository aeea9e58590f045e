/**
 * Envelopes: every call, result, stream item and gossiped record travels in one.
 *
 * On the wire DAG-CBOR `[body, signature]`; `body` is the encoded {@link Envelope}, verified as it
 * came, and the key is the one in `from`. Replay is `calls`' question, membership the ledger's.
 *
 * @module
 */
import type { Fault, Millis, Refused, Verdict } from '@folkmoot/base'
import { checkShape, concatBytes, decode, encode, encodeByteStrings, sha256 } from '@folkmoot/codec'
import type { FederationId } from './charter.ts'
import type { Checker } from './checker.ts'
import type { IdentityCode } from './codes.ts'
import { type Envelope, envelopeSchema } from './envelope-schema.ts'
import { mistake, refuse } from './refuse.ts'
import type { Signer } from './signer.ts'
import { isNewerVersion } from './version.ts'

export interface EnvelopeExpectation {
  readonly fed: FederationId
  /** The receiver's clock. */
  readonly now: Millis
  /** How far a sender's clock may be ahead, in ms; default 120,000. */
  readonly maxSkewMs?: Millis
  /** Longest time from sent to deadline, in ms; default one hour, the limit of records. */
  readonly maxLifetimeMs?: Millis
  /** Longest envelope, in bytes; default 1 MiB. */
  readonly maxBytes?: number
}

export interface OpenedEnvelope {
  readonly envelope: Envelope
  /**
   * SHA-256(salt ‖ body): what both sides' logs hold, so that content can be erased. Computed when it
   * is read, because most items and credits are not logged.
   */
  readonly bodyHash: Uint8Array
}

const DEFAULT_SKEW_MS = 120_000
const DEFAULT_LIFETIME_MS = 3_600_000
const DEFAULT_BYTES = 1 << 20

/**
 * Signs an envelope.
 *
 * @throws FederationError `identity/unsealable` for another sender, or where nobody could open it
 */
export async function sealEnvelope(signer: Signer, envelope: Envelope): Promise<Uint8Array> {
  if (envelope.from !== signer.peer) {
    throw mistake('identity/unsealable', 'an envelope is signed by its sender')
  }
  const checked = checkShape(envelopeSchema, envelope)
  if (!checked.ok) throw mistake('identity/unsealable', checked.fault.message)
  const body = encode(checked.value)
  return encodeByteStrings(body, await signer.sign('envelope', body))
}

/** Opens an envelope: cheap checks first, the signature last. */
export async function openEnvelope(
  checker: Checker,
  bytes: Uint8Array,
  expected: EnvelopeExpectation,
): Promise<Verdict<OpenedEnvelope>> {
  const maxBytes = expected.maxBytes ?? DEFAULT_BYTES
  const outer = decode(bytes, { maxBytes, maxDepth: 1, maxItems: 2 })
  if (!outer.ok) return malformed(outer.fault.message)
  const [body, signature] = Array.isArray(outer.value) ? outer.value : []
  if (!(body instanceof Uint8Array) || !(signature instanceof Uint8Array)) {
    return malformed('the bytes are not an envelope')
  }
  const decoded = decode(body, { maxBytes, integralFloats: false })
  if (!decoded.ok) return malformed(decoded.fault.message)
  if (isNewerVersion(decoded.value)) {
    return refuse('identity/envelope-version', 'the envelope is of a version not known here')
  }
  const checked = checkShape(envelopeSchema, decoded.value)
  if (!checked.ok) return malformed(checked.fault.message)
  const envelope = checked.value
  const fault = checkTimes(envelope, expected)
  if (fault !== undefined) return fault
  if (!(await checker.verify('envelope', envelope.from, signature, body))) {
    return refuse('identity/envelope-signature', 'the signature does not verify', bytes)
  }
  return {
    ok: true,
    envelope,
    get bodyHash() {
      return envelopeBodyHash(envelope)
    },
  }
}

/** SHA-256(salt ‖ body), for the sender's own log. */
export function envelopeBodyHash({ salt, body }: Pick<Envelope, 'salt' | 'body'>): Uint8Array {
  return sha256(concatBytes(salt, body))
}

const STATIC: ReadonlySet<string> = new Set<IdentityCode>([
  'identity/envelope-malformed',
  'identity/envelope-fed',
  'identity/envelope-lifetime',
  'identity/envelope-signature',
])

/**
 * Whether every honest forwarder would refuse this too, so that whoever forwarded it is at fault.
 * All other faults depend on the receiver's clock, version or view, and blame nobody.
 */
export function isStaticFault(fault: Fault): boolean {
  return STATIC.has(fault.code)
}

function checkTimes(envelope: Envelope, expected: EnvelopeExpectation): Refused | undefined {
  const { sent, deadline } = envelope
  if (envelope.fed !== expected.fed) {
    return refuse('identity/envelope-fed', 'the envelope is of another federation')
  }
  if (deadline <= sent || deadline - sent > (expected.maxLifetimeMs ?? DEFAULT_LIFETIME_MS)) {
    return refuse('identity/envelope-lifetime', 'the time from sent to deadline is not permitted')
  }
  if (sent > expected.now + (expected.maxSkewMs ?? DEFAULT_SKEW_MS)) {
    return refuse('identity/envelope-future', 'the envelope is dated in the future')
  }
  return deadline < expected.now
    ? refuse('identity/envelope-expired', 'the deadline has passed')
    : undefined
}

function malformed(message: string): Refused {
  return refuse('identity/envelope-malformed', message)
}
