/**
 * Keeps a link with every voter: dials those that are missing at the addresses they announced, and
 * remembers these, so that voters find each other again while nobody else is there.
 *
 * @module
 */
import {
  type Clock,
  errorMessage,
  type KeyValueStore,
  type Logger,
  type Millis,
  type Randomness,
  type Timers,
} from '@folkmoot/base'
import { encode, parse, textSchema } from '@folkmoot/codec'
import type { PeerId } from '@folkmoot/identity'
import type { Transport } from '@folkmoot/transport'
import * as v from 'valibot'

export interface VoterLinksInit {
  readonly me: PeerId
  readonly transport: Pick<Transport, 'links' | 'dial' | 'onLinks'>
  /** Everyone who votes now or next. */
  readonly voters: () => readonly PeerId[]
  /** What a peer last said about where it listens; empty where it said nothing. */
  readonly announced: (peer: PeerId) => readonly string[]
  /** Asks others where those are whom it cannot find. */
  readonly ask: () => void
  readonly store: KeyValueStore
  readonly clock: Clock
  readonly timers: Timers
  readonly randomness: Randomness
  readonly logger: Logger
}

export interface VoterLinks {
  /** Looks at once: voters changed, or somebody said where it listens. */
  look(): void
  stop(): void
}

const everyMs: Millis = 1_000
const firstRetryMs: Millis = 500
const lastRetryMs: Millis = 15_000
const addressesKey = (peer: PeerId) => `voters/addresses/${peer}`
const maxAddresses = 8
const addressesSchema = v.pipe(v.array(textSchema(512)), v.maxLength(maxAddresses))

interface Attempt {
  failures: number
  dueAt: Millis
  dialing: boolean
}

export function keepVoterLinks(init: VoterLinksInit): VoterLinks {
  const { me, transport, clock, timers, store } = init
  const attempts = new Map<PeerId, Attempt>()
  /** As they are stored. */
  const known = new Map<PeerId, readonly string[]>()
  let stopped = false

  const addressesOf = async (peer: PeerId): Promise<readonly string[]> => {
    // Others' addresses are not its to announce.
    const fresh = init
      .announced(peer)
      .filter((address) => address.endsWith(`/p2p/${peer}`))
      .slice(0, maxAddresses)
    const stored = known.get(peer) ?? (await load(peer))
    if (fresh.length === 0 || fresh.join() === stored.join()) return stored
    known.set(peer, [...fresh])
    await store.write([{ type: 'put', key: addressesKey(peer), value: encode([...fresh]) }])
    return fresh
  }
  const load = async (peer: PeerId): Promise<readonly string[]> => {
    const bytes = await store.get(addressesKey(peer))
    const parsed = bytes && parse(addressesSchema, bytes)
    const addresses = parsed?.ok ? parsed.value : []
    known.set(peer, addresses)
    return addresses
  }
  const dice = () => (init.randomness.bytes(1)[0] ?? 0) / 256

  const dial = async (peer: PeerId, attempt: Attempt): Promise<void> => {
    attempt.dialing = true
    let reached = false
    try {
      for (const address of await addressesOf(peer)) {
        if (stopped || reached) break
        try {
          reached = (await transport.dial(address)) === peer
        } catch (error) {
          init.logger.log('debug', 'a voter is not where it said', { reason: errorMessage(error) })
        }
      }
    } catch (error) {
      init.logger.log('warn', 'addresses of voters', { reason: errorMessage(error) })
    }
    attempt.dialing = false
    attempt.failures = reached ? 0 : attempt.failures + 1
    if (!reached && !stopped && isPowerOfTwo(attempt.failures)) init.ask()
    const wait = Math.min(lastRetryMs, firstRetryMs * 2 ** attempt.failures)
    attempt.dueAt = clock.now() + wait * (0.5 + dice())
  }

  const look = () => {
    if (stopped) return
    const direct = new Set(
      transport
        .links()
        .filter(({ kind }) => kind !== 'relayed')
        .map(({ peer }) => peer),
    )
    const voters = init.voters().filter((peer) => peer !== me)
    for (const peer of attempts.keys()) if (!voters.includes(peer)) attempts.delete(peer)
    for (const peer of voters) {
      // Also where the link stands: what it said has to be kept for the next start.
      if (init.announced(peer).length > 0) void addressesOf(peer).catch(() => {})
      if (direct.has(peer)) {
        attempts.delete(peer)
        continue
      }
      // The higher of two waits a little, so that they rarely dial each other at once.
      const first = me < peer ? 0 : firstRetryMs
      const fresh = { failures: 0, dueAt: clock.now() + first * dice(), dialing: false }
      const attempt = attempts.get(peer) ?? fresh
      attempts.set(peer, attempt)
      if (!attempt.dialing && attempt.dueAt <= clock.now()) void dial(peer, attempt)
    }
  }
  const cancel = timers.every(everyMs, look)
  const unlink = transport.onLinks(look)
  look()

  return {
    look,
    stop: () => {
      stopped = true
      cancel()
      unlink()
    },
  }
}

/** Ever more seldom, since who does not know today may not know for days. */
function isPowerOfTwo(n: number): boolean {
  return (n & (n - 1)) === 0
}
