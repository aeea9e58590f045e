/**
 * Puts checkpoints of this peer's audit log on the ledger, where nobody can take them back: soon
 * after another of its operations became final, and alone at most once an hour.
 *
 * Handing one in is itself logged, here and by whoever makes it final. Entries that say nothing
 * else are no reason for the next one, or idle peers would wake each other for ever.
 *
 * @module
 */
import { type AuditEntry, type AuditLog, parseCheckpoint } from '@folkmoot/audit'
import {
  type Clock,
  errorCode,
  errorMessage,
  type Logger,
  type Millis,
  type Timers,
} from '@folkmoot/base'
import { equalBytes, fromUtf8, parse, utf8 } from '@folkmoot/codec'
import type { FinalEntry } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import { type CheckpointFact, peekOperation } from '@folkmoot/ledger'
import { ledgerSubmit } from '../services.ts'
import type { SharedLedger } from './shared-ledger.ts'

export interface AnchorCheckpointsInit {
  readonly me: PeerId
  readonly audit: Pick<AuditLog, 'checkpoint' | 'logId' | 'query' | 'root' | 'size'>
  readonly ledger: Pick<SharedLedger, 'onFinal' | 'state' | 'submit'>
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
}

/** Operations that become final in this time share one checkpoint. */
const gatherMs: Millis = 2_000
/** With other operations of this peer, at least so far apart. */
export const anchorAlongMs: Millis = 10 * 60_000
/** Alone, at least so far apart. */
export const anchorAloneMs: Millis = 60 * 60_000

/** Starts anchoring, until the returned function is called. */
export function anchorCheckpoints(init: AnchorCheckpointsInit): () => void {
  const { me, audit, ledger, clock, timers, logger } = init
  const state = () => ledger.state.state()
  let stopped = false
  let anchoring: Promise<void> | null = null
  let planned: { readonly at: Millis; readonly cancel: () => void } | null = null
  let triedAt = Number.NEGATIVE_INFINITY
  /** Of this peer's own operations, the newest that was looked at. */
  let seen = state().sequence(me)
  /** Whether one became final while a checkpoint was handed in, which may not cover it. */
  let missed = false
  /** Entries before this one are anchored, or say nothing but that. */
  let quietUpTo = 0

  /** How long until `periodMs` after the last one; a clock that was set makes it no longer. */
  const left = (periodMs: Millis): Millis => {
    const last = Math.max(triedAt, state().checkpoints.get(me)?.time ?? triedAt)
    return Math.min(periodMs, Math.max(0, last + periodMs - clock.now()))
  }

  const anchor = async (): Promise<void> => {
    const anchored = state().checkpoints.get(me)
    const known = anchored?.log === audit.logId ? anchored : undefined
    if (known && !holds(audit, known)) {
      // Whoever checks this log against the ledger sees the same; one more would only hide it.
      logger.log('error', 'the audit log is not the one whose checkpoint is on the ledger', {
        size: audit.size,
        anchored: known.size,
      })
      return
    }
    if (!ledger.state.isMember(me)) return
    const size = audit.size
    const from = Math.max(quietUpTo, known?.size ?? 0)
    if (!(await hasNews(audit, from, size))) {
      quietUpTo = size
      return
    }
    const checkpoint = fromUtf8(await audit.checkpoint())
    triedAt = clock.now()
    const verdict = await ledger.submit({
      kind: 'audit.checkpoint',
      body: { peer: me, checkpoint },
    })
    // The fact on the ledger does not say so where this key anchors another log too.
    if (verdict.ok) quietUpTo = size
    else {
      logger.log('warn', 'a checkpoint is not on the ledger', { code: verdict.fault.code })
    }
  }

  const run = (): Promise<void> => {
    planned?.cancel()
    planned = null
    missed = false
    anchoring ??= anchor()
      .catch((error: unknown) =>
        logger.log('warn', 'a checkpoint is not on the ledger', {
          code: errorCode(error),
          reason: errorMessage(error),
        }),
      )
      .finally(() => {
        anchoring = null
        plan(anchorAloneMs)
        if (missed) planAlong()
      })
    return anchoring
  }

  const plan = (inMs: Millis) => {
    const at = clock.now() + inMs
    if (stopped || (planned && planned.at <= at)) return
    planned?.cancel()
    planned = { at, cancel: timers.after(inMs, () => void run()) }
  }

  const planAlong = () => plan(Math.max(gatherMs, left(anchorAlongMs)))

  const look = ({ ops }: Pick<FinalEntry, 'ops'>) => {
    if (state().sequence(me) === seen) return
    let others = false
    for (const { bytes, outcome } of ops) {
      const peeked = peekOperation(bytes)
      if (!outcome.ok || !peeked.ok || peeked.signer !== me) continue
      const { kind, sequence } = peeked.operation
      seen = Math.max(seen, sequence)
      // A checkpoint may come to this copy long after whoever made it final has answered.
      others ||= kind !== 'audit.checkpoint'
    }
    if (others && anchoring) missed = true
    else if (others) planAlong()
  }
  const unhear = ledger.onFinal(look)
  plan(Math.max(anchorAlongMs, left(anchorAloneMs)))

  return () => {
    stopped = true
    unhear()
    planned?.cancel()
  }
}

/** Whether the log is one that begins as its checkpoint on the ledger says. */
function holds({ root, size }: AnchorCheckpointsInit['audit'], anchored: CheckpointFact): boolean {
  const parsed = parseCheckpoint(utf8(anchored.text))
  if (!parsed.ok || anchored.size > size) return false
  return equalBytes(root(anchored.size), parsed.checkpoint.root)
}

async function hasNews(audit: Pick<AuditLog, 'query'>, from: number, to: number): Promise<boolean> {
  for await (const entry of audit.query({ from, to })) if (isNews(entry)) return true
  return false
}

/** Whether an entry says more than that somebody anchored a checkpoint, or a count. */
function isNews({ action, capability, content }: AuditEntry): boolean {
  if (action === 'counter') return false
  if (capability !== ledgerSubmit.name) return true
  const asked = content && parse(ledgerSubmit.input, content, { maxBytes: ledgerSubmit.maxBytes })
  // The answers to what was handed in, and how it ended.
  if (!asked?.ok) return false
  const peeked = peekOperation(asked.value.operation)
  return !(peeked.ok && peeked.operation.kind === 'audit.checkpoint')
}
