/**
 * Decides when a silent peer counts as gone. Follows the suspicion timeout of Lifeguard
 * (arXiv 1707.00788, section IV): the more peers accuse, the sooner it runs out.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'

export interface SuspicionConfig {
  /** Shortest time a peer may stay suspect, in ms. */
  readonly minMs: Millis
  /** Longest time a peer may stay suspect, in ms; at least `minMs`. */
  readonly maxMs: Millis
  /** Accusers, beyond the first, that bring the wait down to `minMs`. */
  readonly confirmations: number
}

export interface Suspicion {
  readonly since: Millis
  /** The incarnation that is accused; a higher one refutes. */
  readonly incarnation: number
  readonly accusers: ReadonlySet<PeerId>
}

/** The instant at which a suspicion runs out; `health` ≥ 1 stretches it while we ourselves are slow. */
export function suspicionDeadline(
  config: SuspicionConfig,
  suspicion: Suspicion,
  health: number,
): Millis {
  const { size } = suspicion.accusers
  const share = size <= 1 ? 0 : Math.log(size) / Math.log(config.confirmations + 1)
  const wait = Math.max(config.minMs, config.maxMs - share * (config.maxMs - config.minMs))
  return suspicion.since + wait * health
}
