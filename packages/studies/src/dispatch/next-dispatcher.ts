/**
 * Who leases when the dispatcher is silent. Each peer decides by what it has heard itself; two that
 * differ cost duplicate work and nothing else.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import { compareBytes, concatBytes, fromHex, sha256, utf8 } from '@folkmoot/codec'
import type { PeerId } from '@folkmoot/identity'
import type { StudyId } from '../study-id.ts'
import { uint32 } from '../unit-input.ts'

/** Silence after which the next in order takes over. */
export const silenceMs: Millis = 15_000

/** The present peer with the lowest SHA-256(study ‖ round ‖ peer); undefined when nobody is there. */
export function nextDispatcher(
  study: StudyId,
  round: number,
  present: Iterable<PeerId>,
): PeerId | undefined {
  let best: { peer: PeerId; hash: Uint8Array } | undefined
  for (const peer of present) {
    const hash = sha256(concatBytes(fromHex(study), uint32(round), utf8(peer)))
    if (best === undefined || compareBytes(hash, best.hash) < 0) best = { peer, hash }
  }
  return best?.peer
}

export interface DispatcherView {
  readonly study: StudyId
  /** Who leases as long as it is heard; commonly the relay. */
  readonly home: PeerId
  /** Peers that are here now, oneself included. */
  readonly present: Iterable<PeerId>
  /** When the home dispatcher was last heard. */
  readonly heardAt: Millis
  readonly now: Millis
}

/**
 * Who should lease now: the home dispatcher while it is heard, then the order of
 * {@link nextDispatcher}, one round further for each {@link silenceMs} of silence of the one before.
 *
 * @param answered rounds whose dispatcher has been heard: it stays
 */
export function currentDispatcher(
  view: DispatcherView,
  answered: (peer: PeerId) => boolean = () => true,
): PeerId | undefined {
  const silent = Math.floor((view.now - view.heardAt) / silenceMs)
  if (silent < 1) return view.home
  const present = new Set(view.present)
  present.delete(view.home)
  let choice: PeerId | undefined
  for (let round = 1; round <= silent && present.size > 0; round++) {
    choice = nextDispatcher(view.study, round, present)
    if (choice === undefined || answered(choice)) return choice
    present.delete(choice)
  }
  return choice
}
