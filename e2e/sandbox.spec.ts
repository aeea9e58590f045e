/**
 * The sandbox in a real tab: it runs what it should, as Node does, and nothing gets out of it.
 *
 * Stands on its own: a page under a strict policy, the frame beside it, and a second server that
 * plays the attacker's and writes down every request that reaches it.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, type Page, test } from '@playwright/test'
import { build } from 'vite'
import { assembleStudy, region, type WatStudy } from '../packages/sandbox/src/fixtures/wat-study.ts'
import { createNodeSandbox } from '../packages/sandbox/src/node/index.ts'
import type { Job, Outcome } from '../packages/sandbox/src/sandbox.ts'
import {
  attackSource,
  frameAttempts,
  saveWorld,
  workerAttempts,
} from '../packages/sandbox/src/web/escape-attempts.ts'
import { type FrameAttack, frameDocument } from '../packages/sandbox/src/web/frame-html.ts'

const pagePolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; frame-src 'self'; connect-src 'self'"
const limits = { stepMs: 400, unitMs: 10_000, memoryPages: 16, outputBytes: 4096 }

let site: Server
let sink: Server
let origin: string
let target: string
const leaks: string[] = []
const frames = new Map([['/sandbox.html', frameDocument()]])

const listen = (server: Server) =>
  new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    })
  })

async function bundle(): Promise<string> {
  const web = fileURLToPath(new URL('../packages/sandbox/src/web/index.ts', import.meta.url))
  const output = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: true, rolldownOptions: { input: 'virtual:entry' } },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'virtual:entry' ? `\0${id}` : undefined),
        load: (id) =>
          id === '\0virtual:entry'
            ? `import { createWebSandbox } from ${JSON.stringify(web)}\nwindow.createWebSandbox = createWebSandbox`
            : undefined,
      },
    ],
  })
  const [first] = [output].flat()
  if (first === undefined || !('output' in first)) throw new Error('vite built nothing')
  return first.output[0].code
}

test.beforeAll(async () => {
  const script = await bundle()
  sink = createServer((request, response) => {
    leaks.push(request.url ?? '')
    const headers = { 'access-control-allow-origin': '*', 'content-type': 'text/javascript' }
    const isPage = request.url === '/'
    response.writeHead(200, isPage ? { 'content-type': 'text/html' } : headers).end('1')
  })
  sink.on('upgrade', (request, socket) => {
    leaks.push(request.url ?? '')
    socket.destroy()
  })
  site = createServer(({ url }, response) => {
    const frame = frames.get(url ?? '')
    if (frame !== undefined) {
      // Where an attacker is inside, the document's own policy must do without a server's help.
      const bare = { 'content-type': 'text/html' }
      response.writeHead(200, url === '/sandbox.html' ? frame.headers : bare).end(frame.html)
    } else if (url === '/entry.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
    } else {
      response
        .writeHead(200, { 'content-type': 'text/html', 'content-security-policy': pagePolicy })
        .end(
          '<!doctype html><title>Page</title><body><script type="module" src="/entry.js"></script>',
        )
    }
  })
  target = await listen(sink)
  origin = await listen(site)
})

test.afterAll(() => {
  site.close()
  sink.close()
})

test.beforeEach(async ({ page }) => {
  leaks.length = 0
  await page.goto(origin)
  await page.waitForFunction(() => 'createWebSandbox' in window)
})

type SandboxWindow = Window & {
  createWebSandbox: typeof import('../packages/sandbox/src/web/index.ts').createWebSandbox
}

interface Told {
  readonly outcome: Outcome
  /** From the call to the outcome, in ms. */
  readonly ms: number
}

/** Runs jobs one after another in one sandbox of the page. */
async function runInTab(
  page: Page,
  studies: readonly WatStudy[],
  change: Partial<Job> & { frameUrl?: string; loadMs?: number } = {},
): Promise<Told[]> {
  const codes = await Promise.all(studies.map((study) => assembleStudy(study)))
  const { frameUrl = '/sandbox.html', loadMs = 20_000, input = new Uint8Array(), ...rest } = change
  const told = await page.evaluate(
    async ({ codes, input, init, rest, limits }) => {
      const sandbox = (window as unknown as SandboxWindow).createWebSandbox(init)
      const told = []
      for (const code of codes) {
        const started = performance.now()
        const outcome = await sandbox.run({
          code: Uint8Array.from(code),
          input: Uint8Array.from(input),
          limits,
          share: 1,
          ...rest,
        }).done
        const plain = outcome.ok ? { ...outcome, output: [...outcome.output] } : outcome
        told.push({ outcome: plain, ms: performance.now() - started })
      }
      await sandbox.close()
      return told
    },
    {
      codes: codes.map((code) => [...code]),
      input: [...input],
      init: { frameUrl, loadMs },
      rest,
      limits,
    },
  )
  return told.map(({ outcome, ms }) => ({
    ms,
    outcome: outcome.ok ? { ...outcome, output: Uint8Array.from(outcome.output) } : outcome,
  }))
}

