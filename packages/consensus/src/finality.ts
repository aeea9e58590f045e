/**
 * Proofs that an entry is final. Each engine adds a kind; a proof of one kind keeps verifying after
 * the federation has changed its engine.
 *
 * @module
 */
import { type Millis, refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, exactBytes } from '@folkmoot/codec'
import type { Checker, FederationId, PeerId } from '@folkmoot/identity'
import * as v from 'valibot'
import type { ConsensusCode } from './codes.ts'
import { parseHeader } from './header.ts'

/** The founder's own signature, by purpose `entry`. */
export interface SoloProof {
  readonly kind: 'solo'
  readonly header: Uint8Array
  readonly signature: Uint8Array
}

/** Open for `raft` (receipt) and `bft` (certificate). */
export type FinalityProof = SoloProof

/** Shape of a proof inside other signed or exported structures. */
export const finalityProofSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('solo'), header: bytesSchema(512), signature: exactBytes(64) }),
])

/** Whose decisions count. */
export interface FinalityAnchor {
  readonly instance: FederationId
  readonly founder: PeerId
}

/** What a valid proof says about its entry. */
export interface FinalHeader {
  readonly height: number
  readonly epoch: number
  readonly time: Millis
  readonly stateRoot: Uint8Array
  readonly historyRoot: Uint8Array
  readonly payloadHash: Uint8Array
  readonly parentHash: Uint8Array
}

/** Checks one proof on its own; needs nothing but the charter's id and founder. */
export async function verifyFinality(
  checker: Checker,
  anchor: FinalityAnchor,
  proof: FinalityProof,
): Promise<Verdict<FinalHeader>> {
  const shape = v.safeParse(finalityProofSchema, proof)
  if (!shape.success) {
    return refuse('consensus/malformed' satisfies ConsensusCode, 'this is no proof of finality')
  }
  const parsed = parseHeader(proof.header)
  if (!parsed.ok) return parsed
  const { header } = parsed
  if (header.instance !== anchor.instance) {
    return refuse(
      'consensus/instance' satisfies ConsensusCode,
      'the entry belongs to another federation',
    )
  }
  if (header.epoch !== 0) {
    return refuse(
      'consensus/epoch' satisfies ConsensusCode,
      'a founder alone decides in epoch 0 only',
    )
  }
  if (!(await checker.verify('entry', anchor.founder, proof.signature, proof.header))) {
    return refuse(
      'consensus/signature' satisfies ConsensusCode,
      'the entry is not signed by the founder',
    )
  }
  const { height, epoch, time, stateRoot, historyRoot, payloadHash, parentHash } = header
  return { ok: true, height, epoch, time, stateRoot, historyRoot, payloadHash, parentHash }
}
