/**
 * Opens an audit log and holds its parts together: quota, open intents, counters, checkpoints.
 *
 * @module
 */
import { errorCode, errorMessage, type Fault, FederationError, type Millis } from '@folkmoot/base'
import type { AuditInit, AuditLog, IntentInit, OutcomeInit } from './audit-log.ts'
import { checkpointOrigin, signCheckpoint } from './checkpoint.ts'
import type { AuditCode } from './codes.ts'
import {
  type EntryFields,
  fitCapability,
  fitCounts,
  fitReason,
  hashContent,
  readLeaf,
  type Sealed,
} from './entry.ts'
import { createEntryReader } from './entry-reader.ts'
import { createEntryWriter, type Draft } from './entry-writer.ts'
import { buildExport, buildJsonLines } from './export.ts'
import { createMinuteCounters } from './minute-counters.ts'
import { readStatements, recoverLog } from './recover-log.ts'
import { createRefusalFilter } from './refusal-filter.ts'
import { verifyAuditExport } from './verify-export.ts'

const DEFAULT_QUOTA_BYTES = 1024 ** 3
/** Room that an intent keeps for its outcome, so that a full log still says how things ended. */
const OUTCOME_BYTES = 1_024
/** A leaf with everything but long texts. */
const LEAF_BYTES = 512
const SALT_BYTES = 16
/** Checkpoints are at most this far apart (protocol.md, "Audit"). */
const CHECKPOINT_MS = 60_000
const CHECKPOINT_ENTRIES = 1_000
const TICK_MS = 5_000