async function outcomeInTab(page: Page, study: WatStudy, change: Partial<Job> = {}) {
  return (await runInTab(page, [study], change))[0]!.outcome
}

/** A study of floats that wanders through every rounding, and through NaN. */
const wandering: WatStudy = {
  declare: `(global $x (mut f64) (f64.const 0.1)) (global $n (mut i32) (i32.const 0))
    (func $turn (result f64)
      (global.set $x (f64.mul (f64.const 3.9999) (f64.mul (global.get $x) (f64.sub (f64.const 1) (global.get $x)))))
      (f64.div (f64.sqrt (f64.sub (global.get $x) (f64.const 0.5))) (f64.nearest (global.get $x))))`,
  step: `(f64.store (i32.mul (i32.const 8) (i32.and (global.get $n) (i32.const 127))) (call $turn))
    (f32.store (i32.add (i32.const 1024) (i32.mul (i32.const 4) (i32.and (global.get $n) (i32.const 127))))
      (f32.neg (f32.demote_f64 (call $turn))))
    (i64.store (i32.const 2048) (i64.xor (i64.load (i32.const 2048)) (i64.reinterpret_f64 (f64.neg (call $turn)))))
    (f64.store (i32.const 2056) (f64.reinterpret_i64 (i64.const 0xfffabcdef0123456)))
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (i32.ge_u (global.get $n) (i32.const 5000))`,
  output: region(0, 2064),
}

const spin = '(loop $forever (br $forever))'
const slow: WatStudy = {
  declare: `(global $n (mut i32) (i32.const 0))
    (func $work (local $i i32) (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 3000000)))))`,
  step: `(call $work) (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (i32.ge_u (global.get $n) (i32.const 800))`,
}

test('a study gives the same bytes in the tab and in Node', async ({ page }) => {
  const node = createNodeSandbox()
  const code = await assembleStudy(wandering)
  const here = await node.run({ code, input: new Uint8Array(), limits, share: 1 }).done
  await node.close()
  const there = await outcomeInTab(page, wandering)
  if (!here.ok || !there.ok) throw new Error(JSON.stringify([here, there]))
  expect(there.output).toEqual(here.output)
  expect(there.steps).toBe(here.steps)
  // Both signs of NaN were on their way, and only the canonical one arrived.
  expect(Buffer.from(here.output).toString('hex')).toContain('000000000000f87f')
  expect(Buffer.from(here.output).toString('hex')).not.toContain('f8ff')
})

test('hostile studies end as they do in Node, and the sandbox works on', async ({ page }) => {
  const patient: WatStudy = { step: '(i32.const 1)' }
  const cases: [reason: string, study: WatStudy][] = [
    ['step-timeout', { step: `${spin} (i32.const 1)` }],
    ['step-timeout', { begin: spin }],
    ['trap', { step: 'unreachable' }],
    ['trap', { declare: '(func $f (result i32) (call $f))', step: '(call $f)' }],
    ['abi', { output: region(65_530, 8) }],
    ['abi', { output: '(i64.const -1)' }],
    ['output-too-large', { output: region(0, 4097) }],
    ['invalid-module', { memory: '(memory (export "memory") 1)' }],
    ['invalid-module', { step: '(memory.grow (i32.const 65536))' }],
    ['invalid-module', { memory: '(memory (export "memory") 65536 65536)' }],
  ]
  const told = await runInTab(
    page,
    cases.flatMap(([, study]) => [study, patient]),
  )
  told.forEach(({ outcome }, index) => {
    const expected = index % 2 === 1 ? { ok: true } : { ok: false, reason: cases[index / 2]![0] }
    expect(outcome, JSON.stringify(cases[Math.floor(index / 2)])).toMatchObject(expected)
  })
})

