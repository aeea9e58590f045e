/**
 * Everything a peer does about studies: a room per open study, results in and out, leases asked and
 * given, and its own work on the studies that its owner agreed to.
 *
 * @module
 */
import type { AuditLog } from '@folkmoot/audit'
import {
  type BlockStore,
  type Clock,
  FederationError,
  type KeyValueStore,
  type Logger,
  type Metrics,
  type Millis,
  type Randomness,
  refuse,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import type { Checker, FederationId, PeerId, Signer } from '@folkmoot/identity'
import type { Sandbox } from '@folkmoot/sandbox'
import {
  currentDispatcher,
  openManifest,
  type RecordedBatch,
  type StudyId,
  sealStudyRecord,
  unitInput,
} from '@folkmoot/studies'
import type { BlockExchange } from '@folkmoot/transport'
import type { Exchange } from '../exchange/exchange.ts'
import { studyLease } from '../services.ts'
import { type Contribution, createContribution } from './contribution.ts'
import { type Dispatch, startDispatch } from './dispatch.ts'
import { createBatchFetching } from './fetch-batches.ts'
import { tellResult } from './logged-results.ts'
import { consentedShare, consentKey, type Permit, restorePermits } from './permits.ts'
import { recordBatches } from './record-batches.ts'
import { serveStudies } from './serve-studies.ts'
import { openStudyRoom, type StudyRoom } from './study-room.ts'
import { createSyncTurns } from './sync-turns.ts'

/** What the ledger says about one study. */
export interface LedgerStudy {
  readonly study: StudyId
  readonly manifest: Uint8Array
  readonly opener: PeerId
  readonly expires: Millis
  readonly open: boolean
  readonly finalUnits: ReadonlySet<number>
  /** Roots of the batches, oldest first. */
  readonly batches: readonly Uint8Array[]
}

export interface StudyServiceInit {
  readonly fed: FederationId
  readonly signer: Signer
  readonly checker: Checker
  readonly clock: Clock
  readonly timers: Timers
  readonly randomness: Randomness
  readonly store: KeyValueStore
  readonly blocks: BlockStore
  readonly exchange: Exchange
  readonly audit: Pick<AuditLog, 'intent' | 'outcome'>
  readonly blockExchange: BlockExchange
  readonly sandbox: Sandbox | null
  readonly logger: Logger
  readonly metrics: Metrics
  readonly topic: string
  readonly rootOf: (peer: PeerId) => string | undefined
  readonly studies: () => readonly LedgerStudy[]
  /** Height of the ledger. */
  readonly height: () => number
  /** Peers that can be asked now, the relay among them. */
  readonly present: () => readonly PeerId[]
  /** Who leases while it is heard, and when that was. */
  readonly home: () => { peer: PeerId; heardAt: Millis }
  /** Whether it is this peer's turn to record: one of those who decide does. */
  readonly records: () => boolean
  /** Makes a batch final. */
  readonly submitBatch: (batch: RecordedBatch) => Promise<Verdict>
  readonly syncMs: Millis
}

export interface StudyService {
  room(study: StudyId): StudyRoom | undefined
  rooms(): readonly StudyRoom[]
  dispatch(study: StudyId): Dispatch | undefined
  /**
   * The owner lets this study's code run here. Whoever opened a study has said so by opening it, and
   * a stored consent says so after a restart.
   */
  permit(study: StudyId, permit: Permit): void
  /** The owner takes that back: what runs of the study ends, and its consent is forgotten. */
  forbid(study: StudyId): Promise<void>
  /**
   * Starts or returns this peer's work on a study.
   *
   * @throws FederationError `federation/no-study`, `federation/no-consent`
   */
  contribute(study: StudyId, share: number): Contribution
  contribution(study: StudyId): Contribution | undefined
  /** The batch behind a root, from the store or from somebody who has it. */
  batch(study: StudyId, root: Uint8Array): Promise<Uint8Array | undefined>
  /** The ledger has changed. */
  ledgerChanged(): Promise<void>
  /** A peer left: its leases come back. */
  peerGone(peer: PeerId): void
  /** Compare with a neighbour now. */
  syncNow(): Promise<void>
  onChange(listener: () => void): () => void
  stop(): Promise<void>
}

const secretBytes = 32

interface Open {
  readonly room: StudyRoom
  readonly dispatch: Dispatch
  readonly stopRecording: () => void
  contribution: Contribution | null
  /** The ledger closed the study and so ended the work; its owner did not. */
  endedByLedger: boolean
}

export async function startStudyService(init: StudyServiceInit): Promise<StudyService> {
  const { signer, clock, exchange, logger } = init
  const open = new Map<StudyId, Open>()
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of listeners) listener()
  }
  const me = signer.peer
  let stopped = false
  let opening: Promise<void> = Promise.resolve()

  let secret = await init.store.get('studies/secret')
  if (secret === undefined) {
    secret = init.randomness.bytes(secretBytes)
    await init.store.write([{ type: 'put', key: 'studies/secret', value: secret }])
  }

  const permits = await restorePermits({
    store: init.store,
    checker: init.checker,
    logger,
    fed: init.fed,
    me,
  })
  /** Pause and stop hold everything that runs of a study, not its units alone. */
  const mayRun = (study: StudyId): boolean => {
    if (!permits.has(study)) return false
    const there = open.get(study)
    return there?.endedByLedger === true || there?.contribution?.runs() !== false
  }

  const ledgerStudy = (study: StudyId) => init.studies().find((entry) => entry.study === study)

  /** A study takes work until it is closed or the time of its manifest is over. */
  const takesWork = (study: StudyId): boolean => {
    const now = ledgerStudy(study)
    return now?.open === true && clock.now() < now.expires
  }

  const openStudy = async (entry: LedgerStudy): Promise<void> => {
    const opened = await openManifest(init.checker, entry.manifest, { fed: init.fed })
    if (!opened.ok) {
      logger.log('warn', 'a study on the ledger cannot be read', { code: opened.fault.code })
      return
    }
    const room = await openStudyRoom({
      opened,
      checker: init.checker,
      store: init.store,
      sandbox: init.sandbox,
      timers: init.timers,
      logger,
      rootOf: init.rootOf,
      finalRoots: () => ledgerStudy(opened.study)?.batches ?? [],
      reduceCode: () => init.blockExchange.get(opened.manifest.reduce, init.present()),
      mayRun: () => mayRun(opened.study),
      share: () =>
        open.get(opened.study)?.contribution?.share() ?? permits.get(opened.study)?.share ?? 0,
    })
    if (entry.opener === me && !permits.has(room.study)) {
      permits.set(room.study, { share: consentedShare })
    }
    const dispatch = startDispatch({
      room,
      rootOf: init.rootOf,
      secret: secret!,
      clock,
      timers: init.timers,
    })
    const stopRecording = recordBatches({
      room,
      store: init.store,
      timers: init.timers,
      logger,
      finalUnits: () => {
        const now = init.records() ? ledgerStudy(opened.study) : undefined
        return now?.open === true ? now.finalUnits : null
      },
      height: init.height,
      submit: init.submitBatch,
    })
    room.onChange(tell)
    open.set(room.study, {
      room,
      dispatch,
      stopRecording,
      contribution: null,
      endedByLedger: false,
    })
    void batches.settle(room)
    tell()
  }

  const batches = createBatchFetching({
    me,
    exchange,
    store: init.store,
    present: init.present,
    roots: (study) => ledgerStudy(study)?.batches ?? [],
    stopped: () => stopped,
  })

  const ledgerChanged = (): Promise<void> => {
    opening = opening.then(async () => {
      for (const entry of init.studies()) {
        if (stopped) return
        const there = open.get(entry.study)
        if (there === undefined) await openStudy(entry)
        else {
          there.room.touch()
          void batches.settle(there.room)
        }
        if (!entry.open) {
          const closed = open.get(entry.study)
          const { contribution } = closed ?? {}
          if (closed !== undefined && contribution != null) {
            closed.endedByLedger ||= contribution.runs()
            await contribution.stop()
          }
        }
      }
      tell()
    })
    return opening
  }

  /** Whom to ask for work: the relay, or whoever takes over after its silence. */
  const dispatcherOf = (study: StudyId): PeerId => {
    const home = init.home()
    const present = new Set([...init.present(), me])
    return (
      currentDispatcher({
        study,
        home: home.peer,
        present,
        heardAt: home.heardAt,
        now: clock.now(),
      }) ?? me
    )
  }

  const lease = async (
    study: StudyId,
    want: number,
    holding: readonly number[],
  ): Promise<Verdict<{ units: readonly number[]; retryAt: Millis }>> => {
    if (!takesWork(study)) {
      return refuse('federation/study-closed', 'this study takes no more work')
    }
    const to = dispatcherOf(study)
    if (to === me) return open.get(study)!.dispatch.request(me, want, holding)
    const answer = await exchange.call(
      to,
      studyLease,
      { study, want, holding: [...holding] },
      { deadlineMs: 5_000 },
    )
    if (!answer.ok) return answer
    const { units, retryAt } = answer.output
    return { ok: true, units, retryAt }
  }

  const publish = async (study: StudyId, unit: number, output: Uint8Array): Promise<Verdict> => {
    const there = open.get(study)!
    const record = await sealStudyRecord(signer, {
      study,
      unit,
      output,
      seq: there.room.results.nextSeq(me),
      at: clock.now(),
    })
    // Kept here first: were it lost on the way, anti-entropy still has it to give.
    const taken = await there.room.take(record, { untold: true })
    if (!taken.ok) return taken
    there.dispatch.resultSeen(me, unit)
    return tellResult(exchange, init.topic, there.room, taken.result.id)
  }

  const contribute = (study: StudyId, share: number): Contribution => {
    const there = open.get(study)
    if (there === undefined || init.sandbox === null) {
      throw new FederationError('federation/no-study', 'there is no such study to work on here')
    }
    if (!permits.has(study)) {
      throw new FederationError('federation/no-consent', 'the owner has not agreed to this study')
    }
    if (there.contribution !== null) return there.contribution
    const { manifest } = there.room
    const inputs = async () =>
      Promise.all(manifest.inputs.map((id) => init.blockExchange.get(id, init.present())))
    // Both now, while whoever has them is here: a relay that dies takes nothing with it.
    for (const id of [manifest.code, manifest.reduce]) {
      void init.blockExchange.get(id, init.present()).catch(() => {})
    }
    const contribution = createContribution({
      manifest,
      sandbox: init.sandbox,
      share,
      clock,
      timers: init.timers,
      logger,
      code: () => init.blockExchange.get(manifest.code, init.present()),
      input: async (unit) => unitInput(manifest, study, unit, await inputs()),
      lease: (want, holding) => lease(study, want, holding),
      publish: (unit, output) => publish(study, unit, output),
      onChange: there.room.onChange,
      complete: () => there.room.acceptance().complete,
      settled: (unit) =>
        there.room.acceptance().units[unit]?.state === 'accepted' ||
        there.room.results.ofUnit(unit).some((result) => result.peer === me),
    })
    there.contribution = contribution
    let ran = true
    contribution.subscribe(() => {
      const runs = mayRun(study)
      if (runs !== ran) there.room.permitChanged()
      ran = runs
      tell()
    })
    return contribution
  }

  const unhear = serveStudies({
    exchange,
    audit: init.audit,
    store: init.store,
    topic: init.topic,
    open: (study) => open.get(study),
    takesWork,
  })
  const rooms = () => [...open.values()].map((entry) => entry.room)
  const syncNow = createSyncTurns({
    me,
    exchange,
    audit: init.audit,
    logger,
    topic: init.topic,
    present: init.present,
    home: () => init.home().peer,
    rooms,
  })
  const cancelSync = init.timers.every(init.syncMs, () => void syncNow())

  await ledgerChanged()
  return {
    room: (study) => open.get(study)?.room,
    rooms,
    dispatch: (study) => open.get(study)?.dispatch,
    permit: (study, permit) => {
      permits.set(study, permit)
      open.get(study)?.room.permitChanged()
    },
    forbid: async (study) => {
      permits.delete(study)
      const there = open.get(study)
      const contribution = there?.contribution
      if (there !== undefined) there.contribution = null
      there?.room.permitChanged()
      await init.store.write([{ type: 'delete', key: consentKey(study) }])
      await contribution?.stop()
    },
    contribute,
    contribution: (study) => open.get(study)?.contribution ?? undefined,
    batch: batches.fetch,
    ledgerChanged,
    peerGone: (peer) => {
      for (const { dispatch } of open.values()) dispatch.returned(peer)
    },
    syncNow,
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: async () => {
      stopped = true
      cancelSync()
      unhear()
      await Promise.all([...open.values()].map((entry) => entry.contribution?.stop()))
      for (const entry of open.values()) {
        entry.stopRecording()
        entry.dispatch.stop()
        entry.room.close()
      }
    },
  }
}
