/**
 * The same WebAssembly in a worker thread with nothing around it: one message in, one out.
 *
 * @module
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Also runs in a tab, as the text of a Worker: plain JavaScript. */
export const bareSource = `
let compiled
async function runBare({ code, input }) {
  compiled ??= await WebAssembly.compile(code)
  const { exports } = await WebAssembly.instantiate(compiled, {})
  const started = performance.now()
  const at = exports.alloc(input.length) >>> 0
  new Uint8Array(exports.memory.buffer, at, input.length).set(input)
  exports.begin(at, input.length)
  while (exports.step() === 0) {}
  exports.output()
  return performance.now() - started
}
`

const threadSource = `
const { parentPort } = require('node:worker_threads')
${bareSource}
parentPort.on('message', (job) => runBare(job).then((ms) => parentPort.postMessage(ms)))
`

export interface BareWorker {
  /** Runs one unit; the time inside WebAssembly, in ms. */
  run(input: Uint8Array): Promise<number>
  stop(): Promise<unknown>
}

export function startBareWorker(code: Uint8Array): BareWorker {
  const worker = new Worker(threadSource, { eval: true })
  return {
    run: async (input) => {
      const answer = once(worker, 'message')
      worker.postMessage({ code, input })
      return ((await answer) as [number])[0]
    },
    stop: () => worker.terminate(),
  }
}
