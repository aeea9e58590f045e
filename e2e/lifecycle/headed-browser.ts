/**
 * A Chromium with windows, on a screen that exists in memory only (Xvfb): a tab in it can be
 * hidden, frozen and discarded, which Playwright's flags prevent.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { browserFlags } from '../support/browser-flags.ts'
import { type Cdp, connectCdp } from './cdp.ts'

export interface HeadedBrowser {
  readonly cdp: Cdp
  stop(): Promise<void>
}

/** A machine that runs a whole test beside it may take its time. */
const READY_WITHIN_MS = 60_000

/** Ends a program and all that it started. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  try {
    process.kill(-child.pid!, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
  await gone
}

function firstMatch(child: ChildProcess, fd: number, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines: string[] = []
    const fail = (why: string) => {
      clearTimeout(timer)
      reject(new Error(`${child.spawnfile} ${why}:\n${lines.join('\n')}`))
    }
    const timer = setTimeout(() => fail('is not ready'), READY_WITHIN_MS)
    child.on('error', ({ message }) => fail(message))
    child.on('exit', (code) => fail(`ended with ${code}`))
    createInterface({ input: child.stdio[fd] as NodeJS.ReadableStream }).on('line', (line) => {
      lines.push(line)
      const found = pattern.exec(line)?.[1]
      if (found === undefined) return
      clearTimeout(timer)
      resolve(found)
    })
  })
}

interface Screen {
  readonly display: string
  stop(): Promise<void>
}

/** A screen of our own, or without Xvfb the one that this session has. */
async function openScreen(xvfb: string | undefined): Promise<Screen> {
  if (xvfb === undefined) return { display: process.env.DISPLAY ?? '', stop: async () => {} }
  const child = spawn(
    xvfb,
    ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'], detached: true },
  )
  const number = await firstMatch(child, 3, /^(\d+)$/)
  return { display: `:${number}`, stop: () => end(child) }
}

export async function startHeadedBrowser(): Promise<HeadedBrowser> {
  const screen = await openScreen(process.env.XVFB_PATH || undefined)
  const profile = await mkdtemp(join(tmpdir(), 'folkmoot-browser-'))
  await writeFile(join(profile, 'Local State'), JSON.stringify({ internal_only_uis_enabled: true }))
  const child = spawn(
    process.env.CHROME_PATH || '/usr/bin/chromium',
    [
      ...browserFlags,
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      '--password-store=basic',
      '--no-default-browser-check',
      'about:blank',
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
      env: { ...process.env, DISPLAY: screen.display },
    },
  )
  const stop = async () => {
    await end(child)
    await screen.stop()
    // Its helpers may still be writing for a moment.
    await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 })
  }
  try {
    const cdp = await connectCdp(await firstMatch(child, 2, /DevTools listening on (ws:\S+)/))
    return {
      cdp,
      stop: async () => {
        cdp.close()
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}
