/**
 * Hands in what proves that a voter lied, by itself: whoever sees it makes it part of the shared
 * state, which takes the seat away.
 *
 * @module
 */
import type { Logger, Millis, Timers, Verdict } from '@folkmoot/base'
import { sha256, toHex } from '@folkmoot/codec'
import { encodeVoterSet, type FinalityAnchor, verifyEvidence } from '@folkmoot/consensus'
import type { Checker, FederationId } from '@folkmoot/identity'
import type { Ledger } from '@folkmoot/ledger'
import type { Intent } from '../ledger/shared-ledger.ts'

export interface ReportEvidenceInit {
  readonly fed: FederationId
  readonly checker: Checker
  readonly state: Ledger
  readonly anchor: () => FinalityAnchor
  readonly submit: (intent: Intent) => Promise<Verdict>
  readonly timers: Timers
  readonly logger: Logger
}

/** Several voters see the same lie: each waits a little, and most find it handed in already. */
const spreadMs: Millis = 1_500
const maxTries = 5
const againMs: Millis = 5_000

export interface EvidenceReports {
  /** `delay` in [0, 1) spreads reports of several peers. */
  report(evidence: Uint8Array, delay: number): void
  stop(): void
}

export function reportEvidence(init: ReportEvidenceInit): EvidenceReports {
  const seen = new Set<string>()
  const cancels = new Set<() => void>()

  const hand = async (evidence: Uint8Array, tries: number): Promise<void> => {
    const { sets } = init.anchor()
    if (sets === undefined) return
    const proven = await verifyEvidence(init.checker, init.fed, sets, evidence)
    if (!proven.ok) return
    const set = sets.setOf(proven.epoch)
    if (set === undefined || init.state.state().voting.evidence.has(proven.culprit)) return
    const body = { evidence, set: encodeVoterSet(set) }
    const verdict = await init.submit({ kind: 'evidence', body })
    init.logger.log('warn', 'a voter lied', {
      culprit: proven.culprit,
      epoch: proven.epoch,
      view: proven.view,
      ...(verdict.ok ? {} : { code: verdict.fault.code }),
    })
    if (!verdict.ok && !verdict.fault.code.startsWith('ledger/') && tries < maxTries) {
      later(againMs, () => hand(evidence, tries + 1))
    }
  }
  const later = (ms: Millis, run: () => Promise<void>) => {
    const cancel = init.timers.after(ms, () => {
      cancels.delete(cancel)
      void run().catch(() => {})
    })
    cancels.add(cancel)
  }

  return {
    report: (evidence, delay) => {
      const id = toHex(sha256(evidence))
      if (seen.has(id)) return
      seen.add(id)
      later(delay * spreadMs, () => hand(evidence, 1))
    },
    stop: () => {
      for (const cancel of cancels) cancel()
    },
  }
}
