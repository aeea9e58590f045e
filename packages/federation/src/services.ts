/**
 * The federation's own services as capabilities: what members ask of each other, with the bounds of
 * every body. Exposed by name in `create-peer.ts`; nothing here is callable by itself.
 *
 * @module
 */
import { bytesSchema, exactBytes, hashSchema, intSchema } from '@folkmoot/codec'
import { epochLinkSchema, finalityProofSchema, historyProofSchema } from '@folkmoot/consensus'
import { MAX_ADDRESS_RECORD_BYTES, peerIdSchema } from '@folkmoot/identity'
import { MAX_PRESENCE_BYTES } from '@folkmoot/membership'
import * as v from 'valibot'
import type { Capability } from './capability.ts'

const time = intSchema(0, Number.MAX_SAFE_INTEGER)
const height = intSchema(0, Number.MAX_SAFE_INTEGER)

/** Most bytes of entries or results in one answer; under a stream's window and a frame's bound. */
export const maxBatchBytes = 256 * 1024

function capability<Input, Output>(init: Capability<Input, Output>): Capability<Input, Output> {
  return init
}

/** Final entries of the ledger from a height on; anyone who has them may serve them. */
export const ledgerEntries = capability({
  name: 'ledger.entries',
  input: v.strictObject({ from: height }),
  output: v.strictObject({
    tip: height,
    entries: v.pipe(v.array(bytesSchema(512 * 1024)), v.maxLength(256)),
  }),
  logging: 'counted',
  maxBytes: 768 * 1024,
})

/** Hands an operation to whoever can make it final. */
export const ledgerSubmit = capability({
  name: 'ledger.submit',
  input: v.strictObject({ operation: bytesSchema(64 * 1024) }),
  output: v.strictObject({ height }),
  logging: 'full',
  maxBytes: 68 * 1024,
})

/**
 * Asks a dispatcher for units to compute. Counted: idle workers ask too, and what comes of a lease,
 * the unit that leaves, is logged in full as `study.result`.
 */
export const studyLease = capability({
  name: 'study.lease',
  input: v.strictObject({
    study: hashSchema,
    want: intSchema(1, 16),
    /** Units that the caller still means to compute; whatever else it was leased comes back. */
    holding: v.pipe(v.array(intSchema(0, 99_999)), v.maxLength(64)),
  }),
  output: v.strictObject({
    units: v.pipe(v.array(intSchema(0, 99_999)), v.maxLength(16)),
    expires: time,
    /** Without units: asking again before this instant is of no use. */
    retryAt: time,
  }),
  logging: 'counted',
  maxBytes: 1_024,
})

const records = v.pipe(v.array(bytesSchema(80 * 1024)), v.maxLength(4_096))

/** Anti-entropy: both sides show what they hold and give what the other lacks. */
export const studyResults = capability({
  name: 'study.results',
  input: v.strictObject({ study: hashSchema, digest: bytesSchema(40 * 1024), records }),
  output: v.strictObject({ digest: bytesSchema(40 * 1024), records }),
  logging: 'counted',
  maxBytes: 512 * 1024,
})

/** The batch behind a root on the ledger: which results make which units final. */
export const studyBatch = capability({
  name: 'study.batch',
  input: v.strictObject({ study: hashSchema, root: exactBytes(32) }),
  output: v.strictObject({ batch: bytesSchema(900 * 1024) }),
  logging: 'counted',
  maxBytes: 910 * 1024,
})

/** A signed result and its output, told to everyone. The study's own schema is the last look. */
export const studyResult = capability({
  name: 'study.result',
  input: v.strictObject({ study: hashSchema, record: bytesSchema(80 * 1024) }),
  output: v.null(),
  logging: 'full',
  maxBytes: 84 * 1024,
})

/** Who is here, as the callee has heard it: whom a newcomer may dial before it hears by itself. */
export const membershipPresent = capability({
  name: 'membership.present',
  input: v.strictObject({}),
  output: v.strictObject({
    peers: v.pipe(v.array(peerIdSchema), v.maxLength(256)),
    /** How many are here, where `peers` cannot name them all. */
    count: v.optional(intSchema(0, 1_000_000)),
  }),
  logging: 'counted',
  maxBytes: 32 * 1024,
})

/** Who is here, and who is silent (membership). */
export const presence = capability({
  name: 'membership.presence',
  input: v.variant('kind', [
    v.strictObject({ kind: v.literal('here'), presence: bytesSchema(MAX_PRESENCE_BYTES) }),
    v.strictObject({ kind: v.literal('suspect'), peer: peerIdSchema, incarnation: height }),
  ]),
  output: v.null(),
  logging: 'counted',
  maxBytes: MAX_PRESENCE_BYTES + 256,
})

/** A new final entry of the ledger, told to everyone. */
export const ledgerEntry = capability({
  name: 'ledger.entry',
  input: v.strictObject({ entry: bytesSchema(60 * 1024) }),
  output: v.null(),
  logging: 'counted',
  maxBytes: 64 * 1024,
})

const epoch = intSchema(0, 1_000_000)

/**
 * The newest decision as one can prove it to somebody who keeps no log: the ends of epochs from
 * one on, and the newest entry. `more`: ask again from the epoch after the last link.
 */
export const ledgerNewest = capability({
  name: 'ledger.newest',
  input: v.strictObject({ from: epoch }),
  output: v.strictObject({
    links: v.pipe(v.array(epochLinkSchema), v.maxLength(256)),
    proof: finalityProofSchema,
    more: v.boolean(),
  }),
  logging: 'counted',
  maxBytes: 512 * 1024,
})

/** The voters of an epoch, for who knows their hash. */
export const ledgerVoters = capability({
  name: 'ledger.voters',
  input: v.strictObject({ epoch }),
  output: v.strictObject({ set: bytesSchema(64 * 1024) }),
  logging: 'counted',
  maxBytes: 68 * 1024,
})

/** That the entry at `height` is in the history of the one at `under`. */
export const ledgerHistory = capability({
  name: 'ledger.history',
  input: v.strictObject({ height, under: height }),
  output: historyProofSchema,
  logging: 'counted',
  maxBytes: 4 * 1024,
})

/** By which certificate the voter's history crossed a view; null where it does not know. */
export const ledgerCrossing = capability({
  name: 'ledger.crossing',
  input: v.strictObject({ epoch, view: height }),
  output: v.strictObject({ certificate: v.nullable(bytesSchema(10 * 1024)) }),
  logging: 'counted',
  maxBytes: 11 * 1024,
})

/** A message of agreement: for one voter where no link leads to it, or for all of them. */
export const consensusMessage = capability({
  name: 'consensus.message',
  input: v.strictObject({ to: v.nullable(peerIdSchema), message: bytesSchema(60 * 1024) }),
  output: v.null(),
  logging: 'counted',
  maxBytes: 64 * 1024,
})

const addressRecord = bytesSchema(MAX_ADDRESS_RECORD_BYTES)
/** As many as one answer names; the largest fit its bound. */
export const maxAddressRecords = 64

/** Where voters listen, in their own words: the caller says it of itself, the callee of all it knows. */
export const voterAddresses = capability({
  name: 'voter.addresses',
  input: v.strictObject({ record: v.nullable(addressRecord) }),
  output: v.strictObject({
    records: v.pipe(v.array(addressRecord), v.maxLength(maxAddressRecords)),
  }),
  logging: 'counted',
  maxBytes: maxAddressRecords * (MAX_ADDRESS_RECORD_BYTES + 8) + 1_024,
})
