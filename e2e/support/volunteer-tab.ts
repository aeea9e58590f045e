/**
 * A volunteer's tab: a browser profile of its own, the page in it, and what the page says it shows.
 *
 * @module
 */
import type { Browser, BrowserContext, Page } from '@playwright/test'
import { permissions } from './browser-flags.ts'

/** What `window.folkmoot.peek()` returns. */
export interface Peek {
  readonly peerId: string | null
  readonly federation: string | null
  readonly joined: boolean
  readonly paused: null | { readonly reason: string; readonly until?: number }
  readonly links: ReadonlyArray<{
    readonly peer: string
    readonly kind: 'direct' | 'relayed' | 'websocket'
    readonly rttMs: number | null
  }>
  readonly study: null | {
    readonly id: string
    readonly done: number
    readonly total: number
    readonly state: string
    readonly mine: number
  }
  readonly ledger: null | {
    readonly engine: string
    readonly epoch: number
    readonly height: number
    readonly view: number
    readonly voters: readonly string[]
    readonly finalAtMs: number | null
  }
  readonly leader: boolean
}

export interface VolunteerTab {
  readonly context: BrowserContext
  readonly page: Page
  /** Errors that the page did not catch, and what it wrote to `console.error`. */
  readonly errors: string[]
  peek(): Promise<Peek | null>
  /** Presses Join and waits until the page has joined. */
  join(): Promise<Peek>
  /** Waits until `holds` is true of what the page shows. */
  until(what: string, holds: (peek: Peek) => boolean, withinMs?: number): Promise<Peek>
  /** Closes the tab with its profile. */
  close(): Promise<void>
}

export interface TabInit {
  /** False: this browser has no WebRTC. */
  readonly webrtc?: boolean
  /** The clock of this tab runs ahead by so much, in ms. */
  readonly clockOffsetMs?: number
  /** Run in the page before its own scripts. */
  readonly script?: string
  /** An existing profile, for a second tab in it. */
  readonly context?: BrowserContext
  readonly colorScheme?: 'light' | 'dark'
  readonly viewport?: { readonly width: number; readonly height: number }
}

function withoutWebRtc(): void {
  for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'RTCDataChannel']) {
    Reflect.deleteProperty(globalThis, name)
  }
}

function shiftClock(offset: number): void {
  const RealDate = Date
  const now = () => RealDate.now() + offset
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args) => Reflect.construct(target, args.length === 0 ? [now()] : args),
    apply: () => new RealDate(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  })
}

/** Opens a link in a new profile, or in the given one. */
export async function openTab(
  browser: Browser,
  link: string,
  init: TabInit = {},
): Promise<VolunteerTab> {
  const context =
    init.context ??
    (await browser.newContext({
      permissions: [...permissions],
      ...(init.colorScheme === undefined ? {} : { colorScheme: init.colorScheme }),
      ...(init.viewport === undefined ? {} : { viewport: { ...init.viewport } }),
    }))
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  if (init.webrtc === false) await page.addInitScript(withoutWebRtc)
  if (init.clockOffsetMs !== undefined) await page.addInitScript(shiftClock, init.clockOffsetMs)
  if (init.script !== undefined) await page.addInitScript(init.script)
  await page.goto(link)

  const peek = () =>
    page.evaluate(() => {
      const shown = Reflect.get(globalThis, 'folkmoot') as { peek(): unknown } | undefined
      return (shown?.peek() ?? null) as Peek | null
    })

  async function until(
    what: string,
    holds: (peek: Peek) => boolean,
    withinMs = 120_000,
  ): Promise<Peek> {
    const limit = Date.now() + withinMs
    for (;;) {
      const seen = await peek().catch(() => null)
      if (seen !== null && holds(seen)) return seen
      if (Date.now() > limit) {
        throw new Error(
          `waited in vain for: ${what}\n${JSON.stringify(seen)}\n${errors.join('\n')}`,
        )
      }
      await page.waitForTimeout(200)
    }
  }

  return {
    context,
    page,
    errors,
    peek,
    until,
    join: async () => {
      await page.getByRole('button', { name: 'Join', exact: true }).click()
      return until('joined', ({ joined }) => joined)
    },
    close: () => context.close(),
  }
}
