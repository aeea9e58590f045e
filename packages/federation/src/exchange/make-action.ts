/**
 * Makes what goes through the pipeline: an action for each message, and its envelope.
 *
 * @module
 */
import type { Clock, Millis, Randomness } from '@folkmoot/base'
import {
  type Envelope,
  type FederationId,
  type PeerId,
  type Signer,
  sealEnvelope,
} from '@folkmoot/identity'
import type { Link } from '@folkmoot/transport'
import type { AnyCapability } from '../capability.ts'
import type { Action, Heard } from '../pipeline.ts'
import { maxCallMs, maxRecordMs } from '../stages.ts'

export interface Outgoing {
  readonly kind: Envelope['kind']
  /** To whom and on which channel; both null for a record to everyone. */
  readonly to: { readonly peer: PeerId | null; readonly link: Link | null }
  readonly capability: AnyCapability
  readonly value?: unknown
  /** Given where `value` is encoded already. */
  readonly body?: Uint8Array
  readonly deadline: Millis
  /** The call answered. */
  readonly reply?: Uint8Array
  /** Chosen at random where it is not given. */
  readonly id?: Uint8Array
}

export function outboundAction(randomness: Randomness, out: Outgoing): Action {
  return {
    direction: 'out',
    kind: out.kind,
    peer: out.to.peer,
    link: out.to.link,
    capability: out.capability,
    value: out.value,
    body: out.body ?? null,
    deadline: out.deadline,
    reply: out.reply ?? null,
    envelope: null,
    id: out.id ?? randomness.bytes(16),
    salt: randomness.bytes(16),
    contentHash: null,
    frame: null,
    guard: {},
    intent: null,
    micros: {},
  }
}

const none = new Uint8Array()

/** A frame as it came: what it is, the stages find out. */
export function inboundAction(frame: Uint8Array, link: Link | null, heard?: Heard): Action {
  return {
    direction: 'in',
    kind: 'record',
    peer: null,
    link,
    capability: null,
    value: undefined,
    body: null,
    deadline: 0,
    reply: null,
    envelope: null,
    id: none,
    salt: none,
    contentHash: null,
    frame,
    guard: {},
    ...(heard === undefined ? {} : { heard }),
    intent: null,
    micros: {},
  }
}

export interface SealInit {
  readonly fed: FederationId
  readonly signer: Signer
  readonly clock: Clock
}

/** The signed envelope of an action that every stage let through. */
export function sealAction(init: SealInit, action: Action): Promise<Uint8Array> {
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