test('a spinning Worker is replaced soon after it is killed', async ({ page }) => {
  const told = await runInTab(page, [{}, { step: `${spin} (i32.const 1)` }, {}])
  expect(told.map(({ outcome }) => outcome.ok)).toEqual([true, false, true])
  expect(told[2]!.ms).toBeLessThan(2_000)
})

test('a study pauses, resumes and is cancelled; closing removes the frame', async ({ page }) => {
  const code = [...(await assembleStudy(slow))]
  const seen = await page.evaluate(
    async ({ code, limits }) => {
      const sandbox = (window as unknown as SandboxWindow).createWebSandbox()
      const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
      const job = { code: Uint8Array.from(code), input: new Uint8Array(), limits, share: 0.5 }
      const run = sandbox.run(job)
      let steps = 0
      run.onProgress((progress) => {
        steps = progress.steps
      })
      while (steps === 0) await wait(10)
      run.pause()
      await wait(500)
      const paused = steps
      await wait(1_500)
      const still = steps
      run.resume()
      const outcome = await run.done
      const second = sandbox.run(job)
      await wait(100)
      second.cancel()
      const frames = document.querySelectorAll('iframe').length
      await sandbox.close()
      return {
        paused,
        still,
        steps: outcome.ok ? outcome.steps : outcome.detail,
        second: await second.done,
        frames: [frames, document.querySelectorAll('iframe').length],
      }
    },
    { code, limits: { ...limits, stepMs: 1_000, unitMs: 60_000 } },
  )
  expect(seen.paused).toBeLessThan(800)
  expect(seen.still).toBe(seen.paused)
  expect(seen.steps).toBe(800)
  expect(seen.second).toMatchObject({ ok: false, reason: 'cancelled' })
  expect(seen.frames).toEqual([1, 0])
})

/** Serves a frame with an attacker inside and runs a job in it. */
async function attacked(page: Page, attack: FrameAttack): Promise<Told> {
  const frameUrl = `/attacked-${frames.size}.html`
  frames.set(frameUrl, frameDocument(attack))
  const [told] = await runInTab(page, [slow], { frameUrl })
  return told!
}

const reportByDetail = `(escaped, tried) =>
  post({ type: 'failed', reason: 'abi', detail: tried + ' tried, escaped: ' + escaped.join(', ') })`
const workerCount = Object.keys(workerAttempts).length

test('the attempts are real: from an ordinary Worker many succeed', async ({ page }) => {
  const escapes = attackSource(workerAttempts, target, {
    world: 'self',
    wait: 'setTimeout',
    report: '(escaped) => postMessage(escaped)',
  })
  // The attacker's own server, which sets no policy.
  await page.goto(target)
  const escaped = await page.evaluate(
    (text) =>
      new Promise<string[]>((resolve) => {
        const worker = new Worker(URL.createObjectURL(new Blob([text])))
        worker.onmessage = ({ data }) => resolve(data)
      }),
    escapes,
  )
  expect(escaped).toEqual(
    expect.arrayContaining([
      'fetch',
      'XMLHttpRequest',
      'import() of data',
      'eval',
      'Function from a prototype',
      'indexedDB',
      'private file system',
      'locks',
      'importScripts',
      'a Worker of its own',
    ]),
  )
  expect(leaks).toEqual(
    expect.arrayContaining(['/leak?fetch', '/leak?xhr', '/leak?ws', '/leak?nested']),
  )
})

async function listenOnChannel(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const heard: unknown[] = []
    new BroadcastChannel('folkmoot').onmessage = ({ data }) => heard.push(data)
    Object.assign(window, { heard })
  })
  return () => page.evaluate(() => (window as unknown as { heard: unknown[] }).heard.length)
}

for (const [name, world] of [
  ['with its scope emptied', 'globalThis'],
  ['with everything that a Worker has', 'world'],
] as const) {
  test(`nothing gets out of the Worker ${name}`, async ({ page }) => {
    const heard = await listenOnChannel(page)
    const after = attackSource(workerAttempts, target, {
      world,
      wait: 'wait',
      report: reportByDetail,
    })
    // The job would report first; the attacker is alone in this Worker.
    const before = `${saveWorld}\nself.addEventListener('message', (event) => event.stopImmediatePropagation(), true)`
    const { outcome } = await attacked(page, { worker: { before, after } })
    expect(outcome).toMatchObject({ ok: false, detail: `${workerCount} tried, escaped: ` })
    expect(leaks).toEqual([])
    expect(await heard()).toBe(0)
  })
}

