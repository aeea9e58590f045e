/**
 * A relay as an operator watches it: what it prints, without any format chosen.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const main = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url))

/** Runs a relay on `state` and `port` until its output holds `text`; answers the output. */
export async function watchTerminal(state: string, port: string, text: string): Promise<string> {
  const ports = ['--port', port, '--tcp-port', '0', '--admin-port', '0']
  const child = spawn(process.execPath, [main, 'relay', '--state', state, ...ports], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let shown = ''
  const seen = new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      shown += chunk
      if (shown.includes(text)) resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', () => reject(new Error(`it ended without “${text}”:\n${shown}`)))
  })
  const timer = setTimeout(() => child.kill('SIGINT'), 120_000)
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    await seen
  } finally {
    clearTimeout(timer)
    child.kill('SIGINT')
    await ended
  }
  return shown
}
