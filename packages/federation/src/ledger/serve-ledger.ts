/**
 * Serves the ledger to other members: entries on request and by gossip, and, where this peer leads,
 * the place to hand operations in.
 *
 * @module
 */
import { type Clock, refuse, type Verdict } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Exchange } from '../exchange/exchange.ts'
import { ledgerEntries, ledgerEntry, ledgerSubmit, maxBatchBytes } from '../services.ts'
import type { SharedLedger } from './shared-ledger.ts'
import { createSubmitBudget } from './submit-budget.ts'

export interface ServeLedgerInit {
  readonly exchange: Exchange
  readonly expose: Exchange['expose']
  readonly ledger: SharedLedger
  readonly leads: boolean
  readonly clock: Clock
  readonly topic: string
  /** Takes an entry as gossip told it. */
  readonly told: (entry: Uint8Array) => void
}

/** Larger entries are not gossiped; members fetch them. */
const maxGossiped = 56 * 1024
const entryLifeMs = 5 * 60_000

function expose(init: ServeLedgerInit): void {
  const { exchange, ledger } = init
  init.expose({
    capability: ledgerEntries,
    exposure: { to: 'members', maxConcurrent: 64, ratePerMinute: 2_400 },
    handler: async ({ from }) => {
      const tip = ledger.status().height
      if (from < 1 || from > tip) return { ok: true, output: { tip, entries: [] } }
      const entries: Uint8Array[] = []
      let bytes = 0
      for (const entry of await ledger.entries(from, 256)) {
        bytes += entry.length
        if (bytes > maxBatchBytes && entries.length > 0) break
        entries.push(entry)
      }
      return { ok: true, output: { tip, entries } }
    },
  })
  exchange.hear(init.topic, ledgerEntry, async ({ entry }) => {
    init.told(entry)
    return { ok: true }
  })
  if (!init.leads) return
  const budget = createSubmitBudget(ledger.state.charter, init.clock)
  init.expose({
    capability: ledgerSubmit,
    exposure: { to: 'members', maxConcurrent: 64, ratePerMinute: 60 },
    handler: async ({ operation }, { from }) => {
      const afforded = budget(from, operation)
      if (!afforded.ok) return afforded
      const verdict = await ledger.admit(operation)
      return verdict.ok ? { ok: true, output: { height: verdict.height } } : verdict
    },
  })
  ledger.onFinal(({ height }) => {
    void ledger.entries(height, 1).then(([entry]) => {
      if (entry !== undefined && entry.length <= maxGossiped) {
        void exchange.tell(init.topic, ledgerEntry, { entry }, entryLifeMs)
      }
    })
  })
}

function fetchWith(exchange: Exchange) {
  return async (
    from: PeerId,
    height: number,
  ): Promise<Verdict<{ tip: number; entries: readonly Uint8Array[] }>> => {
    const answer = await exchange.call(
      from,
      ledgerEntries,
      { from: height },
      { deadlineMs: 10_000 },
    )
    if (!answer.ok) return refuse(answer.fault.code, answer.fault.message)
    return { ok: true, tip: answer.output.tip, entries: answer.output.entries }
  }
}

export const serveLedger = { expose, fetchWith }
