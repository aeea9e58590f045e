/**
 * The stages of `npm test`: each runs programs, shows their output as it comes, and returns counts.
 *
 * @module
 */
import { type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, toolEnvironment } from '../build.ts'
import { playwrightFailures, vitestFailures } from './failures.ts'

export interface Counts {
  readonly passed: number
  readonly failed: number
  /** What failed, told in a few lines each, where the stage can say. */
  readonly failures?: readonly string[]
}

export interface Context {
  /** A scratch folder for reports. */
  readonly scratch: string
  readonly long: boolean
  readonly environment: NodeJS.ProcessEnv
  /** Test files or name filters; empty means everything. */
  readonly filters: readonly string[]
}

export interface Stage {
  readonly name:
    | 'floors'
    | 'types'
    | 'lint'
    | 'unit'
    | 'fuzz'
    | 'campaigns'
    | 'browser'
    | 'lifecycle'
  run(context: Context): Promise<Counts>
}

/** Runs one program to its end; the exit code, or 1 where a signal ended it. */
function run(command: readonly string[], options: SpawnOptions = {}): Promise<number> {
  const [program, ...args] = command
  return new Promise((resolve) => {
    const child = spawn(program!, args, { cwd: root, stdio: 'inherit', ...options })
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`)
      resolve(1)
    })
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

/** A program that counts as one test. */
async function single(title: string, command: readonly string[]): Promise<Counts> {
  const code = await run(command, { env: toolEnvironment })
  console.error(`${code === 0 ? 'ok' : 'FAILED'}: ${title}`)
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/**
 * Counts from a report, corrected by the exit code: a program that ended badly although its report
 * shows no failure, or that ran nothing at all, has failed once.
 */
function judged(code: number, counts: Counts | undefined): Counts {
  if (counts === undefined) return { passed: 0, failed: 1 }
  const ran = counts.passed + counts.failed
  if (counts.failed === 0 && (code !== 0 || ran === 0)) return { ...counts, failed: 1 }
  return counts
}

function readReport(path: string): Record<string, unknown> | undefined {
  try {
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
  } catch {
    return undefined
  }
}

/** Runs vitest; `prefix` is what stands before it, `more` its further arguments. */
async function vitest(
  { scratch, environment, filters }: Context,
  name: string,
  { prefix = [], more = [] }: { prefix?: readonly string[]; more?: readonly string[] } = {},
): Promise<Counts> {
  const report = join(scratch, `${name}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const command = [...prefix, 'vitest', 'run', ...more, ...reporters, ...filters]
  const code = await run(command, { env: environment })
  const json = readReport(report)
  if (json === undefined) return judged(code, undefined)
  // A file that fails to load has no tests of its own, but is a failure all the same.
  const files = json.testResults as Array<{ status: string; assertionResults: unknown[] }>
  const broken = files.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length
  const passed = Number(json.numPassedTests)
  const failures = vitestFailures(json as unknown as Parameters<typeof vitestFailures>[0], root)
  return judged(code, { passed, failed: Number(json.numFailedTests) + broken, failures })
}

const unit: Stage = { name: 'unit', run: (context) => vitest(context, 'unit') }

const fuzz: Stage = {
  name: 'fuzz',
  run: async ({ scratch, environment, long }) => {
    const report = join(scratch, 'fuzz.json')
    const seconds = long ? '60' : '1'
    const command = ['node', 'scripts/fuzz.ts', '--seconds', seconds, '--report', report]
    const code = await run(command, { env: environment })
    return judged(code, readReport(report) as Counts | undefined)
  },
}

/** Simulated agreement under many seeds; each campaign counts as one test, and so does each mutant. */
const campaigns: Stage = {
  name: 'campaigns',
  run: async ({ scratch, environment, long }) => {
    const counts: Counts[] = []
    const seeds = long ? ['--seeds', '2000', '--minutes', '20'] : ['--minutes', '3']
    const options = [seeds, ['--mutate', '--minutes', '10']]
    for (const [at, more] of options.entries()) {
      const report = join(scratch, `campaigns-${at}.json`)
      const command = ['node', 'scripts/campaign.ts', '--report', report, ...more]
      const code = await run(command, { env: environment })
      counts.push(judged(code, readReport(report) as Counts | undefined))
    }
    return sum(counts)
  },
}

/** A prefix that runs a command with loopback only, where this system lets us make one. */
export function sealedPrefix(): readonly string[] {
  const body = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh']
  for (const flags of process.getuid?.() === 0 ? ['-n', '-rn'] : ['-rn']) {
    const prefix = ['unshare', flags, ...body]
    const tried = spawnSync(prefix[0]!, [...prefix.slice(1), 'true'], { stdio: 'ignore' })
    if (tried.status === 0) return prefix
  }
  return []
}

const browser: Stage = {
  name: 'browser',
  run: async ({ scratch, environment, filters }) => {
    const report = join(scratch, 'playwright.json')
    const prefix = sealedPrefix()
    console.error(
      prefix.length > 0
        ? 'browser tests: sealed from the network (loopback only)'
        : 'browser tests: not sealed from the network (unshare is not permitted here)',
    )
    const command = ['playwright', 'test', '-c', 'e2e/playwright.config.ts']
    const code = await run([...prefix, ...command, '--reporter=list,json', ...filters], {
      env: {
        ...environment,
        PLAYWRIGHT_JSON_OUTPUT_FILE: report,
        FOLKMOOT_SEALED: prefix.length > 0 ? '1' : '0',
      },
    })
    const json = readReport(report)
    const stats = json?.stats as Record<string, number> | undefined
    if (stats === undefined) return judged(code, undefined)
    const { expected = 0, unexpected = 0, flaky = 0 } = stats
    if (flaky > 0) console.log(`${flaky} browser tests passed only when tried again`)
    const failures = playwrightFailures(json?.suites as Parameters<typeof playwrightFailures>[0])
    return judged(code, { passed: expected + flaky, failed: unexpected, failures })
  },
}

/** Tabs in the background, in a browser with windows; the slow ones only in the long run. */
const lifecycle: Stage = {
  name: 'lifecycle',
  run: (context) =>
    vitest(context, 'lifecycle', {
      prefix: sealedPrefix(),
      more: ['-c', 'e2e/lifecycle/vitest.config.ts'],
    }),
}

export const stages: readonly Stage[] = [
  {
    name: 'floors',
    run: () => single('floors', ['node', 'scripts/check-floors.ts']),
  },
  {
    name: 'types',
    run: async () => {
      const counts = [
        await single('types of the pure floors', ['tsc', '-p', 'tsconfig.pure.json']),
        await single('types', ['tsc', '-p', 'tsconfig.json']),
      ]
      return sum(counts)
    },
  },
  { name: 'lint', run: () => single('format and lint', ['biome', 'ci', '--colors=off']) },
  unit,
  fuzz,
  campaigns,
  browser,
  lifecycle,
]

export function sum(all: readonly Counts[]): Counts {
  return all.reduce(
    (total, counts) => ({
      passed: total.passed + counts.passed,
      failed: total.failed + counts.failed,
      failures: [...(total.failures ?? []), ...(counts.failures ?? [])],
    }),
    { passed: 0, failed: 0, failures: [] },
  )
}
