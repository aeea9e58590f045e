/**
 * Appends what was measured to `bench/results/<benchmark>.jsonl`, one line a run.
 *
 * @module
 */
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Figure } from './figure.ts'

const folder = join(import.meta.dirname, '..', 'results')

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  /** Mean of runnable processes over the last minute. */
  readonly load: number
}

export interface Run {
  readonly date: string
  /** The commit, with `+` where the tree held changes. */
  readonly commit: string
  readonly node: string
  readonly machine: Machine
  readonly quick: boolean
  readonly seconds: number
  readonly benchmark: string
  readonly figures: readonly Figure[]
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: Math.round(loadavg()[0]! * 10) / 10,
  }
}

export function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      encoding: 'utf8',
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  try {
    const changed = git('status', '--porcelain', '--', ':/packages', ':/apps', ':/bench/**/*.ts')
    return `${git('rev-parse', '--short', 'HEAD').trim()}${changed.trim() === '' ? '' : '+'}`
  } catch {
    return 'unknown'
  }
}

export function recordResults(run: Run): void {
  mkdirSync(folder, { recursive: true })
  appendFileSync(join(folder, `${run.benchmark}.jsonl`), `${JSON.stringify(run)}\n`)
}
