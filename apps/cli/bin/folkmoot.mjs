#!/usr/bin/env node
/**
 * Starts the `folkmoot` command under the Node that this repository pins, whatever Node was used
 * to get here. Plain JavaScript, because an older Node has to be able to read it.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const node = join(root, 'node_modules', '.bin', 'node')
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

if (Number(process.versions.node.split('.')[0]) >= 24) {
  process.argv[1] = main
  await import(new URL('../src/main.ts', import.meta.url).href)
} else if (!existsSync(node)) {
  console.error('folkmoot: not set up yet; run `npm start` or `npm test` in the checkout once')
  process.exitCode = 3
} else {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // A terminal signals this process and its child alike; the child counts signals that arrive
  // together as one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? code : 128 + (constants.signals[signal] ?? 0)
  })
}
