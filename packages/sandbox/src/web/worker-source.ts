/**
 * The code of a Worker in a tab, as text: the runner, and a global scope with nothing left in it.
 *
 * Only WebAssembly without imports runs in there, which can reach no global at all, and the
 * frame's policy forbids the network. Emptying the global scope is the third wall.
 *
 * @module
 */
import { runnerSource } from '../runner-source.ts'

/** Script text for tests that attack from inside; empty in production. */
export interface WorkerAttack {
  /** Runs before the scope is emptied. */
  readonly before?: string
  /** Runs after, with `post` in reach as it would be for whoever broke into the runner. */
  readonly after?: string
}

/** What JavaScript itself defines (ECMA-262, section 19), and nothing of the platform's. */
const kept = `
  Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError Float32Array
  Float64Array Function Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object
  Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol SyntaxError TypeError URIError
  Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet WebAssembly globalThis isFinite
  isNaN parseFloat parseInt undefined`

export function workerSource(attack: WorkerAttack = {}): string {
  return `'use strict'
{
  const post = self.postMessage.bind(self)
  const wait = self.setTimeout.bind(self)
  const turns = new MessageChannel()
  const queue = []
  turns.port1.onmessage = () => queue.shift()()
  const turn = turns.port2.postMessage.bind(turns.port2)
  // A timer of 0 ms waits 4 after a few rounds; a message does not.
  const later = (callback, ms) => {
    if (ms >= 1) return void wait(callback, ms)
    queue.push(callback)
    turn(0)
  }
  const receive = (${runnerSource})(post, later)
  self.addEventListener('message', (event) => receive(event.data))
  ${attack.before ?? ''}
  const kept = new Set(${JSON.stringify(kept.trim().split(/\s+/))})
  for (let scope = self; scope !== null && scope !== Object.prototype; scope = Object.getPrototypeOf(scope)) {
    for (const key of Object.getOwnPropertyNames(scope)) {
      if (kept.has(key)) continue
      try {
        delete scope[key]
        Object.defineProperty(scope, key, { value: undefined })
      } catch {}
    }
  }
  ${attack.after ?? ''}
}
`
}
