/**
 * A circuit relay in a tab, for signalling alone: it connects two members that it is linked with
 * for as long as they need to agree on a direct link, so that links can be made without the relay.
 *
 * It holds no reservations and cannot read what it carries, which Noise seals between the two ends.
 * That nothing but signalling rides on a circuit is upheld by the ends (`stream-gate.ts`); here it
 * is bounded: members only, over links of its own, few at a time, 64 KiB and 30 s each.
 *
 * @module
 */
import { errorMessage, type Logger, type Metrics, type Millis } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Connection, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { byPreference, linkKind } from '../links.ts'
import { createRateLimit } from '../rate-limit.ts'
import type { Standing } from '../transport.ts'
import { type CarryLimits, carryCircuit } from './carry-circuit.ts'
import {
  type CircuitStatus,
  circuitStatus,
  decodeHop,
  encodeHopStatus,
  encodeStopConnect,
  HOP_PROTOCOL,
  isStopAccepted,
  STOP_PROTOCOL,
} from './circuit-messages.ts'

/** On loopback, with one candidate each, a link takes 3.2 KiB; further candidates 0.2 KiB each. */
export const circuitLimits: CarryLimits = { bytes: 64 * 1024, ms: 30_000 }
/** A whole class that lost its relay asks the few tabs that still know both ends. */
const MAX_CIRCUITS = 16
const MAX_CIRCUITS_PER_PEER = 4
/** Asking again after a refusal, of one forwarder after another, is normal. */
const REQUESTS_PER_SECOND = 1
const REQUESTS_BURST = 24
const HANDSHAKE_MS: Millis = 6_000
/** A request names one peer; libp2p's client adds one address. */
const MAX_MESSAGE = 1_024

export interface SignalForwarderInit {
  readonly allow: (peer: PeerId) => Standing
  /** Default {@link circuitLimits}. */
  readonly limits?: CarryLimits
  readonly log: Logger
  readonly metrics: Metrics
}

/** The parts of libp2p that it uses. */
export interface ForwarderComponents {
  readonly registrar: {
    handle(
      protocol: string,
      handler: (stream: Stream, connection: Connection) => void,
      options: { maxInboundStreams: number },
    ): Promise<void>
    unhandle(protocol: string): Promise<void>
  }
  readonly connectionManager: { getConnections(): Connection[] }
}

export function signalForwarder(init: SignalForwarderInit) {
  const limits = init.limits ?? circuitLimits
  const limit = { bytes: limits.bytes, seconds: Math.ceil(limits.ms / 1_000) }
  return ({ registrar, connectionManager }: ForwarderComponents) => {
    const requests = createRateLimit(REQUESTS_PER_SECOND, REQUESTS_BURST)
    /** Circuits by the peer that asked for them. */
    const carried = new Map<PeerId, number>()
    const count = (outcome: 'ended' | 'bytes' | 'time' | 'refused') =>
      init.metrics.count('folkmoot_transport_circuits_total', { outcome })

    /** The link to carry a circuit on to, or why there will be none. */
    function judge(connection: Connection, bytes: Uint8Array): Connection | CircuitStatus {
      const from = connection.remotePeer.toString() as PeerId
      const verdict = decodeHop(bytes)
      if (!verdict.ok) return circuitStatus.malformed
      if (verdict.request.type === 'reserve') return circuitStatus.reservationRefused
      const { to } = verdict.request
      if (
        linkKind(connection) === 'relayed' ||
        init.allow(from) !== 'member' ||
        init.allow(to) !== 'member'
      ) {
        return circuitStatus.permissionDenied
      }
      const all = [...carried.values()].reduce((sum, circuits) => sum + circuits, 0)
      if (
        all >= MAX_CIRCUITS ||
        (carried.get(from) ?? 0) >= MAX_CIRCUITS_PER_PEER ||
        !requests.take(from, Date.now())
      ) {
        return circuitStatus.resourceLimit
      }
      const links = connectionManager
        .getConnections()
        .filter((link) => link.remotePeer.toString() === to && linkKind(link) !== 'relayed')
      return byPreference(links)[0] ?? circuitStatus.noReservation
    }

    async function serve(stream: Stream, connection: Connection): Promise<void> {
      const from = connection.remotePeer.toString() as PeerId
      const options = { signal: AbortSignal.timeout(HANDSHAKE_MS) }
      const hop = lpStream(stream, { maxDataLength: MAX_MESSAGE })
      const refuse = async (status: CircuitStatus) => {
        count('refused')
        await hop.write(encodeHopStatus(status), options)
        await stream.close(options)
      }
      const target = judge(connection, (await hop.read(options)).subarray())
      if (typeof target === 'number') return refuse(target)
      carried.set(from, (carried.get(from) ?? 0) + 1)
      let onward: Stream | undefined
      try {
        onward = await target.newStream(STOP_PROTOCOL, options)
        const stop = lpStream(onward, { maxDataLength: MAX_MESSAGE })
        await stop.write(encodeStopConnect(from, limit), options)
        if (!isStopAccepted((await stop.read(options)).subarray())) {
          await onward.close(options)
          return await refuse(circuitStatus.connectionFailed)
        }
        await hop.write(encodeHopStatus(circuitStatus.ok, limit), options)
        count(await carryCircuit(hop.unwrap(), stop.unwrap(), limits))
      } catch (error) {
        onward?.abort(error instanceof Error ? error : new Error('no circuit'))
        throw error
      } finally {
        const left = (carried.get(from) ?? 1) - 1
        if (left === 0) carried.delete(from)
        else carried.set(from, left)
      }
    }

    return {
      start: () =>
        registrar.handle(
          HOP_PROTOCOL,
          (stream, connection) => {
            serve(stream, connection).catch((error: unknown) => {
              init.log.log('debug', 'a circuit failed', { reason: errorMessage(error) })
              stream.abort(error instanceof Error ? error : new Error('no circuit'))
            })
          },
          { maxInboundStreams: 2 * MAX_CIRCUITS_PER_PEER },
        ),
      stop: () => registrar.unhandle(HOP_PROTOCOL),
    }
  }
}
