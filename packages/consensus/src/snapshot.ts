/**
 * A snapshot as one record, so that a log can begin with it.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, encode, parse } from '@folkmoot/codec'
import * as v from 'valibot'
import type { ConsensusCode } from './codes.ts'
import { finalityProofSchema } from './finality.ts'
import { parseHeader } from './header.ts'
import { MAX_SNAPSHOT_BYTES } from './limits.ts'
import type { Snapshot } from './replicated-log.ts'

const snapshotSchema = v.strictTuple([
  v.literal('snapshot'),
  finalityProofSchema,
  bytesSchema(MAX_SNAPSHOT_BYTES),
  bytesSchema(MAX_SNAPSHOT_BYTES),
])

export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  return encode(['snapshot', snapshot.proof, snapshot.history, snapshot.application])
}

/** Reads a snapshot's bytes; `install` checks what they claim. */
export function parseSnapshot(bytes: Uint8Array): Verdict<{ snapshot: Snapshot }> {
  const parsed = parse(snapshotSchema, bytes, {
    maxBytes: MAX_SNAPSHOT_BYTES,
    maxDepth: 3,
    integralFloats: false,
  })
  if (!parsed.ok) {
    return refuse(
      'consensus/malformed' satisfies ConsensusCode,
      `snapshot: ${parsed.fault.message}`,
    )
  }
  const [, proof, history, application] = parsed.value
  const head = parseHeader(proof.header)
  if (!head.ok) return head
  return { ok: true, snapshot: { height: head.header.height, proof, history, application } }
}
