/**
 * Writes down what a browser profile sends, stores and makes, from before its first page on.
 *
 * @module
 */
import type { BrowserContext, Page, Request } from '@playwright/test'

export interface PageTraffic {
  readonly requests: readonly Request[]
  readonly webSockets: readonly string[]
  /** What pages did that leaves something behind or opens a channel, such as `indexedDB.open`. */
  deeds(page: Page): Promise<string[]>
}

/** What a page holds in this browser. */
export interface Stored {
  readonly databases: string[]
  readonly localStorage: string[]
  readonly sessionStorage: string[]
  readonly caches: string[]
  readonly serviceWorkers: number
  readonly cookies: string
}

/** Runs in the page before its own scripts: wraps every way to keep, to make a key, to connect. */
function watchDeeds(): void {
  const deeds: string[] = []
  Object.defineProperty(globalThis, 'observedDeeds', { value: deeds })
  const watch = (holder: object, name: string, label: string) => {
    const original = Reflect.get(holder, name) as (...given: unknown[]) => unknown
    if (typeof original !== 'function') return
    Reflect.defineProperty(holder, name, {
      configurable: true,
      writable: true,
      value: new Proxy(original, {
        apply: (target, self, given) => {
          deeds.push(label)
          return Reflect.apply(target, self, given)
        },
        construct: (target, given, made) => {
          deeds.push(label)
          return Reflect.construct(target, given, made)
        },
      }),
    })
  }
  watch(IDBFactory.prototype, 'open', 'indexedDB.open')
  watch(Storage.prototype, 'setItem', 'storage.setItem')
  if (globalThis.SubtleCrypto !== undefined) {
    watch(SubtleCrypto.prototype, 'generateKey', 'generateKey')
    watch(SubtleCrypto.prototype, 'sign', 'sign')
  }
  for (const name of ['WebSocket', 'RTCPeerConnection', 'BroadcastChannel', 'EventSource']) {
    watch(globalThis, name, name)
  }
  watch(Navigator.prototype, 'sendBeacon', 'sendBeacon')
}

/** Call it before the profile has a page. */
export async function observeTraffic(context: BrowserContext): Promise<PageTraffic> {
  const requests: Request[] = []
  const webSockets: string[] = []
  context.on('request', (request) => requests.push(request))
  context.on('page', (page) => {
    page.on('websocket', (socket) => webSockets.push(socket.url()))
  })
  await context.addInitScript(watchDeeds)
  return {
    requests,
    webSockets,
    deeds: (page) =>
      page.evaluate(() => [...(Reflect.get(globalThis, 'observedDeeds') as string[])]),
  }
}

export async function readStored(page: Page): Promise<Stored> {
  return page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name ?? ''),
    localStorage: Object.keys(localStorage),
    sessionStorage: Object.keys(sessionStorage),
    // Neither exists outside of a secure context.
    caches: globalThis.caches === undefined ? [] : await caches.keys(),
    serviceWorkers: (await navigator.serviceWorker?.getRegistrations())?.length ?? 0,
    cookies: document.cookie,
  }))
}

export const nothingStored: Stored = {
  databases: [],
  localStorage: [],
  sessionStorage: [],
  caches: [],
  serviceWorkers: 0,
  cookies: '',
}
