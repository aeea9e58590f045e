/**
 * Builds the gallery, takes a picture of every view and state of the page in light and dark,
 * on a phone and on a desktop, and asks axe about each. Fails when axe finds anything serious,
 * when something reaches beyond the edge, or when a text is cut off.
 *
 *   node e2e/screenshots.ts [name …]      only the states whose names contain one of these
 *
 * @module
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, chromium, type Page } from '@playwright/test'
import { shrinkPicture } from './shrink-picture.ts'

const root = join(import.meta.dirname, '..')
const gallery = join(root, 'apps/web/.cache/gallery')
const pictures = join(root, 'docs/screenshots')

const SCREENS = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 900 },
} as const
/** Around the picture of a part, in pixels. */
const MARGIN = 20
const SCHEMES = ['light', 'dark'] as const

interface Scene {
  readonly state: string
  readonly clicks: readonly string[]
  /** Show this part alone, where the rest is as in other pictures. */
  readonly part?: string
}

const DETAILS = '.details > summary'
/** States that differ in what the federation agreed. */
const AGREEING = ['joined-offered', 'joined-stalled', 'joined-forked', 'joined-stopped']
/** And in nothing else. */
const SEEN_IN_DETAILS = [
  'joined-committee',
  'joined-stale',
  'joined-offered-third',
  'joined-offered-fifth',
  'joined-offered-standby',
  'joined-standby',
  'joined-two-voters',
  'joined-raft',
  'joined-lone-tab',
  'joined-weighted',
]

