/**
 * The bodies of the six stages (overview.md, "The stack of guarantees"), in their order.
 *
 * @module
 */

import type { AuditLog } from '@folkmoot/audit'
import { type Clock, type Millis, refuse, type Verdict } from '@folkmoot/base'
import { parseItem } from '@folkmoot/calls'
import { concatBytes, encode, parse, sha256, toHex } from '@folkmoot/codec'
import {
  type Checker,
  type Envelope,
  envelopeBodyHash,
  type FederationId,
  openEnvelope,
  type PeerId,
} from '@folkmoot/identity'
import * as v from 'valibot'
import type { AnyCapability } from './capability.ts'
import type { Action, Stage } from './pipeline.ts'

export type Standing = 'member' | 'unknown' | 'revoked'

export interface StagesInit {
  readonly me: PeerId
  readonly fed: FederationId
  readonly clock: Clock
  readonly checker: Checker
  readonly audit: AuditLog
  readonly standing: (peer: PeerId) => Standing
  /** What is exposed under `name`. */
  readonly capability: (name: string) => AnyCapability | undefined
  /** Whether `peer` may call `capability` now; default deny. `counted` ends what was counted. */
  readonly authorise: (
    peer: PeerId,
    capability: string,
  ) => Verdict<{ readonly counted?: () => void }>
  /** Whether `author` may have one more record of so many bytes judged here. */
  readonly gossipRoom?: (author: PeerId, capability: string, bytes: number) => boolean
  /** Remembers an envelope of a peer that may speak; refuses one that was seen or can no longer be judged. */
  readonly fresh: (from: PeerId, id: Uint8Array, sent: Millis, deadline: Millis) => Verdict
  /** The capability of the open call with `peer` that `reply` names; null where there is none. */
  readonly pending: (peer: PeerId, reply: Uint8Array) => AnyCapability | null
  /** Whether shared state can change now. */
  readonly engine: () => Verdict
  readonly maxSkewMs: Millis
}

/** Longest life of a call and of a record, in ms (protocol.md, "Envelope"). */
export const maxCallMs: Millis = 10 * 60_000
export const maxRecordMs: Millis = 60 * 60_000

const maxControlBytes = 4_096

/** Messages that steer a call: their bodies are the call machine's own and carry no content. */
const steering = new Set(['end', 'error', 'cancel', 'credit'])

/** The schema that the content of a message must meet; null where it has none. */
function schemaOf(action: Action): v.GenericSchema | null {
  if (steering.has(action.kind)) return null
  return action.kind === 'call' || action.kind === 'record'
    ? action.capability!.input
    : action.capability!.output
}

/** An item wraps its content with its number; everything else is its content. */
function contentOf(action: Action): Verdict<{ content: Uint8Array }> {
  if (action.kind !== 'item') return { ok: true, content: action.body! }
  const item = parseItem(action.body!, action.capability!.maxBytes)
  return item.ok ? { ok: true, content: item.item.data } : item
}

/** Control messages change nothing by themselves and are not worth an entry each. */
function isLogged(action: Action): boolean {
  if (action.capability?.logging !== 'full') return false
  return action.kind !== 'credit' && action.kind !== 'item' && action.kind !== 'cancel'
}

function actionName(action: Action): 'call' | 'result' | 'stream' | 'unit' | 'operation' {
  if (action.capability?.name === 'study.result') return 'unit'
  if (action.capability?.name === 'ledger.submit') return 'operation'
  if (action.kind === 'call' || action.kind === 'cancel') return 'call'
  return action.kind === 'end' ? 'stream' : 'result'
}

