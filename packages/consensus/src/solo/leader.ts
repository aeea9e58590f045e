/**
 * Engine `solo`, leading side: the founder's own signed log. What is submitted while an entry is
 * being written goes into the next one together: one signature and one append for all of them.
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
  type Verdict,
} from '@folkmoot/base'
import { equalBytes } from '@folkmoot/codec'
import type { Checker, FederationId, Signer } from '@folkmoot/identity'
import type { EpochLink } from '../bft/epoch-chain.ts'
import { checkVoterSet, parseVoterSet } from '../bft/voter-set.ts'
import { Chain } from '../chain/chain.ts'
import { chainStatus } from '../chain/follower.ts'
import type { ConsensusCode } from '../codes.ts'
import type { FinalityAnchor, FinalityProof } from '../finality.ts'
import { encodeHeader } from '../header.ts'
import type { HistoryProof } from '../history.ts'
import { MAX_ENTRY_OPERATIONS, MAX_PAYLOAD_BYTES } from '../limits.ts'
import type {
  Application,
  FinalEntry,
  Height,
  MemberChange,
  Receipt,
  ReplicatedLog,
  SubmitOptions,
} from '../replicated-log.ts'
import { createSerial } from '../serial.ts'
import {
  assertAdmissible,
  assertNotHalted,
  assertSubmittable,
  DEFAULT_MAX_WAITING,
  DEFAULT_MAX_WAITING_BYTES,
  engineClosed,
  idConflict,
  recordedReceipt,
  type Submitter,
  tooLate,
  tooManyWait,
} from '../submission.ts'

export interface SoloLogInit {
  readonly instance: FederationId
  /** The founder's signer. */
  readonly signer: Signer
  readonly checker: Checker
  /** In its initial state: the stored log is replayed into it. */
  readonly application: Application
  readonly log: AppendLog
  readonly clock: Clock
  /** Whether voters that take over are held to the cap of organisations. Default false. */
  readonly crossOrg?: boolean
  readonly logger?: Logger
  /** Operations that may wait at once. Default 10,000. */
  readonly maxWaiting?: number
  /** Bytes of operations that may wait at once. Default 16 MiB. */
  readonly maxWaitingBytes?: number
}

export interface SoloLog extends ReplicatedLog {
  readonly kind: 'solo'
  /** Stored entries from a height on, as bytes to pass on. */
  entries(from: Height, max: number): Promise<Uint8Array[]>
  entryAt(height: Height): Promise<FinalEntry | undefined>
  /** By default under the newest entry. */
  proveHistory(height: Height, under?: Height): Promise<HistoryProof>
  /** Whose proofs count, as far as this log has come. */
  readonly anchor: FinalityAnchor
  /** The entry that handed over, once there is one. */
  epochLinks(): readonly EpochLink[]
  /**
   * Takes back own entries that a follower still has, after a restore from an older backup. To be
   * done before the first submit, or the two histories fork.
   */
  adopt(entry: Uint8Array): Promise<Verdict<{ height: Height }>>
  /** Waits for the entry in work and takes no more; the append log stays open. */
  close(): Promise<void>
  /** Closes and hands the chain over, to the engine of the voters that follow. */
  release(): Promise<Chain>
}

interface Waiting extends SubmitOptions, Submitter {
  readonly bytes: Uint8Array
}

interface Pending {
  readonly bytes: Uint8Array
  readonly receipt: Promise<Receipt>
}

function failure(code: ConsensusCode, message: string, cause?: unknown) {
  return new FederationError(code, message, cause === undefined ? {} : { cause })
}

/**
 * Opens the founder's log and replays it.
 *
 * @throws FederationError `consensus/corrupt-log`
 */