/** Pictures of parts, and of states that only a click brings about. */
const SCENES: Record<string, Scene> = {
  'joined-details': { state: 'joined', clicks: [DETAILS] },
  ...Object.fromEntries(
    [...AGREEING, ...SEEN_IN_DETAILS].map((state) => [
      `${state}-decisions`,
      { state, clicks: [DETAILS], part: '.region-decisions' },
    ]),
  ),
  'joined-log-entry': { state: 'joined', clicks: ['.entries summary >> nth=0'] },
  'joined-unit': { state: 'joined', clicks: ['.tile[data-unit="25"]'] },
  'leave-dialog': { state: 'joined', clicks: ['button.leave'] },
  'leave-voter-dialog': { state: 'joined-two-voters', clicks: ['button.leave'] },
  'share-dialog': { state: 'joined', clicks: ['.share button >> nth=1'] },
  'report-dialog': {
    state: 'joined',
    clicks: [DETAILS, '.region-study .actions button >> nth=0'],
  },
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** The policy under which the relay serves the page; a violation shows as a failed picture. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"

function findBrowser(): string | undefined {
  const places = [
    process.env.CHROME_PATH,
    '/usr/bin/chromium',
    '/usr/bin/google-chrome',
    '/usr/bin/chromium-browser',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ]
  return places.find((place) => place !== undefined && existsSync(place))
}

function serve(folder: string): Promise<Server> {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    try {
      const body = await readFile(join(folder, path))
      const type = TYPES[extname(path)] ?? 'application/octet-stream'
      response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY })
      response.end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

/** Text that is cut off, and elements that reach beyond the page's edge. */
function findClipped(): string[] {
  const found: string[] = []
  const wide = document.documentElement.clientWidth
  for (const element of document.querySelectorAll<HTMLElement>('body *')) {
    const box = element.getBoundingClientRect()
    if (box.width === 0 || element.closest('.visually-hidden, svg, [data-clip]')) continue
    const name = `${element.tagName.toLowerCase()}.${element.className}`
    if (box.right > wide + 1) found.push(`${name} reaches ${Math.round(box.right)} of ${wide}`)
    const hides = getComputedStyle(element).overflowX === 'hidden'
    if (hides && element.scrollWidth > element.clientWidth + 1) found.push(`${name} is cut off`)
  }
  return found
}

/** Texts of a drawing that fall outside of it. */
function findOutside(): string[] {
  const found: string[] = []
  for (const text of document.querySelectorAll<SVGTextElement>('svg text')) {
    const box = text.getBoundingClientRect()
    const frame = text.ownerSVGElement?.getBoundingClientRect()
    if (frame && (box.left < frame.left - 1 || box.right > frame.right + 1)) {
      found.push(`text "${text.textContent}" leaves its drawing`)
    }
  }
  return found
}

async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).slice(0, 3)}`)
}

/** Waits for what the page loads by itself after its first paint. */
async function settle(page: Page): Promise<void> {
  await page.locator('main').waitFor()
  const topology = page.locator('.topology')
  if ((await topology.count()) > 0) await topology.locator('svg').waitFor()
}

/** Makes the window as high as the page, so that what is fixed to an edge stays there. */
async function showWhole(page: Page, viewport: { width: number; height: number }): Promise<void> {
  const height = await page.evaluate(() => document.documentElement.scrollHeight)
  if (height > viewport.height) await page.setViewportSize({ ...viewport, height })
}

interface Shot {
  readonly name: string
  readonly screen: keyof typeof SCREENS
  readonly colorScheme: (typeof SCHEMES)[number]
}

const shotsOf = (name: string): Shot[] =>
  SCHEMES.flatMap((colorScheme) => [
    { name, screen: 'phone', colorScheme },
    { name, screen: 'desktop', colorScheme },
  ])

/** A part of the page with some of its ground, so that nothing stands at the picture's edge. */
async function around(page: Page, part: string) {
  const box = (await page.locator(part).boundingBox())!
  const left = Math.max(0, box.x - MARGIN)
  const top = Math.max(0, box.y - MARGIN)
  const { width, height } = page.viewportSize()!
  return {
    x: left,
    y: top,
    width: Math.min(width, box.x + box.width + MARGIN) - left,
    height: Math.min(height, box.y + box.height + MARGIN) - top,
  }
}

/** Takes one picture and returns what is wrong with it. */
async function picture(browser: Browser, origin: string, shot: Shot): Promise<string[]> {
  const { name, screen, colorScheme } = shot
  const scene: Scene = SCENES[name] ?? { state: name, clicks: [] }
  const viewport = SCREENS[screen]
  const found: string[] = []
  const context = await browser.newContext({
    viewport,
    colorScheme,
    reducedMotion: 'reduce',
    hasTouch: screen === 'phone',
  })
  const page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error') found.push(message.text())
  })
  page.on('pageerror', (error) => found.push(error.message))
  await page.goto(`${origin}/gallery.html?state=${scene.state}`)
  await settle(page)
  for (const click of scene.clicks) await page.locator(click).click()
  // Decisions are loaded when Details are opened.
  if (scene.clicks.includes(DETAILS)) await page.locator('.seats').waitFor()
  if (name === 'joined-details') await page.locator('.plot canvas').nth(1).waitFor()
  if (name === 'share-dialog') await page.locator('.qr path').waitFor()
  if (!name.endsWith('dialog')) await showWhole(page, viewport)
  const clip = scene.part === undefined ? undefined : await around(page, scene.part)
  const png = shrinkPicture(await page.screenshot({ ...(clip && { clip }) }))
  await writeFile(join(pictures, `${name}.${screen}.${colorScheme}.png`), png)
  found.push(
    ...(await seriousFaults(page)),
    ...(await page.evaluate(findClipped)),
    ...(await page.evaluate(findOutside)),
  )
  await context.close()
  return found.map((fault) => `${name} ${screen} ${colorScheme}: ${fault}`)
}

async function allStates(browser: Browser, origin: string): Promise<string[]> {
  const page = await browser.newPage()
  await page.goto(`${origin}/gallery.html`)
  const names = await page.locator('#states a').allTextContents()
  await page.close()
  return [...names.filter((name) => !SEEN_IN_DETAILS.includes(name)), ...Object.keys(SCENES)]
}

const executablePath = findBrowser()
execFileSync(
  process.execPath,
  [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--mode', 'gallery', '--logLevel', 'warn'],
  { cwd: root, stdio: 'inherit' },
)
await mkdir(pictures, { recursive: true })
const server = await serve(gallery)
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const browser = await chromium.launch({
  ...(executablePath ? { executablePath } : {}),
  args: ['--no-sandbox', '--force-color-profile=srgb'],
})
const wanted = process.argv.slice(2)
const names = (await allStates(browser, origin)).filter(
  (name) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
)
const faults: string[] = []
for (const name of names) {
  const shots = shotsOf(name).map((shot) => picture(browser, origin, shot))
  faults.push(...(await Promise.all(shots)).flat())
}
await browser.close()
server.close()
for (const fault of faults) process.stderr.write(`${fault}\n`)
const count = names.length * SCHEMES.length * Object.keys(SCREENS).length
process.stdout.write(`${count} pictures of ${names.length} states, ${faults.length} faults\n`)
process.exitCode = faults.length === 0 ? 0 : 1
