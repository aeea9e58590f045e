/**
 * The real page on a real relay: for everyone, whatever they read and point with; nothing in its
 * console; the shape that tests and people rely on; and the same verdict on signatures as Node's.
 */
import { rm } from 'node:fs/promises'
import { AxeBuilder } from '@axe-core/playwright'
import { fromHex } from '@folkmoot/codec'
import { checkPublicKey, createChecker, peerIdOf } from '@folkmoot/identity'
import { nodeVerifier } from '@folkmoot/storage/node'
import { publishedData } from '@folkmoot/testing'
import type { Page } from '@playwright/test'
import { expect, test } from './support/fixtures.ts'
import { openModule } from './support/open-module.ts'
import { forgetState, type RelayProcess, startRelay } from './support/relay-process.ts'
import { readSignatureVectors } from './support/signature-vectors.ts'
import { tinyStudy } from './support/tiny-study.ts'

let shared: RelayProcess
const folders: string[] = []

test.describe('the page', () => {
  test.beforeAll(async () => {
    folders.push(await tinyStudy({ units: 12 }))
    shared = await startRelay({ args: ['--study', folders[0]!, '--worker', '1'] })
  })
  test.afterAll(async () => {
    await shared.stop()
    forgetState(shared.state)
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
  })

  /** A study that needs more than everyone who is here: the page stays as it is after Join. */
  async function openEndlessStudy(): Promise<void> {
    const folder = await tinyStudy({ units: 6, quorum: 9 })
    folders.push(folder)
    expect((await shared.command('study', 'open', folder)).code).toBe(0)
  }

  test('axe finds nothing serious before Join, after Join, and when it is finished', async ({
    openTab,
  }) => {
    const tab = await openTab(shared.invite, { script: watchPolicy })
    const { page } = tab
    const join = page.getByRole('button', { name: 'Join', exact: true })
    await expect(join).toBeVisible()
    expect(await seriousFaults(page), 'before Join').toEqual([])

    await tab.join()
    await tab.until('the study is recorded', ({ study }) => study?.state === 'recorded')
    await expect(page.getByRole('button', { name: 'Verify in this tab' })).toBeVisible()
    await openDetails(page)
    expect(await seriousFaults(page), 'finished').toEqual([])
    await page.locator('.finished').getByRole('button', { name: 'Verify in this tab' }).click()
    await expect(page.getByText(/12 of 12 units.*verified here/)).toBeVisible()

    await openEndlessStudy()
    const second = await openTab(shared.invite, { script: watchPolicy })
    await second.join()
    await second.until('it has worked', ({ study }) => study?.mine === 6)
    await openDetails(second.page)
    expect(await seriousFaults(second.page), 'joined').toEqual([])
    for (const each of [tab, second]) {
      expect(each.errors).toEqual([])
      expect(await violations(each.page)).toEqual([])
    }
  })

  test('every control is reached and used by keyboard alone', async ({ openTab }) => {
    await openEndlessStudy()
    const tab = await openTab(shared.invite)
    const { page } = tab
    const join = page.getByRole('button', { name: 'Join', exact: true })
    await expect(join).toBeVisible()
    expect(await unreachable(page), 'before Join').toEqual([])
    await focusByTab(page, 'Join')
    await page.keyboard.press('Enter')
    await tab.until('joined', ({ joined }) => joined)
    await tab.until('it has worked', ({ study }) => study?.mine === 6)
    // Details open by keyboard too.
    await focusByTab(page, 'Details')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('region', { name: 'Guard' })).toBeVisible()
    for (const name of ['Now', 'Study', 'Peers', 'Decisions', 'Trust', 'Audit', 'Guard']) {
      await expect(page.getByRole('region', { name, exact: true }), name).toBeVisible()
    }
    expect(await unreachable(page), 'joined').toEqual([])

    await focusByTab(page, 'Pause')
    await page.keyboard.press('Enter')
    await tab.until('paused', ({ paused }) => paused?.reason === 'you-paused')
    await focusByTab(page, 'Resume')
    await page.keyboard.press('Space')
    await tab.until('resumed', ({ paused }) => paused?.reason !== 'you-paused')

    // The tiles are one stop of Tab; arrow keys go from one to the next.
    await focusByTab(page, 'Unit 0')
    await page.keyboard.press('ArrowRight')
    expect(await focused(page)).toContain('Unit 1')

    for (const [opener, title] of [
      ['Leave', 'Leave and be forgotten?'],
      ['Report this study', 'Report this study'],
    ] as const) {
      await focusByTab(page, opener)
      await page.keyboard.press('Enter')
      const dialog = page.getByRole('dialog', { name: title })
      await expect(dialog).toBeVisible()
      // The focus stays inside while it is open.
      for (let press = 0; press < 8; press++) {
        await page.keyboard.press('Tab')
        const inside = await page.evaluate(() => {
          const { activeElement } = document
          return activeElement === document.body || activeElement?.closest('dialog') !== null
        })
        expect(inside).toBe(true)
      }
      await page.keyboard.press('Escape')
      await expect(dialog).toBeHidden()
      expect(await focused(page)).toContain(opener)
      expect((await tab.peek())!.joined).toBe(true)
    }
    expect(tab.errors).toEqual([])
  })

  test('peek() shows what was agreed upon, read-only', async ({ openTab }) => {
    const tab = await openTab(shared.invite)
    await expect(tab.page.getByRole('button', { name: 'Join', exact: true })).toBeVisible()
    expect(await tab.peek()).toMatchObject({ peerId: null, joined: false, links: [], ledger: null })
    await tab.join()
    const peek = await tab.until('links and ledger', ({ links, ledger }) => {
      return links.length > 0 && ledger !== null
    })
    const keys = (value: object | null) => Object.keys(value!).sort()
    expect(keys(peek)).toEqual(
      ['federation', 'joined', 'leader', 'ledger', 'links', 'paused', 'peerId', 'study'].sort(),
    )
    expect(keys(peek.links[0]!)).toEqual(['kind', 'peer', 'rttMs'])
    expect(keys(peek.study)).toEqual(['done', 'id', 'mine', 'state', 'total'])
    expect(keys(peek.ledger)).toEqual(
      ['engine', 'epoch', 'finalAtMs', 'height', 'view', 'voters'].sort(),
    )
    expect(peek.ledger!.engine).toBe('bft')
    expect(peek.federation).toBe(shared.federation)
    const changed = await tab.page.evaluate(() => {
      const { folkmoot } = window as unknown as { folkmoot: { peek(): Record<string, unknown> } }
      const shown = folkmoot.peek()
      return {
        peek: Reflect.set(folkmoot, 'peek', () => ({})),
        whole: Reflect.set(shown, 'joined', false),
        inner: Reflect.set(shown.study as object, 'done', 1_000),
        replaced: Reflect.set(window, 'folkmoot', null),
      }
    })
    expect(changed).toEqual({ peek: false, whole: false, inner: false, replaced: false })
  })

  test('no script of another origin runs, and nothing may frame the page', async ({ openTab }) => {
    const tab = await openTab(shared.invite, { script: watchPolicy })
    await tab.join()
    const blocked = await tab.page.evaluate(async () => {
      const script = document.createElement('script')
      script.textContent = 'window.injected = true'
      document.head.append(script)
      const fetched = await fetch('http://127.0.0.1:9/').then(
        () => 'answered',
        () => 'blocked',
      )
      return { injected: Reflect.has(window, 'injected'), fetched }
    })
    expect(blocked).toEqual({ injected: false, fetched: 'blocked' })
    // The observer that finds nothing elsewhere does see a violation.
    expect(await violations(tab.page)).toEqual(expect.arrayContaining(['script-src-elem']))
    expect(await violations(tab.page)).toEqual(expect.arrayContaining(['connect-src']))
  })
})

