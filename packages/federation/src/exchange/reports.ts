/**
 * What the pipeline reports of refusals and endings, to the audit log, the metrics and the log.
 *
 * @module
 */
import type { AuditLog } from '@folkmoot/audit'
import type { Logger, Metrics } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Action, PipelineInit, StageName } from '../pipeline.ts'
import type { Standing } from '../stages.ts'

export interface ReportsInit {
  readonly audit: AuditLog
  readonly metrics: Metrics
  readonly logger: Logger
  readonly standing: (peer: PeerId) => Standing
}

export function reports(init: ReportsInit): Pick<PipelineInit, 'micros' | 'refused' | 'settled'> {
  return {
    micros: () => performance.now() * 1_000,
    refused: (action, stage, verdict) => {
      if (verdict.ok) return
      const { code } = verdict.fault
      init.metrics.count('folkmoot_federation_refused_total', { stage, code })
      init.logger.log('debug', 'refused', { stage, code, direction: action.direction })
      if (action.direction === 'in' && isOnlyCounted(init, action, stage, code)) {
        init.audit.counter(`refused.${code}`)
        return
      }
      const capability = action.capability?.name ?? action.envelope?.capability ?? null
      void init.audit
        .refusal({ direction: action.direction, peer: action.peer, capability, code })
        .catch(() => init.metrics.count('folkmoot_federation_unlogged_total'))
    },
    settled: async (action, outcome) => {
      if (action.intent === null) return
      await init.audit.outcome(action.intent, {
        decision: outcome.ok ? 'done' : 'failed',
        reason: outcome.ok ? null : outcome.fault.code,
        micros: action.micros,
      })
    },
  }
}

/** Strangers cannot fill a disk, and gossip that is late, doubled or not for here is everyday. */
function isOnlyCounted(
  init: Pick<ReportsInit, 'standing'>,
  { envelope, link }: Action,
  stage: StageName,
  code: string,
): boolean {
  if (envelope === null || stage === 'identity') return true
  if (init.standing(envelope.from) !== 'member') return true
  return link === null && (stage === 'authorisation' || code.startsWith('federation/'))
}
