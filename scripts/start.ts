/**
 * `npm start`: builds what is stale, then becomes `folkmoot relay` in this same process, so that
 * one signal reaches it once.
 *
 * @module
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildAll, root } from './build.ts'
import { usualWorker } from './usual-worker.ts'

try {
  await buildAll()
} catch (error) {
  console.error(`folkmoot: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(3)
}

// When the process that npm started dies without a word, nobody could stop this one by Ctrl-C.
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM')
}, 1000).unref()

const main = join(root, 'apps', 'cli', 'src', 'main.ts')
const args = process.argv.slice(2)
const worker = usualWorker(args, process.env)
process.argv = [process.execPath, main, 'relay', ...worker, ...args]
await import(pathToFileURL(main).href)
