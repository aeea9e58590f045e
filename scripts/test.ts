/**
 * `npm test`: every check of this repository, one stage after another, all of them even after a
 * failure. The last line on stdout is `N passed, N failed`; the exit code is 0 only without failure,
 * and 3 where no browser, or no screen for one with windows, can be had.
 *
 * Options: `--only STAGE` (repeatable), `--require-data`; other arguments filter test files.
 *
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { findBrowser } from '../e2e/support/find-browser.ts'
import { findScreen } from '../e2e/support/find-screen.ts'
import { buildAll, root, toolEnvironment } from './build.ts'
import { type Counts, type Stage, stages, sum } from './test/stages.ts'

const { values, positionals } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    'require-data': { type: 'boolean', default: false },
  },
  allowPositionals: true,
})

const chosen = stages.filter((stage) => values.only?.includes(stage.name) ?? true)
if (chosen.length === 0) {
  console.error(`npm test: --only takes ${stages.map((stage) => stage.name).join(', ')}`)
  process.exit(2)
}
const needs = (name: Stage['name']) => chosen.some((stage) => stage.name === name)
const needsBrowser = needs('browser') || needs('lifecycle')

const scratch = mkdtempSync(join(tmpdir(), 'folkmoot-test-'))
const notRun = join(scratch, 'not-run')
const data = resolve(root, process.env.FOLKMOOT_DATA || '../shared/data')
const environment: NodeJS.ProcessEnv = {
  ...toolEnvironment,
  FOLKMOOT_DATA: data,
  FOLKMOOT_NOT_RUN: notRun,
  ...(values['require-data'] ? { FOLKMOOT_REQUIRE_DATA: '1' } : {}),
}

const failed: string[] = []
const counts: Counts[] = []

async function prepare(): Promise<boolean> {
  if (values['require-data'] && !existsSync(data)) {
    console.error(`no published test data at ${data}; set FOLKMOOT_DATA`)
    return false
  }
  if (!needs('unit') && !needsBrowser) return true
  try {
    await buildAll()
    return true
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return false
  }
}

if (needsBrowser || needs('unit')) {
  const browser = await findBrowser(join(root, '.cache', 'browser'))
  if (browser !== undefined) environment.CHROME_PATH = browser
  else if (needsBrowser) {
    console.error('no browser: install Chrome or Chromium, or set CHROME_PATH to one')
    process.exit(3)
  }
}
if (needs('lifecycle')) {
  const screen = findScreen()
  if (screen === undefined) {
    console.error('no screen for a browser with windows: install Xvfb')
    process.exit(3)
  }
  if (screen.xvfb !== undefined) environment.XVFB_PATH = screen.xvfb
}

if (!(await prepare())) {
  failed.push('set-up')
  counts.push({ passed: 0, failed: 1 })
}

for (const stage of chosen) {
  console.error(`\n── ${stage.name}`)
  const result = await stage
    .run({
      scratch,
      environment,
      long: process.env.FOLKMOOT_LONG === '1',
      filters: positionals,
    })
    .catch((error: unknown): Counts => {
      console.error(error)
      return { passed: 0, failed: 1 }
    })
  if (result.failed > 0) failed.push(stage.name)
  counts.push(result)
}

const missing = existsSync(notRun)
  ? readFileSync(notRun, 'utf8').split('\n').filter(Boolean).length
  : 0
rmSync(scratch, { recursive: true, force: true })

const total = sum(counts)
console.error('')
for (const failure of total.failures ?? []) console.error(`✗ ${failure}`)
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`)
if (missing > 0) console.log(`${missing} vector tests not run: no data`)
console.log(`${total.passed} passed, ${total.failed} failed`)
const lacking = values['require-data'] && missing > 0
process.exitCode = total.failed > 0 || lacking ? 1 : 0
