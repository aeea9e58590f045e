/**
 * Finds a Chromium for the tests, or installs one: `CHROME_PATH`, an installed Chrome, Chromium or
 * Edge, apt as root, and last `@sparticuz/chromium` from npm (Linux).
 *
 * @module
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { aptInstall } from './apt-install.ts'

const SPARTICUZ = '@sparticuz/chromium@153.0.0'

const names = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'microsoft-edge-stable',
  'microsoft-edge',
]
const macApplications = [
  'Google Chrome.app/Contents/MacOS/Google Chrome',
  'Chromium.app/Contents/MacOS/Chromium',
  'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
]

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A wrapper may exist without a browser behind it (Ubuntu's snap stub), so it must answer. */
function answers(path: string): boolean {
  const told = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 30_000 })
  return told.status === 0 && /\d+\.\d+/.test(told.stdout)
}

function installed(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = [
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...macApplications.flatMap((path) => [
      join('/Applications', path),
      join(process.env.HOME ?? '/', 'Applications', path),
    ]),
  ]
  return candidates.find((path) => isExecutable(path) && answers(path))
}

const byApt = () => (aptInstall('chromium') ? installed() : undefined)

/** Unpacks the npm package's browser into `cache`; a later call finds it there. */
async function byNpm(cache: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  const target = join(cache, 'chromium')
  if (existsSync(target)) return answers(target) ? target : undefined
  console.error(`folkmoot: fetching ${SPARTICUZ} from npm…`)
  await mkdir(cache, { recursive: true })
  await writeFile(join(cache, 'package.json'), '{"private":true,"type":"module"}\n')
  const done = spawnSync('npm', ['install', '--no-audit', '--no-fund', SPARTICUZ], {
    cwd: cache,
    stdio: ['ignore', 2, 2],
  })
  if (done.status !== 0) return undefined
  const entry = createRequire(join(cache, 'package.json')).resolve('@sparticuz/chromium')
  const module = await import(pathToFileURL(entry).href)
  await copyFile(await module.default.executablePath(), target)
  return answers(target) ? target : undefined
}

/** The path of a browser that answers `--version`, or undefined where none can be had. */
export async function findBrowser(cache: string): Promise<string | undefined> {
  const named = process.env.CHROME_PATH
  if (named !== undefined && named !== '') {
    if (isExecutable(named) && answers(named)) return named
    console.error(`folkmoot: CHROME_PATH=${named} is not a browser that starts; looking further`)
  }
  return installed() ?? byApt() ?? (await byNpm(cache))
}
