/**
 * What libp2p does not mend by itself: gossip streams that died with a superseded connection,
 * doubled links, circuits about to expire, keys whose standing changed, and old connections of a
 * peer that has reloaded.
 *
 * @module
 */
import type { Logger, Millis } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Connection, Stream } from '@libp2p/interface'
import type { NodeParts } from './libp2p-node.ts'
import { byPreference, isForSignalling, linkKind } from './links.ts'
import type { TransportLimits } from './presets.ts'
import type { Standing } from './transport.ts'

const EVERY_MS: Millis = 1_000
/** How long a link stays once a better kind stands, so that streams can move. */
const GRACE_MS: Millis = 4_000
/** How long a second link of the same kind stays: a direct one may be negotiated over it. */
const DOUBLE_MS: Millis = 20_000
/**
 * A connection that cannot answer within this, while a newer one opened, is the dead one. Long,
 * because a busy machine is slow to answer too; meanwhile the newer one is preferred anyway.
 */
const STALE_CHECK_MS: Millis = 6_000
/** How long a revoked key that came to ask is heard. */
const HEARING_MS: Millis = 6_000
const PING = '/ipfs/ping/1.0.0'

export interface UpkeepInit {
  readonly parts: NodeParts
  readonly self: PeerId
  readonly limits: TransportLimits
  readonly allow: (peer: PeerId) => Standing
  readonly isRelay: (peer: PeerId) => boolean
  readonly renewCircuit: (peer: PeerId) => void
  readonly log: Logger
}

export interface Upkeep {
  /** Connections that a newer one may have replaced. */
  readonly suspects: ReadonlySet<string>
  refresh(): void
  /** Asks every connection for a sign of life and cuts those that give none. */
  checkAll(): Promise<void>
  stop(): void
}

/** The part of gossipsub's outbound streams that tells whether they live. */
interface OutboundGossip {
  readonly rawStream: Pick<Stream, 'status' | 'writeStatus'>
}

