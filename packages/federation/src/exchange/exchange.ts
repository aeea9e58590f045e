/**
 * Calls and records between peers: every message goes out and comes in through the pipeline, on a
 * session whose key was proven or on a topic whose messages carry their own proof.
 *
 * @module
 */
import {
  type Logger,
  type Metrics,
  type Millis,
  type Randomness,
  refuse,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import { encode } from '@folkmoot/codec'
import { isStaticFault, type PeerId, type Signer } from '@folkmoot/identity'
import { type CallSession, openSessions, type Sessions, type Transport } from '@folkmoot/transport'
import type { AnyCapability, Capability, Exposed } from '../capability.ts'
import { type Action, createPipeline, type Heard, type Pipeline } from '../pipeline.ts'
import { createStages, type StagesInit } from '../stages.ts'
import { type CallOptions, createAsking, itemsOf } from './ask-calls.ts'
import { createAuthorLimits } from './author-limits.ts'
import { contentValue } from './content.ts'
import { inboundAction, outboundAction, sealAction } from './make-action.ts'
import { createOpenCalls } from './open-calls.ts'
import { reports } from './reports.ts'
import { transmitOn } from './send-within.ts'
import { createServing, type ServeCallsInit } from './serve-calls.ts'

export type { CallOptions }

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
  /** Whether peers that the ledger here does not know may show a receipt. */
  readonly receipts: boolean
  /** Judges the other side's receipt. */
  readonly onHello: (receipt: Uint8Array, peer: PeerId) => Promise<boolean>
}

/** A stream of answers; `outcome` says how it ended. */
export interface ItemStream<Item> extends AsyncIterable<Item> {
  readonly outcome: Promise<Verdict>
}

export interface Exchange {
  readonly stages: Pipeline['stages']
  /** @throws FederationError `policy/exposure` */
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

/** Said to prove a fork and does not, as anybody sees: whoever passed it on did not look at it. */
const nobodyTells = 'consensus/evidence'
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

export function createExchange(init: ExchangeInit): Exchange {
  const { signer, clock, timers, randomness } = init
  const exposed = new Map<string, Exposed>()
  const authors = createAuthorLimits()
  const open = createOpenCalls()

  const stages = createStages({
    ...init,
    me: signer.peer,
    capability: (name) => exposed.get(name)?.capability,
    gossipRoom: (author, name, bytes) => authors.take(author, name, bytes, clock.now()),
    pending: open.capabilityOf,
  })
  const pipeline = createPipeline({
    stages,
    seal: (action) => sealAction(init, action),
    ...reports(init),
  })
  const post: ServeCallsInit['post'] = (out, on, taken) => {
    const action = outboundAction(randomness, { ...out, to: on() })
    return pipeline.send(action, async (frame) => {
      await transmitOn(timers, on(), frame)
      taken?.()
    })
  }
  const serve = createServing({ clock, timers, open, exposed: (name) => exposed.get(name), post })
  const ask = createAsking({
    clock,
    timers,
    randomness,
    open,
    pipeline,
    sessions: () => sessions,
  })

  const handle = async (session: CallSession, action: Action): Promise<Verdict> => {
    const { kind, body, reply: id, from } = action.envelope!
    if (kind === 'call') return serve(session, action)
    if (kind === 'record') return refuse('federation/kind', 'a record travels by gossip')
    const at = clock.now()
    const call = open.asked.get(id!)
    if (call !== undefined && call.peer === from) {
      if (kind === 'cancel') return refuse('federation/kind', 'only a caller cancels')
      call.driver.put({ type: 'received', kind, body, at })
    } else {
      if (kind === 'result' || kind === 'error')
        return refuse('federation/kind', 'only a callee answers')
      open.served.get(from, id!)?.driver.put({ type: 'received', kind, body, at })
    }
    return { ok: true }
  }

  /** A caller whose call was refused before it ran is told why; nobody else is. */
  const answerRefused = (session: CallSession, action: Action, served: boolean, why: Verdict) => {
    const call = action.envelope
    if (why.ok || call?.kind !== 'call' || call.from !== session.peer) return
    if (served && !refusedUnserved.has(why.fault.code)) return
    const capability = action.capability ?? refusedCapability
    const body = encode(clipped(why.fault))
    const { deadline, id: reply } = call
    void post({ kind: 'error', capability, body, deadline, reply }, () => session)
  }

  const sessions: Sessions = openSessions({
    transport: init.transport,
    hello: init.hello,
    onHello: init.onHello,
    strangers: init.receipts,
    log: init.logger,
    onFrame: (frame, session) =>
      new Promise((next) => {
        const action = inboundAction(frame, session.link)
        let reached = false
        const judge = (judged: Action): Promise<Verdict> => {
          reached = true
          return handle(session, judged)
        }
        void pipeline.receive(action, judge, next).then((verdict) => {
          const { reply } = action.envelope ?? {}
          const mine = reply && open.asked.get(reply)
          if (!verdict.ok && !reached && action.capability !== null && mine) mine.blocked(verdict)
          answerRefused(session, action, reached, verdict)
        })
      }),
    onClosed: (session, clean) => {
      // A session that ended cleanly has delivered everything: its calls go on where it moved to.
      const others = clean ? sessions.open() : []
      open.moved(
        session,
        others.find((other) => other.peer === session.peer),
      )
    },
  })

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
          if (call.ok) yield* itemsOf(call.driver) as AsyncGenerator<never>
        },
      }
    },
    tell: (topic, capability, value, lifeMs) => {
      const to = { peer: null, link: null }
      const deadline = clock.now() + lifeMs
      return pipeline.send(
        outboundAction(randomness, { kind: 'record', to, capability, value, deadline }),
        (frame) => init.transport.publish(topic, frame),
      )
    },
    hear: (topic, capability, handle, admit) => {
      // On its topic a capability's types are forgotten; its schema is what checks values.
      const heard = { capability, ...(admit === undefined ? {} : { admit }) } as Heard
      return init.transport.subscribe(topic, {
        maxBytes: capability.maxBytes + 1_024,
        validate: async (frame) => {
          const verdict = await pipeline.receive(inboundAction(frame, null, heard), (judged) =>
            handle(judged.value as never, judged.envelope!.from),
          )
          if (verdict.ok) return 'accept'
          const { fault } = verdict
          return isStaticFault(fault) || fault.code === nobodyTells ? 'reject' : 'ignore'
        },
        deliver: () => {},
      })
    },
    stop: async () => {
      open.stop()
      await sessions.stop()
    },
  }
}

function clipped({ code, message }: { code: string; message: string }) {
  return { code: code.slice(0, 64), message: message.slice(0, 500) }
}
