/**
 * The calls that are open now, asked and served, and the session that each travels on.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { toHex } from '@folkmoot/codec'
import type { PeerId } from '@folkmoot/identity'
import type { CallSession } from '@folkmoot/transport'
import type { AnyCapability } from '../capability.ts'
import type { CalleeDriver, CallerDriver } from './drive-call.ts'

export interface Asked {
  readonly peer: PeerId
  /** Where its messages travel: what was sent on a session that broke may be lost. */
  session: CallSession
  readonly capability: AnyCapability
  readonly driver: CallerDriver
  /** An answer came that a stage blocked here: there is nothing left to wait for. */
  readonly blocked: (why: Verdict<never>) => void
}

export interface Served {
  readonly peer: PeerId
  session: CallSession
  readonly capability: AnyCapability
  readonly driver: CalleeDriver
}

/** One side's calls: by id where this peer asked, by caller and id where it serves. */
export interface CallTable<Call, Key extends readonly unknown[]> {
  readonly size: number
  get(...key: Key): Call | undefined
  set(call: Call, ...key: Key): void
  delete(...key: Key): void
  values(): Call[]
}

export interface OpenCalls {
  readonly asked: CallTable<Asked, readonly [id: Uint8Array]>
  readonly served: CallTable<Served, readonly [peer: PeerId, id: Uint8Array]>
  /** What a call of either side between this peer and `peer` is about. */
  capabilityOf(peer: PeerId, id: Uint8Array): AnyCapability | null
  /** A session has closed: its calls go on at `next`, or are lost. */
  moved(session: CallSession, next: CallSession | undefined): void
  /** Ends everything that is open. */
  stop(): void
}

function table<Call, Key extends readonly unknown[]>(
  name: (...key: Key) => string,
): CallTable<Call, Key> {
  const calls = new Map<string, Call>()
  return {
    get size() {
      return calls.size
    },
    get: (...key) => calls.get(name(...key)),
    set: (call, ...key) => void calls.set(name(...key), call),
    delete: (...key) => void calls.delete(name(...key)),
    values: () => [...calls.values()],
  }
}

export function createOpenCalls(): OpenCalls {
  const asked = table<Asked, readonly [Uint8Array]>((id) => toHex(id))
  const served = table<Served, readonly [PeerId, Uint8Array]>((peer, id) => `${peer} ${toHex(id)}`)
  return {
    asked,
    served,
    capabilityOf: (peer, id) => {
      const call = asked.get(id)
      if (call?.peer === peer) return call.capability
      return served.get(peer, id)?.capability ?? null
    },
    moved: (session, next) => {
      for (const call of [...asked.values(), ...served.values()]) {
        if (call.session !== session) continue
        if (next) call.session = next
        else call.driver.lost()
      }
    },
    stop: () => {
      for (const call of asked.values()) {
        call.driver.put({ type: 'cancel', reason: 'this peer is stopping' })
      }
      for (const call of served.values()) {
        call.driver.put({
          type: 'fail',
          fault: { code: 'federation/stopped', message: 'this peer is stopping' },
        })
      }
    },
  }
}
