/**
 * Replays a ledger export from its founding charter, entry by entry, as a new follower would.
 *
 * @module
 */
import type { Anchor } from '@folkmoot/audit'
import { memoryLog, refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, parse } from '@folkmoot/codec'
import { charterFacts, createFollower, type FinalEntry } from '@folkmoot/consensus'
import { createChecker, type FederationId, openCharter } from '@folkmoot/identity'
import { createLedger, peekOperation } from '@folkmoot/ledger'
import { nodeVerifier } from '@folkmoot/storage/node'
import * as v from 'valibot'

/** An entry holds at most a batch of operations of 256 KiB each. */
const MAX_ENTRY_BYTES = 64 << 20
/** A ledger of a million entries; a larger one is refused rather than half read. */
const limits = { maxBytes: 1 << 30, maxItems: 1_000_000 }

const exportSchema = v.strictObject({
  v: v.literal(1),
  charter: bytesSchema(1 << 20),
  entries: v.array(bytesSchema(MAX_ENTRY_BYTES)),
})

export interface LedgerVerification {
  readonly federation: string
  readonly founder: string
  readonly height: number
  /** The epoch that it has come to, and how many decide in it. */
  readonly epoch: number
  readonly voters: number
  readonly operations: number
  readonly refused: number
  readonly members: number
  /** Voters whom evidence in it convicts, which was checked like everything else. */
  readonly lied: readonly string[]
}

/** Charter and entries as `folkmoot ledger export` writes them, of which nothing is checked yet. */
export function readLedgerExport(
  bytes: Uint8Array,
): Verdict<{ value: v.InferOutput<typeof exportSchema> }> {
  return parse(exportSchema, bytes, limits)
}

/**
 * The fault names the entry at which the history breaks. `onFinal` sees each entry as soon as it has
 * been verified, and what comes after it may still fail.
 */
export async function verifyLedgerExport(
  bytes: Uint8Array,
  expectFed?: string,
  onFinal?: (entry: FinalEntry) => void,
): Promise<Verdict<LedgerVerification>> {
  const parsed = readLedgerExport(bytes)
  if (!parsed.ok) return parsed
  const { charter: charterBytes, entries } = parsed.value
  const checker = createChecker(nodeVerifier())
  const opened = await openCharter(checker, charterBytes, expectFed as FederationId | undefined)
  if (!opened.ok) return opened
  const { charter, fed } = opened
  const application = createLedger({ charterBytes, checker })
  const known = charterFacts(charter, fed)
  if (!known.ok) return known
  const follower = await createFollower({
    facts: known.facts,
    checker,
    application,
    log: memoryLog(),
    checkOperations: true,
  })
  const count = { operations: 0, refused: 0 }
  follower.onFinal((entry) => {
    const { ops } = entry
    onFinal?.(entry)
    count.operations += ops.length
    count.refused += ops.filter(({ outcome }) => !outcome.ok).length
  })
  for (const [at, entry] of entries.entries()) {
    const accepted = await follower.accept(entry)
    if (!accepted.ok) {
      return refuse(accepted.fault.code, `entry ${at + 1}: ${accepted.fault.message}`)
    }
  }
  return {
    ok: true,
    federation: fed,
    founder: charter.founder,
    height: entries.length,
    epoch: follower.status().epoch,
    voters: follower.status().voters,
    ...count,
    members: application.state().members.size,
    lied: [...application.state().voting.evidence.keys()],
  }
}

/** Checkpoints of everybody's audit logs that an export holds, which is verified, oldest first. */
export async function readAnchors(
  bytes: Uint8Array,
): Promise<Verdict<{ federation: string; anchors: readonly Anchor[] }>> {
  const anchors: Anchor[] = []
  const verdict = await verifyLedgerExport(bytes, undefined, ({ ops, time }) => {
    for (const { bytes: operation, outcome } of ops) {
      const peeked = outcome.ok ? peekOperation(operation) : outcome
      if (!peeked.ok || peeked.operation.kind !== 'audit.checkpoint') continue
      anchors.push({ text: peeked.operation.body.checkpoint, time })
    }
  })
  return verdict.ok ? { ok: true, federation: verdict.federation, anchors } : verdict
}