/** Opens the log that `log` and `store` hold, or begins one. */
export async function openAudit(init: AuditInit): Promise<AuditLog> {
  const { log, store, signer, fed, clock, randomness } = init
  const quotaBytes = init.quotaBytes ?? DEFAULT_QUOTA_BYTES
  const recovered = await recoverLog(init)
  const { logId, base, keys, tree, usage } = recovered
  const origin = checkpointOrigin(fed, signer.peer, logId)
  const isRefusalNew = createRefusalFilter()
  const counters = createMinuteCounters()
  /** Intents of this run that wait for their outcome. */
  const open = new Map<number, EntryFields>()
  let checkpointed = { size: recovered.checkpointed, at: clock.now() }
  let lastFull = recovered.lastFull
  let signing: Promise<unknown> = Promise.resolve()
  let isSigning = false

  const reader = createEntryReader({ log, store, keys, base, size: () => tree.size })
  const writer = createEntryWriter({
    log,
    store,
    keys,
    clock,
    ...(init.timers ? { timers: init.timers } : {}),
    tree,
    base,
    usage,
    written: (entries) => {
      for (const { seq, draft } of entries) {
        if (draft.fields.action !== 'counter') lastFull = seq
      }
      // A failure is not this entry's: the next tick tries again.
      if (isCheckpointDue() && !isSigning) void checkpointIfDue().catch(() => {})
    },
  })

  let failing: Fault | undefined
  const write = async (draft: Draft, how: 'write' | 'writeAlong' = 'write'): Promise<number> => {
    try {
      const seq = await writer[how](draft)
      failing = undefined
      return seq
    } catch (error) {
      failing = { code: errorCode(error), message: errorMessage(error) }
      throw error
    }
  }

  const isCheckpointDue = () =>
    lastFull >= checkpointed.size &&
    (tree.size - checkpointed.size >= CHECKPOINT_ENTRIES ||
      clock.now() - checkpointed.at >= CHECKPOINT_MS)

  const bytesUsed = () => usage.leafBytes + usage.contentBytes
  /** Room that intents on their way to the disk have taken. */
  let reserved = 0
  const hasRoom = (bytes: number) =>
    bytesUsed() + reserved + bytes + open.size * OUTCOME_BYTES <= quotaBytes
  const isFull = () => !hasRoom(LEAF_BYTES + OUTCOME_BYTES)

  const seal = (of: IntentInit | OutcomeInit): { sealed?: Sealed; contentHash: string | null } => {
    if (of.content === undefined) return { contentHash: of.contentHash ?? null }
    const salt = (of.salt ?? randomness.bytes(SALT_BYTES)).slice()
    const sealed = { salt, content: of.content.slice() }
    return { sealed, contentHash: (of.salt && of.contentHash) ?? hashContent(sealed) }
  }

  const takeCheckpoint = async (): Promise<Uint8Array> => {
    const size = tree.size
    const known = await store.get(keys.latest)
    if (known && size === checkpointed.size) return known
    const bytes = await signCheckpoint(init.note, { origin, size, root: tree.root(size) })
    await store.write([
      { type: 'put', key: keys.checkpoint(size), value: bytes },
      { type: 'put', key: keys.latest, value: bytes },
    ])
    checkpointed = { size, at: clock.now() }
    init.onCheckpoint?.(bytes, size)
    return bytes
  }
  /** One at a time, so that checkpoints grow. */
  const sign = <T>(run: () => Promise<T>): Promise<T> => {
    isSigning = true
    const next = signing.then(run)
    const settled = next
      .catch(() => {})
      .then(() => {
        if (signing === settled) isSigning = false
      })
    signing = settled
    return next
  }
  const checkpoint = () => sign(takeCheckpoint)
  const checkpointIfDue = () =>
    sign(async () => {
      if (isCheckpointDue()) await takeCheckpoint()
    })

  const writeCounts = async (at: Millis | 'all') => {
    if (isFull()) return
    for (const { minute, counts } of counters.take(at)) {
      await write({
        fields: { ...nothing, action: 'counter', decision: 'done', counts, minute },
      })
    }
  }

  const exportParts = async () => ({
    ...(await readStatements(store, logId)),
    entries: reader.sealedEntries(),
    checkpoints: (await store.list({ prefix: keys.checkpoints })).map(([, note]) => note),
    droppedBytes: log.recovery.droppedBytes,
  })

  const audit: AuditLog = {
    logId,
    origin,
    get size() {
      return tree.size
    },
    get bytes() {
      return bytesUsed()
    },
    get full() {
      return isFull()
    },
    get failing() {
      return failing
    },
    recovery: {
      droppedBytes: log.recovery.droppedBytes,
      replaced: recovered.replaced,
      interrupted: recovered.open.length,
    },
    root: (size) => tree.root(size),
    intent: async (intent) => {
      const room = LEAF_BYTES + (intent.content?.length ?? 0) + OUTCOME_BYTES
      if (!hasRoom(room)) {
        throw new FederationError<AuditCode>('audit/full', 'the audit log has no room left', {
          details: { quotaBytes, bytes: bytesUsed() },
          hint: 'raise the quota, or erase old contents',
        })
      }
      const { sealed, contentHash } = seal(intent)
      const fields: EntryFields = {
        phase: 'intent',
        direction: intent.direction,
        peer: intent.peer,
        action: intent.action,
        capability: fitCapability(intent.capability),
        envelope: intent.envelope ?? null,
        contentHash,
        decision: 'allowed',
        reason: fitReason(intent.reason),
        guard: fitCounts(intent.guard),
        micros: fitCounts(intent.micros),
        channel: intent.channel ?? null,
      }
      reserved += room
      try {
        const seq = await write(sealed ? { fields, sealed } : { fields })
        open.set(seq, fields)
        return seq
      } finally {
        reserved -= room
      }
    },
    outcome: async (of, outcome) => {
      const intent = open.get(of)
      if (intent === undefined) {
        throw new FederationError<AuditCode>('audit/no-intent', `no intent ${of} is open`)
      }
      // Before the write, so that two outcomes of one intent cannot both pass.
      open.delete(of)
      const { sealed, contentHash } = seal(outcome)
      const fields: EntryFields = {
        ...intent,
        phase: 'outcome',
        of,
        contentHash,
        decision: outcome.decision,
        reason: fitReason(outcome.reason),
        guard: fitCounts(outcome.guard),
        micros: fitCounts(outcome.micros),
      }
      // It has happened: nobody waits for its end, so it needs no sync of its own.
      await write(sealed ? { fields, sealed } : { fields }, 'writeAlong').catch((error) => {
        open.set(of, intent)
        throw error
      })
    },
    refusal: async ({ direction, peer, capability, code, envelope, channel }) => {
      const reason = fitReason(code)!
      const now = clock.now()
      if (peer === null || isFull() || !isRefusalNew(peer, reason, now)) {
        counters.add(`refused.${reason}`, now)
        return
      }
      await write({
        fields: {
          ...nothing,
          action: 'refusal',
          decision: 'refused',
          phase: 'intent',
          direction,
          peer,
          capability: fitCapability(capability),
          envelope: envelope ?? null,
          reason,
          channel: channel ?? null,
        },
      })
    },
    counter: (name) => counters.add(name, clock.now()),
    tick: async () => {
      await writeCounts(clock.now())
      await checkpointIfDue()
    },
    checkpoint,
    latestCheckpoint: () => store.get(keys.latest),
    query: (filter = {}) => reader.query(filter),
    leaf: async (seq) =>
      seq < tree.size ? (await log.read(base + seq, base + seq + 1))[0] : undefined,
    inclusion: (seq, size) => tree.inclusion(seq, size),
    consistency: (from, to) => tree.consistency(from, to),
    erase: (before) => writer.exclusive(() => reader.erase(before, usage, recovered.begunAt)),
    export: async () => {
      if (lastFull >= checkpointed.size) await checkpoint()
      return buildExport(await exportParts())
    },
    exportJsonl: async () => buildJsonLines(await exportParts()),
    verify: async () => verifyAuditExport(init.checker, await buildExport(await exportParts())),
    close: async () => {
      stopTicking?.()
      await writer.settled()
      await writeCounts('all')
      if (lastFull >= checkpointed.size) await checkpoint()
      await signing
    },
  }

  const interrupted: Promise<void>[] = []
  for (const of of recovered.open) {
    const leaf = await audit.leaf(of)
    const read = leaf && readLeaf(leaf)
    if (!read?.ok) continue
    const { v: _, seq, at, ...fields } = read.entry
    open.set(of, fields)
    const reason: AuditCode = 'audit/interrupted'
    interrupted.push(audit.outcome(of, { decision: 'failed', reason }))
  }
  await Promise.all(interrupted)
  const stopTicking = init.timers?.every(TICK_MS, () => void audit.tick().catch(() => {}))
  return audit
}

/** An entry that says nothing yet. */
const nothing: EntryFields = {
  phase: 'outcome',
  direction: 'local',
  peer: null,
  action: 'counter',
  capability: null,
  envelope: null,
  contentHash: null,
  decision: 'done',
  reason: null,
  guard: null,
  micros: null,
  channel: null,
}
