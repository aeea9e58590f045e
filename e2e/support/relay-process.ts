/**
 * A real relay as its own process on its own state folder, started and stopped as an operator
 * would, or killed as a power cut would.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Ready } from '../../apps/cli/src/admin-api.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const main = join(root, 'apps', 'cli', 'src', 'main.ts')
/** Generous: founding signs, hashes and compiles on a busy machine. */
const READY_WITHIN_MS = 120_000

export interface RelayProcess extends Ready {
  readonly state: string
  readonly pid: number
  /** Everything it wrote to stderr so far. */
  stderr(): string
  /** GET under the admin listener, with its token; the `data` of the answer. */
  get<T>(path: string): Promise<T>
  /** Runs `folkmoot …` on the same state folder. */
  command(...args: string[]): Promise<{ code: number; out: string; err: string }>
  /** One Ctrl-C; resolves to the exit code. */
  stop(): Promise<number>
  /** SIGKILL. */
  kill(): Promise<void>
  /** Starts again on the same state and the same ports. */
  restart(...args: string[]): Promise<RelayProcess>
}

export interface RelayInit {
  /** Default: a new temporary folder. */
  readonly state?: string
  readonly args?: readonly string[]
}

function exited(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode)
  if (child.signalCode !== null) return Promise.resolve(1)
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
}

function waitForReady(child: ChildProcess, stderr: () => string): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the relay is not ready:\n${stderr()}`)),
      READY_WITHIN_MS,
    )
    createInterface({ input: child.stdout! }).once('line', (line) => {
      clearTimeout(timer)
      try {
        const envelope = JSON.parse(line)
        if (envelope.ok === true) resolve(envelope.data)
        else reject(new Error(`the relay does not start: ${line}`))
      } catch {
        reject(new Error(`the relay's first line is no envelope: ${line}`))
      }
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`the relay ended with ${code}:\n${stderr()}`))
    })
  })
}

export async function startRelay({
  state: given,
  args = [],
}: RelayInit = {}): Promise<RelayProcess> {
  const state = given ?? mkdtempSync(join(tmpdir(), 'folkmoot-relay-'))
  const ports = ['--port', '0', '--tcp-port', '0', '--admin-port', '0']
  const full = [main, 'relay', '--format', 'json', '--state', state, ...ports, ...args]
  const child = spawn(process.execPath, full, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const ready = await waitForReady(child, () => errors)
  return {
    ...ready,
    state,
    pid: child.pid!,
    stderr: () => errors,
    get: async (path) => {
      const { address, token } = JSON.parse(readFileSync(join(state, 'admin.json'), 'utf8'))
      const headers = { authorization: `Bearer ${token}` }
      const answer = await fetch(new URL(path, address), { headers })
      const body = (await answer.json()) as { data?: unknown }
      if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(body)}`)
      return body.data as never
    },
    command: (...given) => runCommand(state, given),
    stop: () => {
      child.kill('SIGINT')
      return exited(child)
    },
    kill: async () => {
      child.kill('SIGKILL')
      await exited(child)
    },
    restart: (...more) =>
      startRelay({ state, args: [...args, '--port', new URL(ready.page).port, ...more] }),
  }
}

/** Runs the command to its end. */
export async function runCommand(
  state: string,
  args: readonly string[],
): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [main, ...args, '--state', state], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const code = await new Promise<number>((resolve) => child.once('close', (c) => resolve(c ?? 1)))
  return { code, out, err }
}

/** Removes a relay's state folder. */
export function forgetState(state: string): void {
  rmSync(state, { recursive: true, force: true })
}
