/**
 * Calls and records between peers: every message goes out and comes in through the pipeline, on a
 * session whose key was proven or on a topic whose messages carry their own proof.
 *
 * @module
 */
import {
  errorCode,
  errorMessage,
  type Logger,
  type Metrics,
  type Millis,
  type Randomness,
  refuse,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import type { CallOutcome } from '@folkmoot/calls'
import { decode, encode, toHex } from '@folkmoot/codec'
import {
  type Envelope,
  isStaticFault,
  type PeerId,
  type Signer,
  sealEnvelope,
} from '@folkmoot/identity'
import {
  type CallSession,
  type Link,
  openSessions,
  type Sessions,
  type Transport,
} from '@folkmoot/transport'
import type { AnyCapability, CallContext, Capability, Exposed } from '../capability.ts'
import { type Action, createPipeline, type Heard, type Pipeline } from '../pipeline.ts'
import { createStages, maxCallMs, maxRecordMs, type StagesInit } from '../stages.ts'
import { createAuthorLimits } from './author-limits.ts'
import {
  type CalleeDriver,
  type CallerDriver,
  driveCallee,
  driveCaller,
  type SentKind,
} from './drive-call.ts'
import { reports } from './reports.ts'
import { sendWithin } from './send-within.ts'

export interface ExchangeInit
  extends Omit<StagesInit, 'pending' | 'capability' | 'me' | 'gossipRoom'> {
  readonly signer: Signer
  readonly transport: Transport
  readonly randomness: Randomness
  readonly timers: Timers
  readonly logger: Logger
  readonly metrics: Metrics
  /** The receipt shown to peers that may not know this one yet. */
  readonly hello: () => Uint8Array
  /** Judges the other side's receipt. */
  readonly onHello: (receipt: Uint8Array, peer: PeerId) => Promise<boolean>
}

export interface CallOptions {
  /** Time until the answer must be complete, in ms; default 10 s, at most 10 min. */
  readonly deadlineMs?: Millis
  readonly signal?: AbortSignal
}

/** A stream of answers; `outcome` says how it ended. */
export interface ItemStream<Item> extends AsyncIterable<Item> {
  readonly outcome: Promise<Verdict>
}

export interface Exchange {
  readonly stages: Pipeline['stages']
  expose<I, O>(exposed: Exposed<I, O>): void
  /** One request, one answer. A refusal by either side is a verdict with its code. */
  call<I, O>(
    to: PeerId,
    capability: Capability<I, O>,
    input: I,
    options?: CallOptions,
  ): Promise<Verdict<{ output: O }>>
  /** One request, many items, at the pace at which they are taken. */
  stream<I, O>(
    to: PeerId,
    capability: Capability<I, O>,
    input: I,
    options?: CallOptions,
  ): ItemStream<O>
  /** Tells everyone on `topic`. */
  tell<I>(
    topic: string,
    capability: Capability<I, null>,
    value: I,
    lifeMs: Millis,
  ): Promise<Verdict>
  /**
   * Hears a topic; `handle` sees only what passed every stage. `admit` looks at a record first,
   * before it is logged: what it refuses is neither handled nor forwarded.
   */
  hear<I>(
    topic: string,
    capability: Capability<I, null>,
    handle: (value: I, from: PeerId) => Promise<Verdict>,
    admit?: (value: I, from: PeerId) => Verdict,
  ): () => void
  stop(): Promise<void>
}

const defaultDeadlineMs = 10_000
/** Open calls of this peer; more are refused before anything leaves. */
const maxPending = 4_096
/** Calls that this peer serves at once, for everyone together. */
const maxServing = 1_024

interface Asked {
  readonly peer: PeerId
  /** Where its messages travel: what was sent on a session that broke may be lost. */
  session: CallSession
  readonly capability: AnyCapability
  readonly driver: CallerDriver
  /** An answer came that a stage blocked here: there is nothing left to wait for. */
  readonly blocked: (why: Verdict<never>) => void
}
interface Served {
  readonly peer: PeerId
  session: CallSession
  readonly capability: AnyCapability
  readonly driver: CalleeDriver
}

export function createExchange(init: ExchangeInit): Exchange {
  const { signer, clock } = init
  const exposed = new Map<string, Exposed>()
  const authors = createAuthorLimits()
  const asked = new Map<string, Asked>()
  const served = new Map<string, Served>()
  const servedKey = (peer: PeerId, id: Uint8Array) => `${peer} ${toHex(id)}`

  const stages = createStages({
    ...init,
    me: signer.peer,
    capability: (name) => exposed.get(name)?.capability,
    gossipRoom: (author, name, bytes) => authors.take(author, name, bytes, clock.now()),
    pending: (peer, reply) => {
      const call = asked.get(toHex(reply))
      if (call?.peer === peer) return call.capability
      return served.get(servedKey(peer, reply))?.capability ?? null
    },
  })
  const pipeline = createPipeline({
    stages,
    seal: (action) => seal(init, action),
    ...reports(init),
  })

  const outbound = (
    kind: Envelope['kind'],
    to: { peer: PeerId | null; link: Link | null },
    capability: AnyCapability,
    content: { value?: unknown; body?: Uint8Array },
    deadline: Millis,
    reply: Uint8Array | null,
    id = init.randomness.bytes(16),
  ): Action => ({
    direction: 'out',
    kind,
    peer: to.peer,
    link: to.link,
    capability,
    value: content.value,
    body: content.body ?? null,
    deadline,
    reply,
    envelope: null,
    id,
    salt: init.randomness.bytes(16),
    contentHash: null,
    frame: null,
    guard: {},
    intent: null,
    micros: {},
  })
  const transmit = (on: CallSession, frame: Uint8Array) =>
    sendWithin(init.timers, on.send(frame), () => on)
  const inbound = (frame: Uint8Array, link: Link | null, heard?: Heard): Action => ({
    ...outbound('record', { peer: null, link }, null as never, {}, 0, null, new Uint8Array()),
    direction: 'in',
    frame,
    ...(heard === undefined ? {} : { heard }),
  })

  /** Serves one admitted call to its end. */
  const serve = async (session: CallSession, action: Action): Promise<Verdict> => {
    const call = action.envelope!
    const entry = exposed.get(call.capability!)!
    const { capability } = entry
    if (served.size >= maxServing) return refuse('policy/busy', 'too many calls at once')
    let blocked: Verdict | null = null
    // Sends follow each other: an item must not overtake the one before it, nor the end any item.
    let last: Promise<unknown> = Promise.resolve()
    const send = (kind: SentKind, body: Uint8Array) => {
      const value =
        kind === 'result' ? contentValue(body) : kind === 'item' ? itemValue(body) : undefined
      // Nobody waits for it any more, and its envelope would be dead before it is sealed.
      if (clock.now() >= call.deadline) return
      last = last
        .then(() => {
          // Nothing may follow on what is missing.
          if (blocked !== null) return blocked
          const on = place.session
          const answer = outbound(kind, on, capability, { value, body }, call.deadline, call.id)
          return pipeline.send(answer, (frame) => transmit(on, frame))
        })
        .then((sent) => {
          if (!sent.ok) {
            blocked ??= sent
            driver.put({ type: 'link-lost' })
          }
        })
    }
    const driver = driveCallee({ ...init, deadline: call.deadline, request: call.body, send })
    const place: Served = { peer: call.from, session, capability, driver }
    served.set(servedKey(call.from, call.id), place)
    const context: CallContext = { from: call.from, deadline: call.deadline, signal: driver.signal }
    // Over at its deadline, whatever its handler and its caller still do: the place is for others.
    const cancelRelease = init.timers.after(Math.max(0, call.deadline - clock.now()), () => {
      served.delete(servedKey(call.from, call.id))
      action.counted?.()
    })
    let verdict: Verdict
    try {
      verdict =
        'stream' in entry
          ? await pour(entry.stream(action.value, context), driver)
          : await reply(entry.handler(action.value, context), driver)
    } catch (error) {
      verdict = refuse(errorCode(error, 'federation/handler'), errorMessage(error))
    } finally {
      served.delete(servedKey(call.from, call.id))
    }
    if (!verdict.ok) driver.put({ type: 'fail', fault: verdict.fault })
    await last
    cancelRelease()
    if (blocked !== null) withheld(place.session, capability, call, blocked)
    return blocked ?? verdict
  }

  /** Its caller need not wait for the deadline; why it was blocked may hold what was blocked. */
  const withheld = (on: CallSession, of: AnyCapability, call: Envelope, why: Verdict) => {
    if (why.ok || why.fault.code.startsWith('transport/')) return
    const body = encode({ code: why.fault.code, message: 'the answer was held back' })
    const answer = outbound('error', on, of, { body }, call.deadline, call.id)
    void pipeline.send(answer, (frame) => transmit(on, frame))
  }

  const handle = async (session: CallSession, action: Action): Promise<Verdict> => {
    const { kind, body, reply: id, from } = action.envelope!
    if (kind === 'call') return serve(session, action)
    if (kind === 'record') return refuse('federation/kind', 'a record travels by gossip')
    const at = clock.now()
    const call = asked.get(toHex(id!))
    if (call !== undefined && call.peer === from) {
      if (kind === 'cancel') return refuse('federation/kind', 'only a caller cancels')
      call.driver.put({ type: 'received', kind, body, at })
    } else {
      if (kind === 'result' || kind === 'error')
        return refuse('federation/kind', 'only a callee answers')
      served.get(servedKey(from, id!))?.driver.put({ type: 'received', kind, body, at })
    }
    return { ok: true }
  }

  const sessions: Sessions = openSessions({
    transport: init.transport,
    hello: init.hello,
    onHello: init.onHello,
    log: init.logger,
    onFrame: (frame, session) =>
      new Promise((next) => {
        const action = inbound(frame, session.link)
        let reached = false
        const judge = (judged: Action): Promise<Verdict> => {
          reached = true
          return handle(session, judged)
        }
        void pipeline.receive(action, judge, next).then((verdict) => {
          const call = action.envelope
          const mine = call?.reply && asked.get(toHex(call.reply))
          if (!verdict.ok && !reached && action.capability !== null && mine) mine.blocked(verdict)
          // A caller whose call was refused before it ran is told why; nobody else is.
          if (verdict.ok || call?.kind !== 'call' || call.from !== session.peer) return
          if (reached && !refusedUnserved.has(verdict.fault.code)) return
          const capability = action.capability ?? refusedCapability
          const answer = outbound(
            'error',
            session,
            capability,
            { body: encode(clipped(verdict.fault)) },
            call.deadline,
            call.id,
          )
          void pipeline.send(answer, (bytes) => transmit(session, bytes))
        })
      }),
    onClosed: (session, clean) => {
      // A session that ended cleanly has delivered everything: its calls go on where it moved to.
      const next = clean && sessions.open().find((other) => other.peer === session.peer)
      for (const call of [...asked.values(), ...served.values()]) {
        if (call.session !== session) continue
        if (next) call.session = next
        else call.driver.lost()
      }
    },
  })

  /** Opens a call; null with a verdict where it cannot even be sent. */
  const ask = async (
    to: PeerId,
    capability: AnyCapability,
    input: unknown,
    options: CallOptions,
  ): Promise<
    Verdict<{ driver: CallerDriver; outcome: Promise<Verdict<{ body: Uint8Array | null }>> }>
  > => {
    if (asked.size >= maxPending) return refuse('federation/busy', 'too many calls are open')
    const isCancelled = () => options.signal?.aborted === true
    if (isCancelled()) return refuse('calls/cancelled', 'the caller cancelled')
    const deadlineMs = Math.min(options.deadlineMs ?? defaultDeadlineMs, maxCallMs)
    const deadline = clock.now() + deadlineMs
    let session: CallSession
    try {
      session = await sessions.to(to, AbortSignal.timeout(deadlineMs))
    } catch (error) {
      return refuse(errorCode(error, 'transport/unreachable'), errorMessage(error))
    }
    const id = init.randomness.bytes(16)
    const failed = Promise.withResolvers<Verdict<never>>()
    const driver = driveCaller({
      ...init,
      deadline,
      request: encode(input),
      send: (kind, body) => {
        // The callee knows the deadline too: a cancel that comes of it would only arrive too late.
        if (kind === 'cancel' && clock.now() >= deadline) return
        const content = kind === 'call' ? { value: input, body } : { body }
        const action = outbound(
          kind,
          { peer: to, link: session.link },
          capability,
          content,
          deadline,
          kind === 'call' ? null : id,
          kind === 'call' ? id : undefined,
        )
        const hand = async (frame: Uint8Array) => {
          if (kind !== 'call') return transmit(place.session, frame)
          const sending = sessions.send(to, frame)
          place.session = await sendWithin(init.timers, sending, () => place.session)
        }
        void pipeline.send(action, hand).then((sent) => {
          if (!sent.ok && kind === 'call') failed.resolve(sent as Verdict<never>)
        })
      },
    })
    const blocked = (why: Verdict<never>) => {
      failed.resolve(why)
      driver.put({ type: 'cancel', reason: 'the answer was blocked' })
    }
    const place: Asked = { peer: to, session, capability, driver, blocked }
    asked.set(toHex(id), place)
    const cancel = () => driver.put({ type: 'cancel', reason: 'the caller cancelled' })
    options.signal?.addEventListener('abort', cancel, { once: true })
    if (isCancelled()) cancel()
    const outcome = Promise.race([driver.outcome.then(asVerdict), failed.promise]).finally(() => {
      asked.delete(toHex(id))
      options.signal?.removeEventListener('abort', cancel)
    })
    void failed.promise.then(() => driver.lost())
    return { ok: true, driver, outcome }
  }

  const items = async function* (driver: CallerDriver): AsyncGenerator<unknown> {
    try {
      for await (const item of driver.items()) yield contentValue(item)
    } finally {
      driver.put({ type: 'cancel', reason: 'the caller stopped reading' })
    }
  }

  return {
    stages: pipeline.stages,
    expose: (entry) => {
      // Inside the table a capability's types are forgotten; its schemas are what checks values.
      exposed.set(entry.capability.name, entry as unknown as Exposed)
    },
    call: async (to, capability, input, options = {}) => {
      const started = await ask(to, capability, input, options)
      if (!started.ok) return started
      const ended = await started.outcome
      if (!ended.ok) return ended
      return ended.body === null
        ? refuse('calls/unexpected', 'a stream came where one answer was asked for')
        : { ok: true, output: contentValue(ended.body) as never }
    },
    stream: (to, capability, input, options = {}) => {
      const started = ask(to, capability, input, options)
      return {
        outcome: started.then((call) => (call.ok ? call.outcome : call)),
        [Symbol.asyncIterator]: async function* () {
          const call = await started
          if (call.ok) yield* items(call.driver) as AsyncGenerator<never>
        },
      }
    },
    tell: (topic, capability, value, lifeMs) =>
      pipeline.send(
        outbound(
          'record',
          { peer: null, link: null },
          capability,
          { value },
          clock.now() + lifeMs,
          null,
        ),
        (frame) => init.transport.publish(topic, frame),
      ),
    hear: (topic, capability, handle, admit) => {
      // On its topic a capability's types are forgotten; its schema is what checks values.
      const heard = { capability, ...(admit === undefined ? {} : { admit }) } as Heard
      return init.transport.subscribe(topic, {
        maxBytes: capability.maxBytes + 1_024,
        validate: async (frame) => {
          const verdict = await pipeline.receive(inbound(frame, null, heard), (judged) =>
            handle(judged.value as never, judged.envelope!.from),
          )
          if (verdict.ok) return 'accept'
          return isStaticFault(verdict.fault) ? 'reject' : 'ignore'
        },
        deliver: () => {},
      })
    },
    stop: async () => {
      for (const call of [...asked.values()])
        call.driver.put({ type: 'cancel', reason: 'this peer is stopping' })
      for (const call of [...served.values()]) {
        call.driver.put({
          type: 'fail',
          fault: { code: 'federation/stopped', message: 'this peer is stopping' },
        })
      }
      await sessions.stop()
    },
  }
}

/** Codes with which an admitted call is refused before its handler ran. */
const refusedUnserved = new Set(['policy/busy'])

/** Stands for a call that was refused before its capability was known. */
const refusedCapability: AnyCapability = {
  name: 'call.refused',
  input: undefined as never,
  output: undefined as never,
  logging: 'counted',
  maxBytes: 1_024,
}

async function reply(
  answer: Promise<Verdict<{ output: unknown }>>,
  driver: CalleeDriver,
): Promise<Verdict> {
  const verdict = await answer
  if (verdict.ok) driver.put({ type: 'result', body: encode(verdict.output) })
  return verdict
}

async function pour(items: AsyncIterable<unknown>, driver: CalleeDriver): Promise<Verdict> {
  for await (const item of items) await driver.write(encode(item))
  driver.put({ type: 'end-writing' })
  // The end leaves when the last item has its credit, which may be long after the handler is done.
  await driver.done
  return { ok: true }
}

function asVerdict(outcome: CallOutcome): Verdict<{ body: Uint8Array | null }> {
  return outcome.ok
    ? { ok: true, body: outcome.result ?? null }
    : { ok: false, fault: outcome.fault }
}

/** The value in bytes that were checked on their way in, or that this peer made itself. */
function contentValue(body: Uint8Array): unknown {
  const decoded = decode(body)
  return decoded.ok ? decoded.value : undefined
}

function itemValue(body: Uint8Array): unknown {
  const item = contentValue(body) as { data: Uint8Array }
  return contentValue(item.data)
}

function clipped({ code, message }: { code: string; message: string }) {
  return { code: code.slice(0, 64), message: message.slice(0, 500) }
}

function seal(init: ExchangeInit, action: Action): Promise<Uint8Array> {
  const named = action.kind === 'call' || action.kind === 'record'
  const sent = init.clock.now()
  return sealEnvelope(init.signer, {
    v: 1,
    fed: init.fed,
    id: action.id,
    from: init.signer.peer,
    ...(action.peer === null ? {} : { to: action.peer }),
    kind: action.kind,
    ...(named ? { capability: action.capability!.name } : {}),
    ...(action.reply === null ? {} : { reply: action.reply }),
    sent,
    // An answer keeps its caller's deadline, which another clock may put beyond the longest life.
    deadline: Math.min(action.deadline, sent + (action.peer === null ? maxRecordMs : maxCallMs)),
    salt: action.salt,
    ...(Object.keys(action.guard).length === 0
      ? {}
      : { guard: { policy: 'declared/1', counts: action.guard } }),
    body: action.body!,
  })
}
