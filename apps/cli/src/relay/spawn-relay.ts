/**
 * The relay's command in a process of its own, for tests that kill it.
 *
 * @module
 */
import { execFile, spawn } from 'node:child_process'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { decode } from '@folkmoot/codec'
import { penguinsFields } from '@folkmoot/example-penguins'
import { within as waitAtMost } from '@folkmoot/federation'
import { nodeTimers } from '@folkmoot/storage/node'
import type { AdminFile, Ready } from '../admin-api.ts'
import { isFree } from './free-port.ts'

const main = join(import.meta.dirname, '../main.ts')
const modules = join(import.meta.dirname, '../../../../examples/penguins/dist')

export type Line = Readonly<Record<string, unknown>>

/** A child process that speaks JSON lines. */
export interface Spoken {
  readonly pid: number
  /** Every line so far. */
  readonly lines: readonly Line[]
  readonly errors: () => string
  readonly exit: Promise<{ readonly code: number | null; readonly signal: string | null }>
  readonly exited: () => boolean
  kill(signal: NodeJS.Signals): void
  /** The first line, old or new, that fits; rejects when the process ends without one. */
  line(fits: (line: Line) => boolean): Promise<Line>
}

/** Starts a program and reads what it says; whoever started it ends it. */
export function speak(command: readonly string[], environment: NodeJS.ProcessEnv = {}): Spoken {
  const [program, ...args] = command
  const child = spawn(program!, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: Line[] = []
  const listeners = new Set<(line: Line | null) => void>()
  let errors = ''
  let exited = false
  let silent = false
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  createInterface(child.stdout)
    .on('line', (text) => {
      const line = JSON.parse(text) as Line
      lines.push(line)
      for (const listener of listeners) listener(line)
    })
    .on('close', () => {
      silent = true
      for (const listener of listeners) listener(null)
    })
  const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('close', (code, signal) => {
      exited = true
      resolve({ code, signal })
    })
  })
  return {
    pid: child.pid!,
    lines,
    errors: () => errors,
    exit,
    exited: () => exited,
    kill: (signal) => void child.kill(signal),
    line: async (fits) => {
      const known = lines.find(fits)
      if (known !== undefined) return known
      return new Promise((resolve, reject) => {
        const listener = (line: Line | null) => {
          if (line !== null && !fits(line)) return
          listeners.delete(listener)
          if (line === null) {
            reject(new Error(`ended without it: ${JSON.stringify(lines.at(-1))}\n${errors}`))
          } else resolve(line)
        }
        listeners.add(listener)
        if (silent) listener(null)
      })
    },
  }
}

/** One command's JSON answer, exit code, and what it said on stderr. */
export async function folkmoot(...args: string[]) {
  const spoken = speak([process.execPath, main, ...args, '--format', 'json'])
  const line = await spoken.line((each) => 'ok' in each)
  const { code } = await spoken.exit
  const { data, error } = line as { data?: unknown; error?: { code: string; message: string } }
  return { exit: code, data, error, notes: spoken.errors() }
}

/** What one command prints for people, on stdout. */
export async function folkmootText(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args])
  return stdout
}

export interface SpawnedRelay extends Spoken {
  /** What it says when it is ready; rejects when it ends before. */
  ready(): Promise<Ready>
  /** One request to its admin listener; throws what it answers when that is a failure. */
  admin<T>(path: string, body?: unknown): Promise<T>
  /** As `admin`, for what is no JSON. */
  bytes(path: string): Promise<Uint8Array>
}

/** For a slow machine; what hangs is named long before its test runs out of time. */
const READY_MS = 180_000

/** `folkmoot relay --format json --state …` with more arguments, or inside another command. */
export function spawnRelay(
  state: string,
  args: readonly string[] = [],
  within: readonly string[] = [],
  /** Where its state can be seen from here, when that is somewhere else. */
  seen: (pid: number) => string = () => state,
): SpawnedRelay {
  const relay = [process.execPath, main, 'relay', '--format', 'json', '--state', state]
  const spoken = speak([...within, ...relay, ...args])
  const ready = async () => {
    const said = spoken.line((each) => 'ok' in each)
    const line = await waitAtMost(nodeTimers, READY_MS, said)
    if (line === undefined) {
      throw new Error(`it is not ready: ${JSON.stringify(spoken.lines.at(-1))}\n${spoken.errors()}`)
    }
    if (line.ok !== true) throw new Error(JSON.stringify(line.error))
    return line.data as Ready
  }
  const fetched = async (path: string, body?: unknown) => {
    const file = JSON.parse(
      await readFile(join(seen(spoken.pid), 'admin.json'), 'utf8'),
    ) as AdminFile
    return fetch(`${file.address}${path}`, {
      headers: {
        authorization: `Bearer ${file.token}`,
        'content-type': 'application/json',
        // A test that keeps its own thread busy would speak on connections that the relay has closed.
        connection: 'close',
      },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
  }
  return {
    ...spoken,
    ready,
    admin: async <T>(path: string, body?: unknown) => {
      const answer = (await (await fetched(path, body)).json()) as
        | { ok: true; data: T }
        | { ok: false; error: { code: string; message: string } }
      if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
      return answer.data
    },
    bytes: async (path) => {
      const answer = await fetched(path)
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
      return new Uint8Array(await answer.arrayBuffer())
    },
  }
}

/** Below what systems give to whoever asks for any port: a relay that is killed finds its own free again. */
const lowest = 12_000
const highest = 32_000

/** Ports that were free a moment ago, as arguments. */
export async function freePorts(): Promise<string[]> {
  const ports: number[] = []
  while (ports.length < 3) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest))
    if (!ports.includes(port) && (await isFree('127.0.0.1', port))) ports.push(port)
  }
  const flags = ['--port', '--tcp-port', '--admin-port']
  return flags.flatMap((flag, at) => [flag, String(ports[at])])
}

/** Writes a small penguins study as a third party would hand it over. */
export async function writePenguins(
  folder: string,
  init: { units: number; permutationsPerUnit: number },
): Promise<string> {
  await mkdir(folder, { recursive: true })
  await cp(modules, folder, { recursive: true })
  const { v: _, comparator: _exact, params, inputs, ...fields } = penguinsFields(init)
  const decoded = decode(params)
  if (!decoded.ok) throw new Error(decoded.fault.message)
  const draft = { ...fields, params: decoded.value, code: 'unit.wasm', reduce: 'reduce.wasm' }
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(draft))
  return folder
}
