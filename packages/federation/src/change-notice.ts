/**
 * Tells those who show this peer to a person that something changed, many changes as one.
 *
 * @module
 */
import type { Millis, Timers } from '@folkmoot/base'

export interface ChangeNotice {
  changed(): void
  subscribe(listener: () => void): () => void
  stop(): void
}

/** Two frames: a person sees it as at once, and a burst of gossip is drawn once. */
const gatherMs: Millis = 30

export function createChangeNotice(timers: Timers): ChangeNotice {
  const listeners = new Set<() => void>()
  let cancel: (() => void) | null = null
  return {
    changed: () => {
      cancel ??= timers.after(gatherMs, () => {
        cancel = null
        for (const listener of listeners) listener()
      })
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: () => cancel?.(),
  }
}
