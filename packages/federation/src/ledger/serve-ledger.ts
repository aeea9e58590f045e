/**
 * Serves the ledger to other members: entries on request and by gossip, and, where this peer leads,
 * the place to hand operations in.
 *
 * @module
 */
import {
  type Clock,
  errorMessage,
  type Logger,
  refuse,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import { toHex } from '@folkmoot/codec'
import { blockId, parseEntry } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { Exchange } from '../exchange/exchange.ts'
import { ledgerEntries, ledgerEntry, ledgerSubmit, maxBatchBytes } from '../services.ts'
import type { SharedLedger } from './shared-ledger.ts'
import type { SubmitBudget } from './submit-budget.ts'

export interface ServeLedgerInit {
  readonly exchange: Exchange
  readonly expose: Exchange['expose']
  readonly ledger: SharedLedger
  readonly me: PeerId
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly topic: string
  /** Takes an entry as gossip told it. */
  readonly heard: (entry: Uint8Array) => void
  /** Takes what is no entry: whoever knows of a fork tells the proof. */
  readonly heardOther: (bytes: Uint8Array, from: PeerId) => Promise<Verdict>
}

const entryLifeMs = 5 * 60_000
/** More than come while voters wait for their turns; in a flood some entries are told twice. */
const maxTold = 64

/** What only those who decide need, and nobody else loads. */
const deciding = () => import('../agreement/bft-engine.ts')

function expose(init: ServeLedgerInit): void {
  const { exchange, ledger } = init
  init.expose({
    capability: ledgerEntries,
    exposure: { to: 'members', maxConcurrent: 64, ratePerMinute: 2_400 },
    handler: async ({ from }) => {
      const tip = ledger.status().height
      const evidence = ledger.evidence()
      // Whoever asks for more than is here learns why there is no more.
      if (from > tip && evidence) return { ok: true, output: { tip, entries: [evidence] } }
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
  /** Block ids of the last entries that came by gossip, whatever they are worth. */
  const told = new Set<string>()
  const tell = (entry: Uint8Array) => exchange.tell(init.topic, ledgerEntry, { entry }, entryLifeMs)
  exchange.hear(init.topic, ledgerEntry, async ({ entry }, from) => {
    const parsed = parseEntry(entry)
    if (!parsed.ok) return init.heardOther(entry, from)
    told.add(toHex(blockId(parsed.entry.proof.header)))
    if (told.size > maxTold) told.delete(told.values().next().value!)
    init.heard(entry)
    return { ok: true }
  })
  let budget: Promise<SubmitBudget> | undefined
  const openBudget = async () => (await deciding()).createSubmitBudget(ledger, init.clock)
  init.expose({
    capability: ledgerSubmit,
    exposure: { to: 'members', maxConcurrent: 64, ratePerMinute: 60 },
    handler: async ({ operation }, { from }) => {
      if (!ledger.decides()) {
        return refuse('federation/not-leader', 'this peer cannot make operations final')
      }
      budget ??= openBudget()
      const afforded = (await budget)(from, operation)
      if (!afforded.ok) return afforded
      const verdict = await ledger.admit(operation)
      return verdict.ok ? { ok: true, output: { height: verdict.height } } : verdict
    },
  })
  ledger.onFinal((final) => {
    if (!ledger.decides()) return
    const set = ledger.voterSet()
    deciding()
      .then(({ tellInTurn }) => tellInTurn({ ...init, told, tell }, set, final))
      // A peer that stops meanwhile has closed its log; the others tell.
      .catch((error: unknown) =>
        init.logger.log('debug', 'an entry was not told', { reason: errorMessage(error) }),
      )
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
