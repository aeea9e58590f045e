/**
 * Fuzzes every parser that has a `*.fuzz.ts` beside it. A run that throws, hangs or kills its
 * thread is a finding: the input is saved under `.cache/fuzz` and the exit code is 1.
 *
 * @example node scripts/fuzz.ts --minutes 10 codec
 * @example node scripts/fuzz.ts --replay .cache/fuzz/codec-decode-1f2e codec/decode
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { root } from './build.ts'
import { targetsOf } from './fuzz/target.ts'
import type { Job, Report } from './fuzz/worker.ts'

/** A single run that takes longer hangs; the slowest honest parse is a thousandth of this. */
const HANG_MS = 15_000
const MAX_BYTES = 1 << 18
/** Targets at once: the reference machine has two cores. */
const LANES = 2

const { values, positionals } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string' },
    report: { type: 'string' },
    replay: { type: 'string' },
  },
  allowPositionals: true,
})
const ms = Number(values.minutes ?? 0) * 60_000 + Number(values.seconds ?? 0) * 1000 || 10_000
const seed = Number(values.seed ?? Date.now() % 0x7fffffff)

interface Named {
  readonly module: string
  readonly name: string
}

async function discover(): Promise<Named[]> {
  const found: Named[] = []
  for (const path of globSync('{packages,apps}/*/src/**/*.fuzz.ts', { cwd: root }).sort()) {
    const module = pathToFileURL(join(root, path)).href
    for (const target of await targetsOf(await import(module))) {
      found.push({ module, name: target.name })
    }
  }
  return found.filter(
    ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
  )
}

function fuzzOne({ module, name }: Named): Promise<Report> {
  const shared = new SharedArrayBuffer(8 + MAX_BYTES)
  const head = new Int32Array(shared, 0, 2)
  const running = () => new Uint8Array(shared, 8, head[1]!).slice()
  const job: Job = { module, target: name, ms, seed, maxBytes: MAX_BYTES, shared }
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./fuzz/worker.ts', import.meta.url), {
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: 512, stackSizeMb: 4 },
    })
    let seen = -1
    let since = performance.now()
    const finish = (report: Report) => {
      clearInterval(watch)
      resolve(report)
      void worker.terminate()
    }
    const watch = setInterval(() => {
      const runs = Atomics.load(head, 0)
      if (runs !== seen) {
        seen = runs
        since = performance.now()
      } else if (performance.now() - since > HANG_MS) {
        finish({ type: 'finding', what: `hangs for more than ${HANG_MS} ms`, input: running() })
      }
    }, 500)
    worker.on('message', finish)
    worker.on('error', (error) => {
      finish({ type: 'finding', what: `kills its thread: ${error.message}`, input: running() })
    })
  })
}

async function save(name: string, input: Uint8Array): Promise<string> {
  const id = createHash('sha256').update(input).digest('hex').slice(0, 8)
  const path = join('.cache', 'fuzz', `${name.replaceAll(/[^\w-]+/g, '-')}-${id}`)
  await mkdir(join(root, '.cache', 'fuzz'), { recursive: true })
  await writeFile(join(root, path), input)
  return path
}

/** Fuzzes one target and says how it went; the number of findings, 0 or 1. */
async function fuzzAndTell(named: Named): Promise<number> {
  const report = await fuzzOne(named)
  if (report.type === 'finding') {
    const path = await save(named.name, report.input)
    console.error(`FOUND: ${named.name}: ${report.what}\n  input saved as ${path}`)
    return 1
  }
  // What says the same whatever it is given leads the search nowhere and may look at nothing.
  if (report.kinds < 2) {
    console.error(`BLIND: ${named.name}: ${report.runs} runs had one and the same outcome`)
    return 1
  }
  const rate = Math.round(report.runs / (ms / 1000))
  console.error(
    `ok: ${named.name}: ${report.runs} runs (${rate}/s), ${report.kinds} kinds of outcome`,
  )
  return 0
}

const found = await discover()
if (values.replay !== undefined) {
  const input = new Uint8Array(await readFile(values.replay))
  for (const { module, name } of found) {
    const target = (await targetsOf(await import(module))).find((each) => each.name === name)
    console.log(name, await target?.run(input))
  }
} else {
  console.error(`fuzz: ${found.length} targets, ${ms / 1000} s each, --seed ${seed}`)
  let findings = 0
  const waiting = [...found]
  const lane = async () => {
    for (let named = waiting.shift(); named !== undefined; named = waiting.shift()) {
      const added = await fuzzAndTell(named)
      findings += added
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  console.error(`fuzz: ${found.length} targets, ${findings} findings`)
  const counts = { passed: found.length - findings, failed: findings }
  if (values.report !== undefined) await writeFile(values.report, JSON.stringify(counts))
  process.exitCode = findings > 0 || found.length === 0 ? 1 : 0
}
