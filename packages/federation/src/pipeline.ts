/**
 * The stages that every action across a boundary passes, both ways, as one ordered list.
 * This file alone calls `transmit` and handlers, so nothing can go around a stage.
 *
 * @module
 */
import { errorCode, errorMessage, type Millis, refuse, type Verdict } from '@folkmoot/base'
import type { Envelope, PeerId } from '@folkmoot/identity'
import type { Link } from '@folkmoot/transport'
import type { AnyCapability } from './capability.ts'

export type StageName =
  | 'identity'
  | 'transport'
  | 'authorisation'
  | 'sanitisation'
  | 'consensus'
  | 'audit'

/** What is listened for on a topic. */
export interface Heard {
  readonly capability: AnyCapability
  /** A cheap look at a record by its listener, before anything of it is kept. */
  readonly admit?: (value: unknown, from: PeerId) => Verdict
}

/** One message on its way; stages fill it in, in order. */
export interface Action {
  readonly direction: 'out' | 'in'
  /** The other side; null for a record to everyone (outbound) or until identity knows it (inbound). */
  peer: PeerId | null
  /** The channel it travels on; null for gossip. */
  readonly link: Link | null
  /** Set by `identity` inbound. */
  kind: Envelope['kind']
  capability: AnyCapability | null
  /** What is said: set by the caller outbound, by `sanitisation` inbound. */
  value: unknown
  /** The encoded value: set by `sanitisation` outbound, by `identity` inbound. */
  body: Uint8Array | null
  readonly deadline: Millis
  /** The call answered, 16 bytes, where this is an answer. */
  readonly reply: Uint8Array | null
  /** Set by `identity` inbound. */
  envelope: Envelope | null
  /** 16 bytes that name the envelope; chosen before the stages outbound. */
  readonly id: Uint8Array
  /** 16 bytes; both sides' logs hold SHA-256(salt ‖ body). Chosen before the stages outbound. */
  readonly salt: Uint8Array
  contentHash: Uint8Array | null
  /** The frame as it came; inbound only. */
  readonly frame: Uint8Array | null
  /** Counts per data class and action, from `sanitisation`. */
  guard: Record<string, number>
  /** What the topic carries; absent where it did not come by gossip. */
  readonly heard?: Heard
  /** Ends the count of a call that was let in; set by `authorisation` inbound, called by `receive`. */
  counted?: () => void
  /** Sequence of the intent in the audit log, once it is durable there. */
  intent: number | null
  readonly micros: Record<string, number>
}

export interface Stage {
  readonly name: StageName
  outbound(action: Action): Promise<Verdict> | Verdict
  inbound(action: Action): Promise<Verdict> | Verdict
}

export interface PipelineInit {
  readonly stages: readonly Stage[]
  /** Makes the envelope's bytes; called after every stage has agreed. */
  readonly seal: (action: Action) => Promise<Uint8Array>
  /** Told of every refusal, to be logged or counted. */
  readonly refused: (action: Action, stage: StageName, verdict: Verdict) => void
  /** Told how an action that was let through ended. */
  readonly settled: (action: Action, outcome: Verdict) => Promise<void>
  /** A monotonic clock in microseconds. */
  readonly micros: () => number
}

export interface Pipeline {
  readonly stages: readonly StageName[]
  /** Passes the stages outward, seals, and hands the bytes to `transmit`. */
  send(
    action: Action,
    transmit: (frame: Uint8Array, action: Action) => Promise<void>,
  ): Promise<Verdict>
  /**
   * Passes the stages inward and hands the action to `handle`. `inOrder` is called once the action
   * was judged and only its audit entry and its handler are left: whoever keeps an order may then
   * begin with the next frame, so that entries of many actions share one sync.
   */
  receive(
    action: Action,
    handle: (action: Action) => Promise<Verdict>,
    inOrder?: () => void,
  ): Promise<Verdict>
}

/** Builds the pipeline; `stages` are kept in the order given. */
export function createPipeline(init: PipelineInit): Pipeline {
  const pass = async (action: Action, inOrder?: () => void): Promise<Verdict> => {
    for (const stage of init.stages) {
      if (stage.name === 'audit') inOrder?.()
      const started = init.micros()
      let verdict: Verdict
      try {
        verdict = await stage[action.direction === 'out' ? 'outbound' : 'inbound'](action)
      } catch (error) {
        // A stage that fails blocks: there is no way past it.
        verdict = refuse(errorCode(error, 'federation/stage-failed'), errorMessage(error))
      }
      action.micros[stage.name] = Math.round(init.micros() - started)
      if (!verdict.ok) {
        init.refused(action, stage.name, verdict)
        return verdict
      }
    }
    return { ok: true }
  }

  const finish = async (
    action: Action,
    last: string,
    run: () => Promise<Verdict>,
  ): Promise<Verdict> => {
    const started = init.micros()
    let outcome: Verdict
    try {
      outcome = await run()
    } catch (error) {
      outcome = refuse(errorCode(error, 'federation/failed'), errorMessage(error))
    }
    action.micros[last] = Math.round(init.micros() - started)
    try {
      await init.settled(action, outcome)
    } catch (error) {
      // It happened, its intent says so, and how it ended could not be written any more.
      return refuse(errorCode(error, 'federation/unlogged'), errorMessage(error))
    }
    return outcome
  }

  return {
    stages: init.stages.map((stage) => stage.name),
    send: async (action, transmit) => {
      const verdict = await pass(action)
      if (!verdict.ok) return verdict
      return finish(action, 'send', async () => {
        await transmit(await init.seal(action), action)
        return { ok: true }
      })
    },
    receive: async (action, handle, inOrder) => {
      try {
        const verdict = await pass(action, inOrder)
        if (!verdict.ok) {
          inOrder?.()
          return verdict
        }
        return await finish(action, 'handler', () => handle(action))
      } finally {
        action.counted?.()
      }
    },
  }
}
