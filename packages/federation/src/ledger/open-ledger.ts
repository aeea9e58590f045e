/**
 * Opens this peer's side of the shared log, and changes its engine when the epochs say so: the
 * founder alone begins or has begun, voters take over, everyone else follows them.
 *
 * @module
 */
import {
  type AppendLog,
  type Clock,
  errorCode,
  errorMessage,
  FederationError,
  type Logger,
  type Millis,
  refuse,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import { type Chain, type CharterFacts, charterFacts, type FinalEntry } from '@folkmoot/consensus'
import type { Charter, Checker, FederationId, Signer } from '@folkmoot/identity'
import {
  createLedger,
  type Ledger,
  type Operation,
  openOperation,
  sealOperation,
} from '@folkmoot/ledger'
import { type Engine, followOn, openFollowing } from './engine.ts'
import type { Intent, SharedLedger } from './shared-ledger.ts'

export interface OpenLedgerInit {
  readonly fed: FederationId
  readonly charter: Charter
  readonly charterBytes: Uint8Array
  readonly signer: Signer
  readonly checker: Checker
  readonly clock: Clock
  readonly timers: Timers
  readonly log: AppendLog
  /** Voters of a later epoch that the invitation names. */
  readonly anchor: CharterFacts['anchor']
  readonly logger: Logger
  /** Hands an operation to those who decide. */
  readonly forward: (operation: Uint8Array) => Promise<Verdict<{ height: number }>>
  readonly behind: () => boolean
  /** Goes on with a chain as one of the voters, or as one who will be. */
  readonly vote: (chain: Chain, facts: CharterFacts, state: Ledger) => Promise<Engine>
  /** Whether this peer was in a Raft group, which may need it for letting it go. */
  readonly wasInGroup: () => Promise<boolean>
}

export interface OpenedLedger extends SharedLedger {
  /** Height of the newest entry here. */
  readonly height: number
  /** Whether entries have to be fetched; voters hear of them from each other. */
  follows(): boolean
  /** Takes an entry that others decided, or proof that two histories were. */
  accept(entry: Uint8Array): Promise<Verdict<{ height: number }>>
  /** Resolves when what is being made final is durable; nothing is taken afterwards. */
  close(): Promise<void>
}

/** Signed anew where another of this peer's own operations overtook one on its way. */
const maxSequenceTries = 4
/** Between two tries to vote where one has failed; each costs a look at the database. */
const retryMs: Millis = 5_000

/** @throws FederationError `consensus/corrupt-log`, `ledger/charter`, `federation/charter` */
export async function openLedger(init: OpenLedgerInit): Promise<OpenedLedger> {
  const { charter, fed, signer, logger } = init
  const me = signer.peer
  const state = createLedger({ charterBytes: init.charterBytes, checker: init.checker })
  const known = charterFacts(charter, fed)
  if (!known.ok) throw new FederationError('federation/charter', known.fault.message)
  const { anchor } = init
  const facts: CharterFacts = { ...known.facts, ...(anchor && { anchor }) }
  const common = { checker: init.checker, application: state, log: init.log, logger }

  const alone =
    charter.engine === 'solo' && me === charter.founder
      ? await (await import('./alone-engine.ts')).openAlone({
          ...common,
          instance: fed,
          signer,
          clock: init.clock,
          crossOrg: charter.crossOrg,
        })
      : undefined
  let engine: Engine = alone ?? (await openFollowing({ ...common, facts, checkOperations: true }))
  const listeners = new Set<(entry: FinalEntry) => void>()
  let finalAt: Millis | null = engine.log.status().time || null
  const tell = (entry: FinalEntry) => {
    finalAt = entry.time
    for (const listener of [...listeners]) {
      try {
        listener(entry)
      } catch (error) {
        logger.log('error', 'a listener failed', { message: errorMessage(error) })
      }
    }
    void settle()
  }
  let unhear = engine.log.onFinal(tell)
  let closed = false
  let cancelRetry: (() => void) | undefined

  const voterSet = () => {
    const { epoch } = engine.log.status()
    return epoch === 0 ? null : (engine.log.anchor.sets?.setOf(epoch) ?? null)
  }
  const voters = () => voterSet()?.voters.map(({ peer }) => peer) ?? [charter.founder]
  /** A voter's engine also serves those who will vote: they must be in step before they may. */
  const mayVote = () => {
    const { voting } = state.state()
    const next = voting.nextVoters?.voters.some(({ peer }) => peer === me) === true
    const role = voting.roles.get(me)?.state
    return voters().includes(me) || next || role === 'seated' || role === 'standby'
  }
  const mayBeNeeded = async () => voterSet()?.engine === 'raft' && (await init.wasInGroup())

  /** One change at a time; whoever submits meanwhile waits for the engine that follows. */
  let settling: Promise<void> = Promise.resolve()
  const settle = (): Promise<void> => {
    settling = settling.then(change).catch((error: unknown) => {
      logger.log('error', 'the engine could not be changed', { reason: errorMessage(error) })
    })
    return settling
  }
  const change = async (): Promise<void> => {
    if (closed) return
    // The founder's last entry, once the state has decided who takes over.
    if (engine === alone) await alone?.handOver()
    if (engine.mode === 'voting' || engine.log.status().epoch === 0) return
    const votes = mayVote() || (await mayBeNeeded())
    if (engine.mode === 'following' && !votes) return
    const chain = await engine.release()
    let next: Engine
    try {
      next = votes ? await init.vote(chain, facts, state) : followOn(chain)
    } catch (error) {
      const code = errorCode(error, 'federation/failed')
      logger.log('error', 'this peer cannot vote', { code, reason: errorMessage(error) })
      next = followOn(chain)
      // No entry may come without this peer's vote: nothing else would have it try again.
      cancelRetry?.()
      if (!closed) cancelRetry = init.timers.after(retryMs, () => void settle())
    }
    unhear()
    engine = next
    unhear = engine.log.onFinal(tell)
  }
  await settle()

  const isAnchored = () => engine.log.status().epoch >= (anchor?.epoch ?? 0)

  const decides = () =>
    engine.mode === 'alone' || (engine.mode === 'voting' && voters().includes(me))

  const admit = async (bytes: Uint8Array): Promise<Verdict<{ height: number }>> => {
    await settling
    if (!decides()) {
      return refuse('federation/not-leader', 'this peer cannot make operations final')
    }
    const opened = await openOperation(init.checker, bytes, { fed })
    if (!opened.ok) return opened
    try {
      const receipt = await engine.submit(bytes, opened.id)
      return receipt.outcome.ok ? { ok: true, height: receipt.height } : receipt.outcome
    } catch (error) {
      return refuse(errorCode(error, 'federation/submit'), errorMessage(error))
    }
  }

  let lastSequence = 0
  const submit = async (intent: Intent): Promise<Verdict<{ height: number }>> => {
    for (let tries = 1; ; tries++) {
      // Several may be on their way at once; the ledger wants each sequence higher than the one before.
      lastSequence = Math.max(lastSequence, state.state().sequence(me)) + 1
      const operation = { v: 1, fed, sequence: lastSequence, ...intent } as Operation
      const { bytes } = await sealOperation(signer, operation)
      const verdict = decides() ? await admit(bytes) : await init.forward(bytes)
      const overtaken = !verdict.ok && verdict.fault.code === 'ledger/sequence'
      if (!overtaken || tries === maxSequenceTries) return verdict
    }
  }

  return {
    state,
    get height() {
      return engine.log.status().height
    },
    follows: () => engine.mode === 'following',
    accept: async (entry) => {
      await settling
      return engine.accept(entry)
    },
    status: () => engine.log.status(),
    voters,
    voterSet,
    decides,
    anchor: () => engine.log.anchor,
    epochLinks: () => engine.log.epochLinks(),
    evidence: () => engine.log.evidence,
    proveHistory: (height, under) => engine.log.proveHistory(height, under),
    finalAt: () => finalAt,
    entryAt: (height) => engine.log.entryAt(height),
    entries: (from, max) => engine.log.entries(from, max),
    onFinal: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    submit,
    admit,
    behind: () => !isAnchored() || init.behind(),
    isAnchored,
    close: async () => {
      closed = true
      cancelRetry?.()
      await settling
      await engine.close()
    },
  }
}