export function startUpkeep(init: UpkeepInit): Upkeep {
  const { libp2p, gossip, identify } = init.parts
  const suspects = new Set<string>()
  /** Connections that revoked keys opened; those they held before are cut at once. */
  const hearings = new WeakSet<Connection>()
  /** What circuits began with. */
  const begun = new WeakMap<Connection, { readonly lifeMs: Millis; readonly bytes: bigint }>()
  const repairs = new Map<PeerId, { dueAt: Millis; triedAt: Millis; failures: number }>()
  const { streamsOutbound } = gossip as unknown as { streamsOutbound: Map<string, OutboundGossip> }

  function groups(): Map<PeerId, Connection[]> {
    const found = new Map<PeerId, Connection[]>()
    for (const connection of libp2p.getConnections()) {
      if (isForSignalling(connection, init.isRelay)) continue
      const peer = connection.remotePeer.toString() as PeerId
      found.set(peer, [...(found.get(peer) ?? []), connection])
    }
    return found
  }

  async function checkStale(connection: Connection): Promise<void> {
    suspects.add(connection.id)
    try {
      const stream = await connection.newStream(PING, {
        signal: AbortSignal.timeout(STALE_CHECK_MS),
        runOnLimitedConnection: true,
      })
      stream.abort(new Error('only asked whether you are there'))
    } catch (error) {
      connection.abort(error instanceof Error ? error : new Error('stale'))
    } finally {
      suspects.delete(connection.id)
    }
  }

  /**
   * Identify makes gossipsub open its stream anew, on the connection that was identified. It is given
   * `patienceMs` to do so by itself.
   */
  function repairGossip(
    peer: PeerId,
    connection: Connection,
    now: Millis,
    patienceMs: Millis,
  ): void {
    const { status, writeStatus } = streamsOutbound.get(peer)?.rawStream ?? {}
    if (status === 'open' && writeStatus === 'writable') {
      repairs.delete(peer)
      return
    }
    // Reset before gossipsub listened for its end, as by a gate that did not know us yet: it would
    // be written to for ever.
    streamsOutbound.delete(peer)
    const repair = repairs.get(peer) ?? { dueAt: now + patienceMs, triedAt: 0, failures: 0 }
    if (repair.dueAt <= now) {
      repair.triedAt = now
      repair.failures += 1
      repair.dueAt = now + Math.min(15_000, 1_000 * 2 ** repair.failures)
      identify
        .identify(connection, {
          signal: AbortSignal.timeout(5_000),
          runOnLimitedConnection: true,
        })
        .catch(() => {})
    }
    repairs.set(peer, repair)
  }

  function pruneDoubles(connections: readonly Connection[], now: Millis): void {
    const [best, ...others] = byPreference(connections, suspects)
    if (best === undefined) return
    for (const other of others) {
      const grace = linkKind(other) === linkKind(best) ? DOUBLE_MS : GRACE_MS
      if (now - best.timeline.open < grace || now - other.timeline.open < grace) continue
      other.close().catch((error) => other.abort(error as Error))
    }
  }

  /** A circuit is replaced when less than a quarter of its time or of its bytes is left. */
  function renew(peer: PeerId, connection: Connection, now: Millis): void {
    const start = begun.get(connection)
    if (start === undefined || linkKind(connection) !== 'relayed') return
    const isOld = (now - connection.timeline.open) * 4 > start.lifeMs * 3
    if (isOld || (connection.limits?.bytes ?? 0n) * 4n < start.bytes) init.renewCircuit(peer)
  }

  function tick(patienceMs: Millis): void {
    const now = Date.now()
    const all = groups()
    for (const peer of repairs.keys()) if (!all.has(peer)) repairs.delete(peer)
    for (const [peer, connections] of all) {
      const standing = init.allow(peer)
      const oldest = Math.min(...connections.map((connection) => connection.timeline.open))
      const overstayed =
        standing === 'unknown' && !init.isRelay(peer) && now - oldest > init.limits.strangerMs
      if (standing === 'revoked') {
        for (const connection of connections) {
          const heard = now - connection.timeline.open > HEARING_MS
          if (heard || !hearings.has(connection)) connection.abort(new Error('revoked'))
        }
        continue
      }
      if (overstayed) {
        for (const connection of connections) connection.abort(new Error('no standing'))
        continue
      }
      const best = byPreference(connections, suspects)[0]
      if (best === undefined) continue
      if (standing === 'member') repairGossip(peer, best, now, patienceMs)
      // One side decides, so that two links are never both closed.
      if (init.self < peer) {
        if (connections.length > 1) pruneDoubles(connections, now)
        renew(peer, best, now)
      }
    }
  }

  const onOpen = (event: CustomEvent<Connection>) => {
    const opened = event.detail
    const { limits } = opened
    if (limits != null) {
      // libp2p's relay tells ms where the protocol and libp2p's own client mean seconds
      // (circuit-relay-v2 4.2.13): counted as such no circuit would ever be about to expire.
      const { seconds: lifeMs = Number.POSITIVE_INFINITY, bytes = 0n } = limits
      begun.set(opened, { lifeMs, bytes })
    }
    if (init.allow(opened.remotePeer.toString() as PeerId) === 'revoked') hearings.add(opened)
    for (const other of libp2p.getConnections(opened.remotePeer)) {
      // The other end may still be about to finish on it.
      if (isForSignalling(other, init.isRelay)) continue
      if (other.id !== opened.id && other.timeline.open <= opened.timeline.open) {
        void checkStale(other)
      }
    }
  }
  libp2p.addEventListener('connection:open', onOpen)
  const timer = setInterval(() => tick(EVERY_MS), EVERY_MS)

  return {
    suspects,
    refresh() {
      // Who has just been admitted was refused until now, and nothing else would try again. Entries of
      // the ledger may come faster than once a second: what was tried keeps its second.
      for (const repair of repairs.values()) {
        repair.failures = 0
        repair.dueAt = repair.triedAt + EVERY_MS
      }
      tick(0)
    },
    async checkAll() {
      await Promise.all([...groups().values()].flat().map(checkStale))
    },
    stop() {
      clearInterval(timer)
      libp2p.removeEventListener('connection:open', onOpen)
    },
  }
}