const data = publishedData('bytes/ed25519')

test('Chromium, its fallback and Node agree on every published ed25519 vector', async ({
  page,
}) => {
  test.skip(data === undefined, 'no published data')
  const { verifying, signing } = readSignatureVectors(data!)
  expect(verifying).toHaveLength(914 + 151 + 12)
  expect(signing).toHaveLength(1_024)

  await openModule(page, 'signature-page.ts')
  await page.waitForFunction(() => typeof window.judgeVectors === 'function')

  const checker = createChecker(nodeVerifier())
  const inNode = (vectors: typeof verifying) =>
    Promise.all(
      vectors.map(({ key, signature, message }) =>
        checker.verify('note', peerIdOf(fromHex(key)), fromHex(signature), fromHex(message)),
      ),
    )
  const all = [...verifying, ...signing]
  const node = await inNode(all)
  const browser = await page.evaluate((vectors) => window.judgeVectors(vectors), all)
  expect(browser.kinds).toEqual(['webcrypto', 'sodium'])
  const differing = all.filter((_, at) => browser.verified[at]!.some((each) => each !== node[at]))
  expect(differing.map(({ name }) => name)).toEqual([])
  expect(all.map(({ key }) => checkPublicKey(fromHex(key)).ok)).toEqual(browser.admitted)
  // Not by saying no to everything: of each kind there is some.
  expect(node.slice(verifying.length).every(Boolean)).toBe(true)
  expect(node.slice(0, verifying.length)).toContain(false)

  const signed = await page.evaluate((vectors) => window.signVectors(vectors), signing)
  expect(signed).toEqual(signing.map(({ key, signature }) => `${key} ${signature}`))
})

