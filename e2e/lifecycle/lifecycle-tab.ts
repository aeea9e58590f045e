/**
 * A volunteer's tab that can be hidden, frozen, discarded and woken, in a browser profile of its
 * own, and what its page says it shows.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Peek } from '../support/volunteer-tab.ts'
import type { Cdp } from './cdp.ts'

export interface LifecycleTab {
  peek(): Promise<Peek | null>
  /** Waits until `holds` is true of what the page shows; how long it takes is nobody's question. */
  until(what: string, holds: (peek: Peek) => boolean): Promise<Peek>
  /** The value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T>
  untilTrue(what: string, expression: string): Promise<void>
  press(button: string): Promise<void>
  openDetails(): Promise<void>
  /** Hands a report about the study to the federation: an operation that the voters decide. */
  report(reason: string): Promise<void>
  join(): Promise<Peek>
  /** Puts another tab in front: timers come once a second, and nothing is drawn. */
  hide(): Promise<void>
  show(): Promise<void>
  /** Stops every task of the page, as a browser does with a tab that was long in the background. */
  freeze(): Promise<void>
  resume(): Promise<void>
  /** Throws the page out of memory; `show` loads it anew. */
  discard(): Promise<void>
  close(): Promise<void>
}

const WITHIN_MS = 180_000
const EVERY_MS = 200

interface Target {
  readonly targetId: string
  readonly type: string
  readonly url: string
  readonly browserContextId?: string
}

/** Opens `url` in a new profile, in a window of its own; `script` runs before the page's own. */
export async function openLifecycleTab(
  cdp: Cdp,
  url: string,
  script?: string,
): Promise<LifecycleTab> {
  const { browserContextId } = await cdp.send<{ browserContextId: string }>(
    'Target.createBrowserContext',
  )
  // Without it no candidate is gathered on loopback.
  const permissions = ['audioCapture']
  await cdp.send('Browser.grantPermissions', { browserContextId, permissions })
  const create = async (address: string, newWindow: boolean) =>
    (
      await cdp.send<{ targetId: string }>('Target.createTarget', {
        url: address,
        browserContextId,
        newWindow,
      })
    ).targetId
  const attach = async (targetId: string) =>
    (await cdp.send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true }))
      .sessionId

  let target = await create(script === undefined ? url : 'about:blank', true)
  let session = await attach(target)
  if (script !== undefined) {
    await cdp.send('Page.enable', {}, session)
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: script }, session)
    await cdp.send('Page.navigate', { url }, session)
  }
  let cover: string | undefined

  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await cdp.send<{
      result: { value: T }
      exceptionDetails?: { text: string }
    }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true }, session)
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${exceptionDetails.text}`)
    return result.value
  }
  const peek = () => evaluate<Peek | null>('globalThis.folkmoot?.peek() ?? null')

  async function poll<T>(what: string, ask: () => Promise<T>, holds: (seen: T) => boolean) {
    const limit = Date.now() + WITHIN_MS
    for (;;) {
      const seen = await ask().catch(() => undefined)
      if (seen !== undefined && holds(seen)) return seen
      if (Date.now() > limit) {
        throw new Error(`waited in vain for: ${what}\n${JSON.stringify(seen)}`)
      }
      await sleep(EVERY_MS)
    }
  }
  const until: LifecycleTab['until'] = (what, holds) =>
    poll(what, peek, (seen) => seen !== null && holds(seen)) as Promise<Peek>
  const untilTrue = async (what: string, expression: string) => {
    await poll(what, () => evaluate(expression), Boolean)
  }
  const setState = (state: 'frozen' | 'active') =>
    cdp.send('Page.setWebLifecycleState', { state }, session)

  const tab: LifecycleTab = {
    peek,
    until,
    evaluate,
    untilTrue,
    async press(button) {
      const found = `[...document.querySelectorAll('button')].find(
        (one) => one.textContent.trim() === ${JSON.stringify(button)} && !one.disabled)`
      await untilTrue(`a button ${button}`, `Boolean(${found})`)
      await evaluate(`${found}.click()`)
    },
    async openDetails() {
      await evaluate(`document.querySelector('details.details').open = true`)
      await untilTrue('details', `document.querySelector('.details-body') !== null`)
    },
    async report(reason) {
      await tab.press('Report this study')
      await untilTrue('a dialog', `document.querySelector('dialog[open] textarea') !== null`)
      await evaluate(`(() => {
        const field = document.querySelector('dialog[open] textarea')
        field.value = ${JSON.stringify(reason)}
        field.dispatchEvent(new InputEvent('input', { bubbles: true }))
      })()`)
      await tab.press('Send report')
    },
    async join() {
      await tab.press('Join')
      return until('joined', ({ joined }) => joined)
    },
    async hide() {
      cover ??= await create('about:blank', false)
      await untilTrue('hidden', `document.visibilityState === 'hidden'`)
    },
    async show() {
      await cdp.send('Target.activateTarget', { targetId: target })
      await untilTrue('visible', `document.visibilityState === 'visible'`)
      if (cover !== undefined) await cdp.send('Target.closeTarget', { targetId: cover })
      cover = undefined
    },
    async freeze() {
      await tab.hide()
      await setState('frozen')
    },
    async resume() {
      await setState('active')
      await tab.show()
    },
    async discard() {
      await tab.hide()
      const own = await evaluate<string>('location.href')
      // The browser keeps what a debugger looks at.
      await cdp.send('Target.detachFromTarget', { sessionId: session })
      await discardTab(cdp, own)
      // Its target may have been replaced; the profile's only other page is the cover.
      target = (await poll(
        'a target of the discarded tab',
        async () => {
          const { targetInfos } = await cdp.send<{ targetInfos: Target[] }>('Target.getTargets')
          return targetInfos.find(
            ({ browserContextId: context, targetId, type }) =>
              context === browserContextId && type === 'page' && targetId !== cover,
          )?.targetId
        },
        Boolean,
      )) as string
      session = await attach(target)
    },
    close: () => cdp.send('Target.disposeBrowserContext', { browserContextId }),
  }
  return tab
}

/** What chrome://discards does for a person who presses “Urgent Discard” beside a tab. */
async function discardTab(cdp: Cdp, url: string): Promise<void> {
  const { targetId } = await cdp.send<{ targetId: string }>('Target.createTarget', {
    url: 'chrome://discards/',
    newWindow: true,
  })
  const { sessionId } = await cdp.send<{ sessionId: string }>('Target.attachToTarget', {
    targetId,
    flatten: true,
  })
  const press = `(() => {
    const rows = document.querySelector('discards-main')?.shadowRoot
      .querySelector('discards-tab')?.shadowRoot.querySelectorAll('tbody tr') ?? []
    const row = [...rows].find((one) => one.textContent.includes(${JSON.stringify(url)}))
    const link = [...(row?.querySelectorAll('.actions-cell div') ?? [])]
      .find((one) => one.textContent.includes('Urgent Discard'))
    link?.click()
    return link !== undefined
  })()`
  const limit = Date.now() + WITHIN_MS
  for (;;) {
    const { result } = await cdp.send<{ result: { value: boolean } }>(
      'Runtime.evaluate',
      { expression: press, returnByValue: true },
      sessionId,
    )
    if (result.value) break
    if (Date.now() > limit) throw new Error(`chrome://discards does not list ${url}`)
    await sleep(EVERY_MS)
  }
  await sleep(1_000)
  await cdp.send('Target.closeTarget', { targetId })
}
