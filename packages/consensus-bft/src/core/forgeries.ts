/**
 * Bounds what a peer costs that sends what does not verify. Honest peers check before they pass
 * anything on, so each false signature is its sender's fault; after a number of them nothing more
 * is heard of that peer until time has forgiven some.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'

/** False signatures at once; a change of voters at the wrong moment may bring a few. */
const MAX_FORGERIES = 32
/** One is forgiven after this long. */
const FORGIVEN_MS: Millis = 1_000

export class Forgeries {
  readonly #counts = new Map<PeerId, { count: number; at: Millis }>()
  /** Who sent what is being looked at. */
  #sender: PeerId | undefined
  /** Whose signatures are under way, by token. */
  readonly #asked = new Map<number, PeerId>()
  /** Tokens of which no more than one false signature is counted. */
  readonly #forgiven = new Set<number>()

  get sender(): PeerId | undefined {
    return this.#sender
  }

  /** Whatever is sent to be verified meanwhile is on this peer's account. */
  from<T>(sender: PeerId | undefined, look: () => T): T {
    const outer = this.#sender
    this.#sender = sender
    try {
      return look()
    } finally {
      this.#sender = outer
    }
  }

  verifying(token: number): void {
    if (this.#sender !== undefined) this.#asked.set(token, this.#sender)
  }

  /** Where the sender may not have known: many false signatures under way count as one. */
  forgiveAllButOne(token: number): void {
    this.#forgiven.add(token)
  }

  /** An answer has come; the peer that it is about, which is counted if anything was false. */
  verified(token: number, ok: readonly boolean[], now: Millis): PeerId | undefined {
    const sender = this.#asked.get(token)
    this.#asked.delete(token)
    const isForgiven = this.#forgiven.delete(token)
    const found = ok.filter((each) => !each).length
    const forged = isForgiven ? Math.min(found, 1) : found
    if (sender !== undefined && forged > 0) this.#count(sender, forged, now)
    return sender
  }

  /** What whoever is looked at sent is false on its face: as bad as one false signature. */
  blame(now: Millis): void {
    if (this.#sender !== undefined) this.#count(this.#sender, 1, now)
  }

  isMuted(peer: PeerId, now: Millis): boolean {
    return this.#countOf(peer, now) >= MAX_FORGERIES
  }

  #count(sender: PeerId, forged: number, now: Millis): void {
    this.#counts.set(sender, { count: this.#countOf(sender, now) + forged, at: now })
  }

  #countOf(peer: PeerId, now: Millis): number {
    const known = this.#counts.get(peer)
    if (!known) return 0
    const left = Math.min(known.count, 2 * MAX_FORGERIES) - (now - known.at) / FORGIVEN_MS
    if (left <= 0) this.#counts.delete(peer)
    return Math.max(0, left)
  }
}
