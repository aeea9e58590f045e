/**
 * What every npm script calls: does the set-up that is missing, then runs the real script under the
 * Node that this repository pins. Plain JavaScript without dependencies, because it must run on any
 * Node from 18 on, before anything is installed. Set-up output goes to stderr only.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PNPM = 'pnpm@12.21.0'
const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules', '.bin')
const stamp = join(root, 'node_modules', '.folkmoot-lock')

/** Script name → module, fixed arguments, extra environment. */
const scripts = {
  start: ['scripts/start.ts'],
  test: ['scripts/test.ts'],
  'test:long': ['scripts/test.ts', [], { FOLKMOOT_LONG: '1' }],
  bench: ['bench/run.ts'],
  check: ['scripts/test.ts', ['--only', 'floors', '--only', 'types', '--only', 'lint']],
  build: ['scripts/build.ts'],
  fuzz: ['scripts/fuzz.ts'],
  campaign: ['scripts/campaign.ts'],
}

/** npm hands its whole configuration to scripts; pnpm stumbles over parts of it. */
function installEnvironment() {
  const kept = /^npm_config_(registry|proxy|https_proxy|noproxy|ca|cafile|strict_ssl)$/i
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) || kept.test(name)),
  )
}

function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex')
  const current = existsSync(stamp) ? readFileSync(stamp, 'utf8').trim() : ''
  if (current === lock && existsSync(join(bin, 'node'))) return
  console.error('folkmoot: installing dependencies (once per lock file)…')
  // Only what went wrong: this runs before somebody's first start, often under another Node than ours.
  const command = ['-y', PNPM, 'install', '--frozen-lockfile', '--loglevel=error']
  const done = spawnSync('npx', command, {
    cwd: root,
    env: { ...installEnvironment(), CI: process.env.CI ?? 'true' },
    stdio: ['ignore', 2, 2],
  })
  if (done.status !== 0) {
    console.error('folkmoot: installing dependencies failed; see the lines above.')
    process.exit(3)
  }
  writeFileSync(stamp, `${lock}\n`)
}

const [name, ...rest] = process.argv.slice(2)
const script = Object.hasOwn(scripts, name ?? '') ? scripts[name] : undefined
if (script === undefined) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(scripts).join('|')} [arguments]`)
  process.exit(2)
}
install()

const [module, fixed = [], extra = {}] = script
const child = spawn(join(bin, 'node'), [join(root, module), ...fixed, ...rest], {
  cwd: root,
  env: { ...process.env, ...extra, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
  stdio: 'inherit',
})

// A terminal sends Ctrl-C to the whole group and npm forwards it once more; whoever handles it
// counts signals that arrive together as one, so forwarding here is always safe.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))

// npm passes SIGTERM to its shell, which dies of it without a word to whom it started.
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) child.kill('SIGTERM')
}, 1000).unref()

child.on('error', (error) => {
  console.error(`folkmoot: ${error.message}`)
  process.exit(1)
})
child.on('exit', (code, signal) => {
  process.exit(signal === null ? code : 128 + (constants.signals[signal] ?? 0))
})
