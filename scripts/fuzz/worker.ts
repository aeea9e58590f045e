/**
 * Runs one target until its time is over. Before each run the input is copied into memory that the
 * main thread shares, so that even a hang or a crash of this thread leaves its cause behind.
 *
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads'
import { createDice, mutate } from './mutate.ts'
import { targetsOf } from './target.ts'

export interface Job {
  readonly module: string
  readonly target: string
  readonly ms: number
  readonly seed: number
  readonly maxBytes: number
  /** Int32 0: runs so far; Int32 1: length of the input that is running; then its bytes. */
  readonly shared: SharedArrayBuffer
}

export type Report =
  | { readonly type: 'done'; readonly runs: number; readonly kinds: number }
  | { readonly type: 'finding'; readonly what: string; readonly input: Uint8Array }

const job = workerData as Job
const head = new Int32Array(job.shared, 0, 2)
const current = new Uint8Array(job.shared, 8)

/** A target that answers with text has as many kinds as inputs: what is remembered is bounded. */
const MOST_KINDS = 50_000
/** Bytes of inputs that are kept. */
const MOST_KEPT = 32 * 1024 * 1024

/** What a run came to, in few words: inputs that reach a new one are kept and mutated further. */
function kindOf(result: unknown): string {
  // A copy: a part of a string keeps the whole of it, and each answer may be as long as its input.
  if (typeof result === 'string')
    return Buffer.from(result.slice(0, 480)).toString().replaceAll(/\d+/g, '#').slice(0, 240)
  const verdict = result as
    | { ok?: boolean; fault?: { code?: string; message?: string } }
    | undefined
  if (typeof verdict !== 'object' || verdict === null) return String(typeof result)
  if (verdict.ok === true) return 'ok'
  const message = (verdict.fault?.message ?? '').replaceAll(/\d+/g, '#').slice(0, 80)
  return `${verdict.fault?.code}: ${message}`
}

async function main(): Promise<Report> {
  const targets = await targetsOf(await import(job.module))
  const target = targets.find((each) => each.name === job.target)
  if (target === undefined) throw new Error(`no target ${job.target}`)
  const dice = createDice(job.seed)
  const corpus = target.seeds.length > 0 ? [...target.seeds] : [new Uint8Array()]
  const kinds = new Set<string>()
  const until = performance.now() + job.ms
  let runs = 0
  let kept = 0
  while (runs < target.seeds.length || performance.now() < until) {
    const input =
      runs < target.seeds.length
        ? target.seeds[runs]!
        : mutate(
            corpus[dice.below(corpus.length)]!,
            corpus[dice.below(corpus.length)]!,
            dice,
            job.maxBytes,
          )
    current.set(input.subarray(0, current.length))
    head[1] = Math.min(input.length, current.length)
    Atomics.store(head, 0, ++runs)
    try {
      const kind = kindOf(await target.run(input.slice()))
      if (!kinds.has(kind) && kinds.size < MOST_KINDS) {
        kinds.add(kind)
        kept += input.length
        if (corpus.length < 4096 && kept < MOST_KEPT) corpus.push(input)
      }
    } catch (error) {
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
      return { type: 'finding', what, input: input.slice() }
    }
    // Let timers and rejections that the target left behind come to light.
    if (runs % 256 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return { type: 'done', runs, kinds: kinds.size }
}

parentPort?.postMessage(await main())
