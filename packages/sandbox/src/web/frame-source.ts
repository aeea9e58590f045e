/**
 * The code of the sandbox frame, as text. The frame is a stage hand: it starts, stops and replaces
 * Workers when the page says so, and carries messages between the two, after a look at each.
 *
 * @module
 */

/** What page and frame say first; a page older than its relay finds no partner. */
export const framePassword = 'folkmoot-sandbox/1'

/** Live workers in one frame. */
export const mostWorkers = 16

/** The frame's script; `worker` is the text of its Workers. */
export function frameSource(worker: string, attack = ''): string {
  // '<' is escaped so that nothing in the text can end the script element.
  const text = JSON.stringify(worker).replaceAll('<', '\\u003c')
  return `'use strict'
{
  const url = URL.createObjectURL(new Blob([${text}], { type: 'text/javascript' }))
  const workers = new Map()
  const { parent, Worker } = window
  // The policy of a document does not stop WebRTC, so the frame does without.
  for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'RTCDataChannel', 'WebTransport']) {
    delete window[name]
  }

  const isCount = (value) => Number.isSafeInteger(value) && value >= 0
  const isAmount = (value) => typeof value === 'number' && value >= 0 && value <= 1e9
  const shapes = {
    ready: (m) => [],
    beat: (m) => [isCount(m.steps), isAmount(m.computeMs), isAmount(m.restMs), typeof m.paused === 'boolean'],
    done: (m) => [m.output instanceof Uint8Array && m.output.length <= 16777216, isCount(m.steps), isAmount(m.computeMs)],
    failed: (m) => [typeof m.reason === 'string' && m.reason.length < 30, typeof m.detail === 'string' && m.detail.length <= 300],
  }
  const isMessage = (message) => {
    if (typeof message !== 'object' || message === null || !Object.hasOwn(shapes, message.type)) return false
    const checks = shapes[message.type](message)
    return Object.keys(message).length === checks.length + 1 && checks.every(Boolean)
  }

  const serve = (port) => {
    const kill = (id) => {
      workers.get(id)?.terminate()
      workers.delete(id)
    }
    const bury = (id, detail) => {
      kill(id)
      port.postMessage({ worker: id, type: 'dead', detail })
    }
    const open = (id) => {
      const worker = new Worker(url)
      let tokens = 200
      let refilled = performance.now()
      workers.set(id, worker)
      worker.onmessage = ({ data }) => {
        if (workers.get(id) !== worker) return
        const now = performance.now()
        tokens = Math.min(200, tokens + (now - refilled) / 10) - 1
        refilled = now
        if (tokens < 0) return bury(id, 'the worker sent too many messages')
        if (!isMessage(data)) return bury(id, 'the worker sent something that is no message')
        port.postMessage({ worker: id, type: 'message', message: data }, data.type === 'done' ? [data.output.buffer] : [])
      }
      worker.onmessageerror = () => bury(id, 'the worker sent something unreadable')
      worker.onerror = (event) => {
        event.preventDefault()
        bury(id, 'the worker failed')
      }
    }
    port.onmessage = ({ data }) => {
      const { worker: id, type, message } = data
      if (!isCount(id)) return
      if (type === 'open' && !workers.has(id)) {
        if (workers.size < ${mostWorkers}) open(id)
        else port.postMessage({ worker: id, type: 'dead', detail: 'too many workers' })
      } else if (type === 'kill') kill(id)
      else if (type === 'send') workers.get(id)?.postMessage(message)
    }
    port.postMessage({ worker: 0, type: 'hello' })
  }

  // Opened by itself, outside of a sandboxed frame, this page has an origin, and does nothing.
  if (self.origin === 'null' && parent !== window) {
    const greet = (event) => {
      if (event.source !== parent || event.data !== ${JSON.stringify(framePassword)}) return
      if (event.ports.length !== 1) return
      removeEventListener('message', greet)
      serve(event.ports[0])
    }
    addEventListener('message', greet)
  }
  ${attack}
}
`
}
