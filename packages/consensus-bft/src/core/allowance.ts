/**
 * How many bytes each asker may have: so many in a row, and more as time passes. A question has sixty
 * bytes and its answer may have a megabyte.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'

export class Allowance {
  /** What each had, less what time had forgiven by then. */
  readonly #had = new Map<PeerId, { readonly bytes: number; readonly at: Millis }>()
  readonly #maxBytes: number
  readonly #bytesPerMs: number

  constructor(maxBytes: number, bytesPerMs: number) {
    this.#maxBytes = maxBytes
    this.#bytesPerMs = bytesPerMs
  }

  /** Whether the asker may have one more answer, of any size. */
  allows(peer: PeerId, now: Millis): boolean {
    return this.#hadBy(peer, now) < this.#maxBytes
  }

  take(peer: PeerId, bytes: number, now: Millis): void {
    this.#had.set(peer, { bytes: this.#hadBy(peer, now) + bytes, at: now })
  }

  #hadBy(peer: PeerId, now: Millis): number {
    const last = this.#had.get(peer)
    return last ? Math.max(0, last.bytes - (now - last.at) * this.#bytesPerMs) : 0
  }
}
