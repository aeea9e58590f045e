/**
 * Keeps this node connected to its relays and reserved on them. A relay that dies is redialled for
 * as long as it takes; when it returns, everyone reserves again with jitter.
 *
 * @module
 */
import { errorMessage, type Logger, type Millis } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Libp2p, PeerId as Libp2pPeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'

const RETRY_MIN_MS: Millis = 500
const RETRY_MAX_MS: Millis = 15_000
const ATTEMPT_MS: Millis = 8_000
/** Spread of the first attempt after a relay was lost, so that a class does not return at once. */
const RETURN_SPREAD_MS: Millis = 1_500

/** The part of libp2p's circuit transport that makes reservations; its types are not exported. */
export interface CircuitClient {
  readonly reservationStore: {
    addRelay(peer: Libp2pPeerId, type: 'configured'): Promise<unknown>
    hasReservation(peer: Libp2pPeerId): boolean
  }
}

export interface RelayKeeperInit {
  readonly libp2p: Libp2p
  readonly circuit: CircuitClient
  /** Multiaddrs that end in the relay's peer id. */
  readonly relays: readonly string[]
  readonly log: Logger
  readonly dice: () => number
  /** Told when a reservation was made. */
  readonly onReserved: () => void
}

export interface RelayKeeper {
  isRelay(peer: PeerId): boolean
  /** Addresses of relays that we are connected to. */
  connected(): string[]
  /** Addresses of relays that hold a reservation for us. */
  reserved(): string[]
  nudge(): void
  stop(): void
}

interface RelayEntry {
  readonly address: string
  readonly peer: PeerId
  failures: number
  busy: boolean
  timer: ReturnType<typeof setTimeout> | undefined
}

/** The peer id at the end of a multiaddr. */
export function peerOfAddress(address: string): PeerId | undefined {
  try {
    const component = multiaddr(address)
      .getComponents()
      .findLast(({ name }) => name === 'p2p')
    return component?.value as PeerId | undefined
  } catch {
    return undefined
  }
}

export function keepRelays(init: RelayKeeperInit): RelayKeeper {
  const { libp2p, circuit, log, dice } = init
  const store = circuit.reservationStore
  // libp2p never again tries a relay that once failed; ours are chosen, so they stay eligible.
  Object.assign(store, { relayFilter: { has: () => false, add: () => {}, remove: () => {} } })

  const entries: RelayEntry[] = []
  for (const address of init.relays) {
    const peer = peerOfAddress(address)
    if (peer === undefined) log.log('warn', 'a relay address has no peer id', { address })
    else entries.push({ address, peer, failures: 0, busy: false, timer: undefined })
  }
  let stopped = false

  const isConnected = (entry: RelayEntry) =>
    libp2p
      .getConnections(peerIdFromString(entry.peer))
      .some((connection) => connection.status === 'open' && connection.limits == null)
  const isReserved = (entry: RelayEntry) =>
    isConnected(entry) && store.hasReservation(peerIdFromString(entry.peer))

  async function attempt(entry: RelayEntry): Promise<void> {
    if (entry.busy || stopped || isReserved(entry)) return
    entry.busy = true
    try {
      await libp2p.dial(multiaddr(entry.address), { signal: AbortSignal.timeout(ATTEMPT_MS) })
      await store.addRelay(peerIdFromString(entry.peer), 'configured')
      entry.failures = 0
      init.onReserved()
    } catch (error) {
      entry.failures += 1
      log.log('debug', 'relay not reserved', { reason: errorMessage(error) })
      const wait = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** (entry.failures - 1))
      schedule(entry, wait * (0.5 + dice()))
    } finally {
      entry.busy = false
    }
  }
  function schedule(entry: RelayEntry, delayMs: Millis): void {
    if (stopped) return
    clearTimeout(entry.timer)
    entry.timer = setTimeout(() => void attempt(entry), delayMs)
  }

  const onClose = () => {
    for (const entry of entries) {
      if (!isReserved(entry) && !entry.busy && entry.failures === 0) {
        schedule(entry, dice() * RETURN_SPREAD_MS)
      }
    }
  }
  libp2p.addEventListener('connection:close', onClose)
  for (const entry of entries) void attempt(entry)

  return {
    isRelay: (peer) => entries.some((entry) => entry.peer === peer),
    connected: () => entries.filter(isConnected).map(({ address }) => address),
    reserved: () => entries.filter(isReserved).map(({ address }) => address),
    nudge() {
      for (const entry of entries) {
        entry.failures = 0
        schedule(entry, 0)
      }
    },
    stop() {
      stopped = true
      libp2p.removeEventListener('connection:close', onClose)
      for (const entry of entries) clearTimeout(entry.timer)
    },
  }
}