/** Runs in the page: remembers what its policy stopped. */
const watchPolicy = `
  window.stopped = []
  addEventListener('securitypolicyviolation', (event) => stopped.push(event.effectiveDirective))
`
function violations(page: Page): Promise<string[]> {
  return page.evaluate(() => [...(Reflect.get(window, 'stopped') as string[])])
}

async function seriousFaults(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).slice(0, 3)}`)
}

async function openDetails(page: Page): Promise<void> {
  await page.locator('summary', { hasText: 'Details' }).first().click()
  await expect(page.getByRole('region', { name: 'Guard' })).toBeVisible()
}

/** What has the focus, as a screen reader would call it. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement
    return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? ''
  })
}

/** Presses Tab until the element called `name` has the focus. */
async function focusByTab(page: Page, name: string): Promise<void> {
  for (let press = 0; press < 150; press++) {
    if ((await focused(page)).startsWith(name)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never came to ${name}`)
}

/** Controls in sight on which Tab, or an arrow key in a group that is one stop, never stands. */
async function unreachable(page: Page): Promise<string[]> {
  await page.evaluate(() => {
    const reached = new Set<Element>()
    // What is there now: the log goes on growing while Tab is pressed.
    const controls = document.querySelectorAll<HTMLElement>(
      'button, a[href], input, select, textarea, summary, [role=button]',
    )
    Object.assign(window, { reached, controls: [...controls] })
    document.addEventListener('focusin', ({ target }) => reached.add(target as Element))
    const { activeElement } = document
    if (activeElement instanceof HTMLElement) activeElement.blur()
  })
  let before = -1
  for (let press = 0; press < 200; press++) {
    await page.keyboard.press('Tab')
    const size = await page.evaluate(() => (Reflect.get(window, 'reached') as Set<Element>).size)
    // Once around: the last of many presses brought nothing new.
    if (press % 40 === 39) {
      if (size === before) break
      before = size
    }
  }
  return page.evaluate(() => {
    const reached = Reflect.get(window, 'reached') as Set<Element>
    const controls = Reflect.get(window, 'controls') as HTMLElement[]
    return controls
      .filter((control) => {
        const visible =
          control.isConnected &&
          control.checkVisibility() &&
          control.closest('dialog:not([open])') === null
        const radio = control instanceof HTMLInputElement && control.type === 'radio'
        // A group of radios or of tiles is one stop of Tab.
        const inGroup =
          control.tabIndex < 0 && control.parentElement?.querySelector('[tabindex="0"]') !== null
        const disabled = (control as HTMLButtonElement).disabled === true
        return visible && !disabled && !radio && !inGroup && !reached.has(control)
      })
      .map((control) => control.outerHTML.slice(0, 120))
  })
}
