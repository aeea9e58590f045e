/**
 * Opens this peer's side of engine `solo`: the founder leads the log, everyone else follows it.
 *
 * @module
 */
import {
  type AppendLog,
  type Clock,
  errorCode,
  errorMessage,
  type Logger,
  type Millis,
  refuse,
  type Verdict,
} from '@folkmoot/base'
import { createSoloFollower, createSoloLog, type Follower, type SoloLog } from '@folkmoot/consensus'
import type { Checker, FederationId, PeerId, Signer } from '@folkmoot/identity'
import { createLedger, type Operation, openOperation, sealOperation } from '@folkmoot/ledger'
import type { Intent, SharedLedger } from './shared-ledger.ts'

export interface OpenLedgerInit {
  readonly fed: FederationId
  readonly founder: PeerId
  readonly charterBytes: Uint8Array
  readonly signer: Signer
  readonly checker: Checker
  readonly clock: Clock
  readonly log: AppendLog
  readonly logger: Logger
  /** Hands an operation to the founder; used by followers. */
  readonly forward: (operation: Uint8Array) => Promise<Verdict<{ height: number }>>
  readonly behind: () => boolean
}

export interface OpenedLedger extends SharedLedger {
  /** Present where this peer follows. */
  readonly follower: Follower | null
  /** Resolves when what is being made final is durable; nothing is taken afterwards. */
  close(): Promise<void>
}

/** @throws FederationError `consensus/corrupt-log`, `ledger/charter` */
export async function openLedger(init: OpenLedgerInit): Promise<OpenedLedger> {
  const state = createLedger({ charterBytes: init.charterBytes, checker: init.checker })
  const common = {
    instance: init.fed,
    checker: init.checker,
    application: state,
    log: init.log,
    logger: init.logger,
  }
  const leads = init.signer.peer === init.founder
  const lead: SoloLog | null = leads
    ? await createSoloLog({ ...common, signer: init.signer, clock: init.clock })
    : null
  const follower: Follower | null = leads
    ? null
    : await createSoloFollower({ ...common, founder: init.founder, checkOperations: true })
  const log = lead ?? follower!
  let finalAt: Millis | null = log.status().time || null
  log.onFinal((entry) => {
    finalAt = entry.time
  })

  const admit = async (bytes: Uint8Array): Promise<Verdict<{ height: number }>> => {
    if (lead === null)
      return refuse('federation/not-leader', 'this peer cannot make operations final')
    const opened = await openOperation(init.checker, bytes, { fed: init.fed })
    if (!opened.ok) return opened
    try {
      const receipt = await lead.submit(bytes, { id: opened.id })
      return receipt.outcome.ok ? { ok: true, height: receipt.height } : receipt.outcome
    } catch (error) {
      return refuse(errorCode(error, 'federation/submit'), errorMessage(error))
    }
  }

  let lastSequence = 0
  const submit = async (intent: Intent): Promise<Verdict<{ height: number }>> => {
    // Several may be on their way at once; the ledger wants each sequence higher than the one before.
    lastSequence = Math.max(lastSequence, state.state().sequence(init.signer.peer)) + 1
    const operation = { v: 1, fed: init.fed, sequence: lastSequence, ...intent } as Operation
    const sealed = await sealOperation(init.signer, operation)
    return lead === null ? init.forward(sealed.bytes) : admit(sealed.bytes)
  }

  return {
    state,
    follower,
    status: () => log.status(),
    voters: () => [init.founder],
    finalAt: () => finalAt,
    entryAt: (height) => log.entryAt(height),
    entries: (from, max) => log.entries(from, max),
    onFinal: (listener) => log.onFinal(listener),
    submit,
    admit,
    behind: init.behind,
    close: async () => {
      await lead?.close()
    },
  }
}