export async function createSoloLog(init: SoloLogInit): Promise<SoloLog> {
  const { application, checker, clock, instance, log, signer } = init
  const maxWaiting = init.maxWaiting ?? DEFAULT_MAX_WAITING
  const maxWaitingBytes = init.maxWaitingBytes ?? DEFAULT_MAX_WAITING_BYTES
  const crossOrg = init.crossOrg ?? false
  const chain = await Chain.open({
    facts: { instance, founder: signer.peer, crossOrg, firstSet: null },
    checker,
    application,
    log,
    ...(init.logger && { logger: init.logger }),
  })
  const serial = createSerial()
  const pending = new Map<string, Pending>()
  const checks = new Set<Promise<unknown>>()
  let queue: Waiting[] = []
  let waitingBytes = 0
  let pumping = false
  let closed = false

  function assertOpen(): void {
    if (closed) throw engineClosed()
    assertRunning()
  }

  function assertRunning(): void {
    assertNotHalted(chain)
    if (chain.epochs.current > 0) {
      throw failure('consensus/handed-over', 'the founder has handed over to voters')
    }
  }

  function receiptFor(bytes: Uint8Array, options: SubmitOptions): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const enqueuing = assertAdmissible(application, bytes)
        .then(() => {
          assertRunning()
          queue.push({ ...options, bytes, resolve, reject })
        })
        .catch(reject)
      checks.add(enqueuing)
      void enqueuing.then(() => {
        checks.delete(enqueuing)
        if (!pumping && queue.length > 0) void pump()
      })
    })
  }

  async function submit(op: Uint8Array, options: SubmitOptions): Promise<Receipt> {
    assertOpen()
    const { id } = options
    assertSubmittable(id, op)
    const known = pending.get(id)
    if (known) {
      if (!equalBytes(known.bytes, op)) throw idConflict(id)
      return known.receipt
    }
    if (chain.heights.has(id)) {
      const receipt = await recordedReceipt(chain, id, op)
      if (receipt) return receipt
    }
    if (pending.size >= maxWaiting || waitingBytes + op.length > maxWaitingBytes) {
      throw tooManyWait()
    }
    const bytes = op.slice()
    waitingBytes += bytes.length
    const receipt = receiptFor(bytes, options).finally(() => {
      pending.delete(id)
      waitingBytes -= bytes.length
    })
    pending.set(id, { bytes, receipt })
    return receipt
  }

  function takeBatch(): Waiting[] {
    const now = clock.now()
    const batch: Waiting[] = []
    let size = 0
    let taken = 0
    for (const waiting of queue) {
      const late = waiting.deadlineMs !== undefined && waiting.deadlineMs < now
      if (
        !late &&
        (batch.length === MAX_ENTRY_OPERATIONS || size + waiting.bytes.length > MAX_PAYLOAD_BYTES)
      ) {
        break
      }
      taken += 1
      if (late) {
        waiting.reject(tooLate())
        continue
      }
      batch.push(waiting)
      size += waiting.bytes.length
    }
    queue = queue.slice(taken)
    return batch
  }

  async function pump(): Promise<void> {
    pumping = true
    while (queue.length > 0) {
      // Whoever submitted at the same time is still being checked: wait once and take them along.
      await Promise.allSettled([...checks])
      const batch = takeBatch()
      if (batch.length === 0) continue
      try {
        const entry = await serial(() => propose(batch))
        for (const [i, { id, resolve }] of batch.entries()) {
          resolve({ id, height: entry.height, outcome: entry.ops[i]!.outcome, proof: entry.proof })
        }
      } catch (error) {
        for (const { reject } of [...batch, ...queue]) reject(error)
        queue = []
      }
    }
    pumping = false
  }

  async function propose(
    batch: readonly { readonly id: string; readonly bytes: Uint8Array }[],
    nextSet?: Uint8Array,
  ): Promise<FinalEntry> {
    assertRunning()
    try {
      const mark = application.mark()
      const { header, ops } = await chain.execute(batch, clock.now(), nextSet)
      const bytes = encodeHeader(header)
      const proof: FinalityProof = {
        kind: 'solo',
        header: bytes,
        signature: await signer.sign('entry', bytes),
      }
      const [entry] = await chain.commit({ header, proof, ops, mark })
      return entry!
    } catch (error) {
      // The application is ahead of the log now, so nothing more may be signed from this state.
      chain.halt({
        code: errorCode(error, 'consensus/storage-failed'),
        message: errorMessage(error),
      })
      throw error
    }
  }

  /** The last entry of the founder: from then on the voters that the state names decide. */
  async function handOver(change: MemberChange): Promise<Receipt> {
    assertRunning()
    if (change.kind !== 'engine') {
      throw failure('consensus/unsupported', 'a founder alone has no voters to change')
    }
    const decided = application.nextSet()
    const parsed = parseVoterSet(change.set)
    const set = parsed.ok ? parsed.set : undefined
    const fit = set && checkVoterSet(set, { crossOrg })
    if (!set || !fit?.ok || set.epoch !== 1 || set.engine !== change.engine) {
      throw failure('consensus/voter-set', 'these voters can not take over')
    }
    if (!decided || !equalBytes(decided, change.set)) {
      throw failure('consensus/voter-set', 'the state has not decided on these voters')
    }
    const { height, proof } = await propose([], change.set)
    return { id: 'epoch-1', height, outcome: { ok: true }, proof }
  }

  return {
    kind: 'solo',
    submit,
    onFinal: (listener) => chain.onFinal(listener),
    readBarrier: async () => {
      assertOpen()
      return chain.tip.height
    },
    reconfigure: (change) => serial(() => handOver(change)),
    status: () => ({ ...chainStatus(chain, 'leader', pending.size), kind: 'solo' }),
    get anchor() {
      return chain.epochs.anchor
    },
    epochLinks: () => [...chain.epochs.links],
    snapshot: () => serial(async () => chain.snapshot()),
    install: (snapshot) => serial(() => chain.install(snapshot)),
    entries: (from, max) => chain.entries(from, max),
    entryAt: (height) => chain.entryAt(height),
    proveHistory: (height, under) => chain.proveHistory(height, under),
    adopt: (entry) => serial(() => chain.accept(entry)),
    close,
    release: async () => {
      await close()
      return chain
    },
  }

  async function close(): Promise<void> {
    closed = true
    await Promise.allSettled([...pending.values()].map(({ receipt }) => receipt))
    await serial(async () => {})
  }
}
