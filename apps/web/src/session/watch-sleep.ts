/**
 * Notices that this tab, or its machine, was asleep: the browser says so, or the clock has jumped
 * between two ticks. They come from a Worker, whose timers a hidden tab does not slow down.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'

const tickMs: Millis = 1_000
/** A tick this late means a sleep; a busy machine delays them by seconds. */
const sleptMs: Millis = 15_000

/** Calls `onTick` about every second, and `onWake` after a sleep; returns the way to stop. */
export function watchSleep(onTick: () => void, onWake: () => void): () => void {
  const source = `setInterval(() => postMessage(0), ${tickMs})`
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  const worker = new Worker(url)
  let last = Date.now()
  worker.onmessage = () => {
    const now = Date.now()
    if (now - last > sleptMs) onWake()
    last = now
    onTick()
  }
  document.addEventListener('resume', onWake)
  return () => {
    worker.terminate()
    URL.revokeObjectURL(url)
    document.removeEventListener('resume', onWake)
  }
}
