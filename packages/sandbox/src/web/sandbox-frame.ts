/**
 * The page's end of the sandbox frame: an iframe with an opaque origin, one MessagePort into it,
 * and a {@link WorkerChannel} per Worker inside.
 *
 * @module
 */
import { FederationError, type Millis } from '@folkmoot/base'
import type { WorkerChannel } from '../supervise-run.ts'
import { framePassword, mostWorkers } from './frame-source.ts'

export interface SandboxFrame {
  /** False once the frame is gone or has misbehaved. */
  readonly alive: boolean
  openWorker(): WorkerChannel
  remove(): void
}

interface Ears {
  onMessage: (data: unknown) => void
  onDeath: (detail: string) => void
}

/** Messages that the whole frame may send at once, and per second: 100 for each worker. */
const burst = 400 * mostWorkers
const perSecond = 100 * mostWorkers

/** @throws FederationError `sandbox/frame` where it does not load or does not answer. */
export async function loadFrame(
  document: Document,
  url: string,
  loadMs: Millis,
): Promise<SandboxFrame> {
  const element = document.createElement('iframe')
  element.setAttribute('sandbox', 'allow-scripts')
  element.setAttribute('allow', '')
  element.setAttribute('aria-hidden', 'true')
  element.tabIndex = -1
  element.title = 'Sandbox'
  element.hidden = true
  element.src = url

  const { port1: port, port2: theirs } = new MessageChannel()
  const workers = new Map<number, Ears>()
  let alive = true
  let lastId = 0
  let tokens = burst
  let refilled = performance.now()

  const remove = (detail: string) => {
    if (!alive) return
    alive = false
    port.close()
    element.remove()
    for (const ears of [...workers.values()]) ears.onDeath(detail)
    workers.clear()
  }

  const hello = Promise.withResolvers<void>()
  port.onmessageerror = () => remove('the sandbox frame sent something unreadable')
  port.onmessage = ({ data }) => {
    const now = performance.now()
    tokens = Math.min(burst, tokens + ((now - refilled) / 1000) * perSecond) - 1
    refilled = now
    const message = tokens < 0 ? undefined : parseFrameMessage(data)
    if (message === undefined) return remove('the sandbox frame misbehaved')
    if (message.type === 'hello') return hello.resolve()
    const ears = workers.get(message.worker)
    if (message.type === 'message') ears?.onMessage(message.message)
    else {
      workers.delete(message.worker)
      ears?.onDeath(message.detail)
    }
  }

  element.addEventListener(
    'load',
    () => element.contentWindow?.postMessage(framePassword, '*', [theirs]),
    { once: true },
  )
  const timer = setTimeout(() => hello.reject(new Error('no answer')), loadMs)
  document.body.append(element)
  try {
    await hello.promise
  } catch (cause) {
    remove('the sandbox frame did not answer')
    throw new FederationError('sandbox/frame', 'the sandbox frame did not load', {
      cause,
      details: { url },
      hint: 'Serve sandboxFrameHtml at this address and allow it in frame-src.',
    })
  } finally {
    clearTimeout(timer)
  }

  return {
    get alive() {
      return alive && element.isConnected
    },
    openWorker: () => {
      const id = ++lastId
      const ears: Ears = { onMessage: () => {}, onDeath: () => {} }
      workers.set(id, ears)
      port.postMessage({ worker: id, type: 'open' })
      return {
        post: (message) => port.postMessage({ worker: id, type: 'send', message }),
        listen: (onMessage, onDeath) => Object.assign(ears, { onMessage, onDeath }),
        kill: () => {
          workers.delete(id)
          if (alive) port.postMessage({ worker: id, type: 'kill' })
        },
      }
    },
    remove: () => remove('the sandbox was closed'),
  }
}

type FrameMessage =
  | { readonly type: 'hello' }
  | { readonly type: 'message'; readonly worker: number; readonly message: unknown }
  | { readonly type: 'dead'; readonly worker: number; readonly detail: string }

/** What a worker said is checked by whoever supervises it. */
function parseFrameMessage(data: unknown): FrameMessage | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { type, worker, message, detail } = data as Record<string, unknown>
  if (!Number.isSafeInteger(worker)) return undefined
  if (type === 'hello') return { type }
  if (type === 'message') return { type, worker: worker as number, message }
  if (type !== 'dead' || typeof detail !== 'string' || detail.length > 100) return undefined
  return { type, worker: worker as number, detail }
}
