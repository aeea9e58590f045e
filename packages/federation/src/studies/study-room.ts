/**
 * One study as one peer sees it: the signed results it holds, what they amount to, what the ledger
 * has made final, and the answer so far. Results survive a restart; judging them never depends on
 * the order in which they came.
 *
 * @module
 */
import {
  errorMessage,
  type KeyValueStore,
  type Logger,
  refuse,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import { decode, toHex } from '@folkmoot/codec'
import type { Checker, PeerId } from '@folkmoot/identity'
import type { Run, Sandbox } from '@folkmoot/sandbox'
import {
  type Batch,
  batchRoot,
  createResultSet,
  encodeStudyRecord,
  type Manifest,
  type OpenedManifest,
  type OpenedResult,
  openBatch,
  openStudyRecord,
  type ResultSet,
  reduceInput,
  type StudyId,
} from '@folkmoot/studies'
import { type Acceptance, accept, type FinalUnit, settleFinal } from '@folkmoot/validation'
import { batchKey } from './record-batches.ts'

/** What `reduce` made of the outputs at hand. */
export interface Answer {
  readonly estimate: number
  readonly low: number
  readonly high: number
  /** Units it rests on. */
  readonly done: number
  /** True when every one of these units is accepted. */
  readonly confirmed: boolean
  readonly facts: Readonly<Record<string, number>>
}

export interface StudyRoomInit {
  readonly opened: OpenedManifest
  readonly checker: Checker
  readonly store: KeyValueStore
  readonly sandbox: Sandbox | null
  readonly timers: Timers
  readonly logger: Logger
  readonly rootOf: (peer: PeerId) => string | undefined
  /** Roots of the batches that the ledger has made final. */
  readonly finalRoots: () => readonly Uint8Array[]
  readonly reduceCode: () => Promise<Uint8Array>
  /** Whether the owner lets this study's code run here now. */
  readonly mayRun: () => boolean
  /** Share of one core that reducing may take, 0 to 1. */
  readonly share: () => number
}

export interface TakeOptions {
  /** Kept here, over a restart too, and given to nobody until {@link StudyRoom.told}. */
  readonly untold?: boolean
  /** Called once everything was checked and before a new result is kept; where it fails, it is not. */
  readonly log?: (result: OpenedResult) => Promise<void>
}

export interface StudyRoom {
  readonly study: StudyId
  readonly manifest: Manifest
  readonly manifestBytes: Uint8Array
  readonly results: ResultSet
  acceptance(): Acceptance
  answer(): Answer | null
  /** Checks and keeps a record; `fresh` when it was not here before. */
  take(
    record: Uint8Array,
    how?: TakeOptions,
  ): Promise<Verdict<{ fresh: boolean; result: OpenedResult }>>
  /** Ids of the results kept here that nobody may be given yet. */
  untold(): string[]
  /** This result may be given to others from now on. */
  told(id: string): Promise<void>
  /** The records for these ids that may be given, at most `maxBytes` of them. */
  records(
    ids: Iterable<string>,
    maxBytes: number,
    also?: { readonly untold: boolean },
  ): Uint8Array[]
  /** The output behind a content id, from the results at hand. */
  output(unit: number, id: string): Uint8Array | undefined
  /** Judge again: the members or the final units have changed. */
  touch(): void
  /** `mayRun` may answer otherwise from now on: reducing ends at once, or is planned again. */
  permitChanged(): void
  /** Takes a batch that the ledger has made final: its units and results stay as recorded. */
  settle(batch: Batch): void
  /** Whether the batch with this root was taken. */
  settled(root: Uint8Array): boolean
  onChange(listener: () => void): () => void
  close(): void
}

/** Judging takes milliseconds at 1,000 units and a second at 100,000, so arrivals share a judgement. */
const settleMs = 60
/** Reducing runs the study's own code; this often at the most while results stream in. */
const reduceMs = 400

/** Opens the room and reads back what the store holds. */
export async function openStudyRoom(init: StudyRoomInit): Promise<StudyRoom> {
  const { manifest, study } = init.opened
  const results = createResultSet(manifest, study)
  const prefix = `result/${study}/`
  const listeners = new Set<() => void>()
  let closed = false
  let judged: Acceptance | null = null
  let answer: Answer | null = null
  let reducedOf = ''
  let reducing = false
  let again = false
  let run: Run | null = null
  let cancelTell: (() => void) | null = null
  let cancelReduce: (() => void) | null = null

  const recorded = new Map<number, FinalUnit>()
  const roots = new Set<string>()
  const settle = (batch: Batch) => {
    roots.add(toHex(batchRoot(batch)))
    for (const { unit, output, results: ids } of batch.units) {
      recorded.set(unit, { output, results: ids })
      results.pin(ids)
    }
  }
  // Before any result is read: a recorded one must not give way to another of its signer.
  for (const root of init.finalRoots()) {
    const bytes = await init.store.get(batchKey(study, root))
    const opened = bytes === undefined ? undefined : openBatch(bytes, root)
    if (opened?.ok === true) settle(opened.batch)
  }
  const untoldPrefix = `untold/${study}/`
  const kept = await init.store.list({ prefix: untoldPrefix })
  const untold = new Set(Array.from(kept, ([key]) => key.slice(untoldPrefix.length)))
  const gone = new Set<string>()
  for (const [key, bytes] of await init.store.list({ prefix })) {
    const record = await openStudyRecord(init.checker, { study, manifest }, bytes)
    if (!record.ok) {
      init.logger.log('warn', 'a stored result does not verify', { key, code: record.fault.code })
      continue
    }
    for (const id of results.add(record.opened).dropped) gone.add(id)
    if (results.get(record.opened.id) === undefined) gone.add(record.opened.id)
  }
  const deleted = (ids: Iterable<string>) =>
    Array.from(ids, (id) => ({ type: 'delete' as const, key: prefix + id }))
  if (gone.size > 0) await init.store.write(deleted(gone))
  /** How many results of one author on one unit have given way to another of its own. */
  const displaced = new Map<string, number>()

  /** Why a result that nobody recorded has no place here. */
  const crowded = ({ id, peer, unit, output }: OpenedResult): Verdict => {
    if (recorded.get(unit)?.results.includes(id) === true) return { ok: true }
    const held = results.ofUnit(unit)
    const own = held.filter((other) => other.peer === peer)
    if (own.length > 0) {
      const displaces = own.length > 1 || own[0]!.output === output
      return displaces && (displaced.get(`${unit} ${peer}`) ?? 0) >= maxDisplaced
        ? refuse('federation/unit-full', 'its author keeps signing results for this unit')
        : { ok: true }
    }
    // Where peers are voices there are no more of them than members, so each first result has room.
    if (manifest.validation.distinct === 'peer') return { ok: true }
    const root = init.rootOf(peer)
    const others = new Set(
      held.filter((other) => init.rootOf(other.peer) === root).map((other) => other.peer),
    )
    return others.size < maxPeersPerRoot
      ? { ok: true }
      : refuse('federation/unit-full', 'this unit has enough results of one trust root')
  }

  const acceptance = (): Acceptance => {
    judged ??= settleFinal(
      accept(manifest.validation, manifest.units, init.rootOf, results.votes()),
      recorded,
    )
    return judged
  }

  const reduce = async (): Promise<void> => {
    if (init.sandbox === null || closed || !init.mayRun()) return
    if (reducing) {
      again = true
      return
    }
    const rows: { unit: number; output: Uint8Array }[] = []
    let confirmed = true
    const names: string[] = []
    for (const [unit, state] of acceptance().units.entries()) {
      if (state.output === undefined) continue
      const output = room.output(unit, state.output)
      if (output === undefined) continue
      rows.push({ unit, output })
      names.push(`${unit} ${state.output}`)
      if (state.state !== 'accepted') confirmed = false
    }
    const of = `${confirmed} ${names.join()}`
    if (rows.length === 0 || of === reducedOf) return
    reducing = true
    try {
      const code = await init.reduceCode()
      if (closed || !init.mayRun()) return
      run = init.sandbox.run({
        code,
        input: reduceInput(manifest, study, rows),
        limits: manifest.limits,
        share: init.share(),
      })
      const outcome = await run.done
      if (!outcome.ok) {
        if (outcome.reason === 'cancelled') return
        init.logger.log('warn', 'reduce gave no answer', {
          reason: outcome.reason,
          detail: outcome.detail,
        })
        return
      }
      const parsed = readAnswer(outcome.output)
      reducedOf = of
      if (parsed !== null) answer = { ...parsed, done: rows.length, confirmed }
      tell()
    } catch (error) {
      init.logger.log('warn', 'reduce could not run', { reason: errorMessage(error) })
    } finally {
      run = null
      reducing = false
      if (again) planReduce()
      again = false
    }
  }
  const planReduce = () => {
    if (closed) return
    cancelReduce ??= init.timers.after(reduceMs, () => {
      cancelReduce = null
      void reduce()
    })
  }
  const tell = () => {
    for (const listener of listeners) listener()
  }
  const changed = () => {
    judged = null
    if (closed) return
    cancelTell ??= init.timers.after(settleMs + manifest.units / 100, () => {
      cancelTell = null
      tell()
      planReduce()
    })
  }

  /** Results that are kept as soon as the log has them. */
  const logging = new Set<string>()

  const takeNew = async (
    record: Uint8Array,
    how: TakeOptions = {},
  ): Promise<Verdict<{ fresh: boolean; result: OpenedResult }>> => {
    const opened = await openStudyRecord(init.checker, { study, manifest }, record)
    if (!opened.ok) return opened
    const result = opened.opened
    if (results.get(result.id) !== undefined) return { ok: true, fresh: false, result }
    if (init.rootOf(result.peer) === undefined) {
      return refuse('federation/unknown-member', 'its author is not a known member')
    }
    const room = crowded(result)
    if (!room.ok) return room
    if (how.log !== undefined) {
      // Two neighbours may give the same result at once: it is logged for the first of them.
      if (logging.has(result.id)) return { ok: true, fresh: false, result }
      logging.add(result.id)
      await how.log(result).finally(() => logging.delete(result.id))
      // Gossip may have brought it meanwhile.
      if (results.get(result.id) !== undefined) return { ok: true, fresh: false, result }
    }
    const isUntold = how.untold === true
    if (isUntold) untold.add(result.id)
    const { dropped } = results.add(result)
    if (results.get(result.id) === undefined) return { ok: true, fresh: false, result }
    if (dropped.length > 0) {
      const of = `${result.unit} ${result.peer}`
      displaced.set(of, (displaced.get(of) ?? 0) + dropped.length)
    }
    // Durable before anybody is told that it is held here.
    await init.store.write([
      { type: 'put', key: prefix + result.id, value: encodeStudyRecord(result) },
      ...(isUntold
        ? [{ type: 'put' as const, key: untoldPrefix + result.id, value: new Uint8Array() }]
        : []),
      ...deleted(dropped),
    ])
    changed()
    return { ok: true, fresh: true, result }
  }

  const room: StudyRoom = {
    study,
    manifest,
    manifestBytes: init.opened.bytes,
    results,
    acceptance,
    answer: () => answer,
    take: takeNew,
    untold: () => [...untold].filter((id) => results.get(id) !== undefined),
    told: async (id) => {
      if (!untold.delete(id)) return
      await init.store.write([{ type: 'delete', key: untoldPrefix + id }])
    },
    records: (ids, maxBytes, also) => {
      const records: Uint8Array[] = []
      let size = 0
      for (const id of ids) {
        const result = results.get(id)
        if (result === undefined || (untold.has(id) && also?.untold !== true)) continue
        const record = encodeStudyRecord(result)
        size += record.length
        if (size > maxBytes) break
        records.push(record)
      }
      return records
    },
    output: (unit, id) => results.ofUnit(unit).find((result) => result.output === id)?.outputBytes,
    touch: changed,
    permitChanged: () => {
      if (init.mayRun()) planReduce()
      else run?.cancel()
    },
    settle: (batch) => {
      settle(batch)
      changed()
    },
    settled: (root) => roots.has(toHex(root)),
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => {
      closed = true
      run?.cancel()
      cancelTell?.()
      cancelReduce?.()
    },
  }
  planReduce()
  return room
}

/** One trust root is one voice however many keys it has; a few of them show that they agree. */
const maxPeersPerRoot = 4
/**
 * The lowest of several equal results stays, so that all peers keep the same one. An honest worker
 * signs twice at the most, after a restart; beyond this a peer keeps the one that it has.
 */
const maxDisplaced = 16

/** Reads what `reduce` returned; null where it is not an answer. */
export function readAnswer(bytes: Uint8Array): Omit<Answer, 'done' | 'confirmed'> | null {
  const decoded = decode(bytes, { maxBytes: 64 * 1024, maxDepth: 2, maxItems: 200 })
  if (!decoded.ok || typeof decoded.value !== 'object' || decoded.value === null) return null
  const facts: Record<string, number> = {}
  for (const [name, value] of Object.entries(decoded.value)) {
    if (typeof value === 'number') facts[name] = value
  }
  const { estimate, low, high, ...rest } = facts
  return estimate === undefined || low === undefined || high === undefined
    ? null
    : { estimate, low, high, facts: rest }
}