test('nothing gets out of the frame', async ({ page }) => {
  const heard = await listenOnChannel(page)
  await page.evaluate(() => {
    Object.assign(window, { folkmoot: { secret: 1 } })
    localStorage.setItem('secret', '1')
    addEventListener('message', ({ data }) => Object.assign(window, { report: data }))
  })
  const report = `(escaped, tried) => parent.postMessage({ escaped, tried }, '*')`
  const { 'itself elsewhere': leave, ...staying } = frameAttempts
  const scope = { world: 'window', wait: 'setTimeout', report }
  const attacking = frameDocument({ frame: attackSource(staying, target, scope) })
  frames.set('/attacking-frame.html', attacking)
  await page.evaluate(() => {
    const frame = document.createElement('iframe')
    frame.setAttribute('sandbox', 'allow-scripts')
    frame.src = '/attacking-frame.html'
    document.body.append(frame)
  })
  await page.waitForFunction(() => 'report' in window, undefined, { timeout: 150_000 })
  expect(await page.evaluate(() => (window as unknown as { report: unknown }).report)).toEqual({
    escaped: [],
    tried: Object.keys(staying).length,
  })
  frames.set(
    '/leaving-frame.html',
    frameDocument({ frame: attackSource({ leave: leave! }, target, scope) }),
  )
  await page.evaluate(() => {
    document.querySelector('iframe')!.src = '/leaving-frame.html'
  })
  await page.waitForTimeout(2_000)
  expect(leaks).toEqual([])
  expect(await heard()).toBe(0)
  expect(page.url()).toBe(`${origin}/`)
})

test('a Worker that floods is stopped, and the page goes on', async ({ page }) => {
  const flood = `const flood = () => { for (let i = 0; i < 1e6; i++) post({ type: 'ready' }) }; flood()`
  const { outcome, ms } = await attacked(page, { worker: { after: flood } })
  expect(outcome).toMatchObject({ ok: false })
  expect(!outcome.ok && outcome.detail).toContain('too many messages')
  expect(ms).toBeLessThan(20_000)
  expect(await outcomeInTab(page, {})).toMatchObject({ ok: true })
})

test('a frame that floods is removed, and the page goes on', async ({ page }) => {
  const frame = `addEventListener('message', ({ ports: [port] }) => {
    for (let i = 0; i < 1e5; i++) port.postMessage({ worker: 1, type: 'message', message: { type: 'ready' } })
  })`
  const { outcome } = await attacked(page, { frame })
  expect(outcome.ok).toBe(false)
  expect(await outcomeInTab(page, {})).toMatchObject({ ok: true })
})

test('a Worker that sends nonsense is stopped', async ({ page }) => {
  const nonsense = [
    `'text'`,
    `null`,
    `[]`,
    `{ type: 'done', output: new Uint8Array(4097), steps: 1, computeMs: 1 }`,
    `{ type: 'done', output: new Uint8Array(1 << 26), steps: 1, computeMs: 1 }`,
    `{ type: 'done', output: 'text', steps: 1, computeMs: 1 }`,
    `{ type: 'beat', steps: -1, computeMs: 0, restMs: 0, paused: false }`,
    `{ type: 'beat', steps: 0, computeMs: NaN, restMs: 0, paused: false }`,
    `{ type: 'beat', steps: 0, computeMs: 0, restMs: 1e8, paused: false }`,
    `{ type: 'failed', reason: 'cancelled', detail: '' }`,
    `{ type: 'failed', reason: 'trap', detail: 'x'.repeat(301) }`,
    `{ type: 'ready', more: 1 }`,
    `JSON.parse('{"__proto__": {"type": "done"}, "type": "toString"}')`,
    `{ type: 'constructor' }`,
    `{ type: 'hasOwnProperty' }`,
  ]
  for (const message of nonsense) {
    const { outcome } = await attacked(page, { worker: { after: `post(${message})` } })
    expect(outcome, message).toMatchObject({ ok: false })
    expect(!outcome.ok && outcome.detail, message).toContain('no message')
  }
})

test('opened as a page of its own, the frame has no origin and does nothing', async ({ page }) => {
  await page.goto(`${origin}/sandbox.html`)
  expect(await page.evaluate(() => self.origin)).toBe('null')
})

test('a frame that does not exist is said to be unavailable', async ({ page }) => {
  const [told] = await runInTab(page, [{}], { frameUrl: '/missing-frame', loadMs: 1_000 })
  expect(told!.outcome).toMatchObject({ ok: false, reason: 'unavailable' })
})
