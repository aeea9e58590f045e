/**
 * A snapshot as one record, so that a log can begin with it.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, encode, parse } from '@folkmoot/codec'
import * as v from 'valibot'
import { epochLinkSchema } from './bft/epoch-chain.ts'
import type { ConsensusCode } from './codes.ts'
import { finalityProofSchema } from './finality.ts'
import { parseHeader } from './header.ts'
import { MAX_EPOCH_LINKS, MAX_SNAPSHOT_BYTES } from './limits.ts'
import type { Snapshot } from './replicated-log.ts'

const parts = [
  v.literal('snapshot'),
  finalityProofSchema,
  bytesSchema(MAX_SNAPSHOT_BYTES),
  bytesSchema(MAX_SNAPSHOT_BYTES),
] as const
/** A founder's snapshot has no epochs behind it and keeps the form of before there were any. */
const snapshotSchema = v.union([
  v.strictTuple(parts),
  v.strictTuple([
    ...parts,
    v.pipe(v.array(epochLinkSchema), v.minLength(1), v.maxLength(MAX_EPOCH_LINKS)),
  ]),
])

export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const { proof, history, application, epochs } = snapshot
  const fields = ['snapshot', proof, history, application] as const
  return encode(epochs.length === 0 ? fields : [...fields, [...epochs]])
}

/** Reads a snapshot's bytes; `install` checks what they claim. */
export function parseSnapshot(bytes: Uint8Array): Verdict<{ snapshot: Snapshot }> {
  const parsed = parse(snapshotSchema, bytes, {
    maxBytes: MAX_SNAPSHOT_BYTES,
    maxDepth: 6,
    maxItems: MAX_EPOCH_LINKS * 100,
    integralFloats: false,
  })
  if (!parsed.ok) {
    return refuse(
      'consensus/malformed' satisfies ConsensusCode,
      `snapshot: ${parsed.fault.message}`,
    )
  }
  const [, proof, history, application, epochs = []] = parsed.value
  const head = parseHeader(proof.header)
  if (!head.ok) return head
  const { height } = head.header
  return { ok: true, snapshot: { height, proof, history, application, epochs } }
}