/** The stages in their order; nothing else may call `send` or a handler. */
export function createStages(init: StagesInit): readonly Stage[] {
  const identity: Stage = {
    name: 'identity',
    outbound: () =>
      init.standing(init.me) === 'revoked'
        ? refuse('federation/revoked', 'this key has been revoked')
        : { ok: true },
    inbound: async (action) => {
      const gossip = action.link === null
      const opened = await openEnvelope(init.checker, action.frame!, {
        fed: init.fed,
        now: init.clock.now(),
        maxSkewMs: init.maxSkewMs,
        maxLifetimeMs: gossip ? maxRecordMs : maxCallMs,
      })
      if (!opened.ok) return opened
      const { envelope } = opened
      action.envelope = envelope
      action.peer = envelope.from
      action.kind = envelope.kind
      action.body = envelope.body
      return { ok: true }
    },
  }

  const transport: Stage = {
    name: 'transport',
    outbound: (action) => {
      if (action.peer === null) return { ok: true }
      return init.standing(action.peer) === 'revoked'
        ? refuse('federation/revoked', 'that key has been revoked')
        : { ok: true }
    },
    inbound: (action) => {
      const envelope = action.envelope!
      if (init.standing(envelope.from) === 'revoked') {
        return refuse('federation/revoked', 'that key has been revoked')
      }
      if (action.link === null) {
        return envelope.to === undefined && envelope.kind === 'record'
          ? { ok: true }
          : refuse('federation/misaddressed', 'only records for everyone travel by gossip')
      }
      if (envelope.kind === 'record') {
        return refuse('federation/misaddressed', 'records travel by gossip')
      }
      // The channel has proven a key: an envelope of another one does not belong here.
      if (envelope.from !== action.link.peer || envelope.to !== init.me) {
        return refuse(
          'federation/misaddressed',
          'the envelope is not from the peer that sent it to the one it names',
        )
      }
      return { ok: true }
    },
  }

  const authorisation: Stage = {
    name: 'authorisation',
    outbound: (action) =>
      action.capability === null
        ? refuse('federation/no-capability', 'nothing was asked for')
        : { ok: true },
    inbound: (action) => {
      const verdict = mayDo(action, action.envelope!)
      if (!verdict.ok) return verdict
      // Only now: nobody but members, and peers asked by this one, may take room in the memory.
      const { from, id, sent, deadline } = action.envelope!
      return init.fresh(from, id, sent, deadline)
    },
  }

  const mayDo = (action: Action, envelope: Envelope): Verdict => {
    switch (envelope.kind) {
      case 'record': {
        if (init.standing(envelope.from) !== 'member') {
          return refuse('federation/unknown-member', 'its author is not a known member')
        }
        const { heard, frame } = action
        if (heard === undefined || envelope.capability !== heard.capability.name) {
          return refuse('federation/topic', 'that does not belong on this topic')
        }
        if (init.gossipRoom?.(envelope.from, heard.capability.name, frame!.length) === false) {
          return refuse('federation/gossip-rate', 'its author says more than anyone may')
        }
        action.capability = heard.capability
        return { ok: true }
      }
      case 'call': {
        const name = envelope.capability ?? ''
        const verdict = init.authorise(envelope.from, name)
        if (!verdict.ok) return verdict
        if (verdict.counted !== undefined) action.counted = verdict.counted
        const capability = init.capability(name)
        // The same words as for something that is not exposed: names cannot be probed.
        if (capability === undefined) return refuse('policy/not-exposed', 'not exposed to you')
        action.capability = capability
        return { ok: true }
      }
      default:
        // It belongs to a call that this peer made or serves, with this very peer, or to nothing.
        action.capability =
          envelope.reply === undefined ? null : init.pending(envelope.from, envelope.reply)
        return action.capability === null
          ? refuse('federation/unasked', 'it belongs to no open call')
          : { ok: true }
    }
  }

  const sanitisation: Stage = {
    name: 'sanitisation',
    outbound: (action) => {
      const schema = schemaOf(action)
      if (schema === null) return bounded(action, maxControlBytes)
      const shape = v.safeParse(schema, action.value)
      if (!shape.success) {
        return refuse(
          'guard/undeclared',
          `what should leave is not as declared: ${shape.issues[0].message}`,
        )
      }
      if (action.capability!.sanitise !== undefined) {
        const verdict = action.capability!.sanitise(shape.output)
        if (!verdict.ok) return verdict
        action.guard = verdict.counts
      }
      action.body ??= encode(shape.output)
      return bounded(action, action.capability!.maxBytes)
    },
    inbound: (action) => {
      const schema = schemaOf(action)
      if (schema === null) return bounded(action, maxControlBytes)
      const content = contentOf(action)
      if (!content.ok) return content
      const parsed = parse(schema, content.content, {
        maxBytes: action.capability!.maxBytes,
        maxDepth: 16,
        maxItems: 20_000,
      })
      if (!parsed.ok) return parsed
      action.value = parsed.value
      if (action.capability!.sanitise !== undefined) {
        const verdict = action.capability!.sanitise(parsed.value)
        if (!verdict.ok) return verdict
        action.guard = verdict.counts
      }
      return action.heard?.admit?.(action.value, action.envelope!.from) ?? { ok: true }
    },
  }

  const consensus: Stage = {
    name: 'consensus',
    // A change of shared state needs an engine that can make it final; nothing else waits here yet.
    outbound: (action) =>
      action.capability!.name === 'ledger.submit' ? init.engine() : { ok: true },
    inbound: (action) =>
      action.capability!.name === 'ledger.submit' && action.kind === 'call'
        ? init.engine()
        : { ok: true },
  }

  const audit: Stage = {
    name: 'audit',
    outbound: async (action) => {
      if (!isLogged(action)) {
        init.audit.counter(`${action.capability!.name}.out`)
        return { ok: true }
      }
      const contentHash = sha256(concatBytes(action.salt, action.body!))
      action.contentHash = contentHash
      action.intent = await init.audit.intent({
        direction: 'out',
        peer: action.peer,
        action: actionName(action),
        capability: action.capability!.name,
        envelope: toHex(action.id),
        contentHash: toHex(contentHash),
        salt: action.salt,
        content: action.body!,
        decision: 'allowed',
        reason: null,
        guard: Object.keys(action.guard).length === 0 ? null : action.guard,
        micros: action.micros,
        channel: action.link?.kind ?? null,
      })
      return { ok: true }
    },
    inbound: async (action) => {
      if (!isLogged(action)) {
        init.audit.counter(`${action.capability!.name}.in`)
        return { ok: true }
      }
      const envelope = action.envelope!
      action.contentHash = envelopeBodyHash(envelope)
      action.intent = await init.audit.intent({
        direction: 'in',
        peer: envelope.from,
        action: actionName(action),
        capability: action.capability!.name,
        envelope: toHex(envelope.id),
        contentHash: toHex(action.contentHash),
        // What others tell everyone is theirs to keep: here, a hash says that it was heard.
        ...(action.link === null ? {} : { salt: envelope.salt, content: envelope.body }),
        decision: 'allowed',
        reason: null,
        guard: Object.keys(action.guard).length === 0 ? null : action.guard,
        micros: action.micros,
        channel: action.link?.kind ?? null,
      })
      return { ok: true }
    },
  }

  return [identity, transport, authorisation, sanitisation, consensus, audit]
}

function bounded(action: Action, maxBytes: number): Verdict {
  return action.body!.length > maxBytes
    ? refuse(
        'federation/too-large',
        `${action.body!.length} bytes are more than a message of this kind may have`,
      )
    : { ok: true }
}
