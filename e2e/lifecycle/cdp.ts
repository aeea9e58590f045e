/**
 * The little of the Chrome DevTools Protocol that these tests speak, over Node's own WebSocket.
 *
 * @module
 */

export interface Cdp {
  /** Resolves with the result; rejects with the browser's words, or when the browser is gone. */
  send<T = unknown>(method: string, params?: object, sessionId?: string): Promise<T>
  /** Hears an event of every session; returns the way to stop. */
  on(method: string, listener: (params: never, sessionId: string | undefined) => void): () => void
  close(): void
}

interface Message {
  readonly id?: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
  readonly method?: string
  readonly params?: unknown
  readonly sessionId?: string
}

/** @param url of the browser's own endpoint, which reaches all its targets by session */
export async function connectCdp(url: string): Promise<Cdp> {
  const socket = new WebSocket(url)
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve()
    socket.onerror = () => reject(new Error(`no browser at ${url}`))
  })
  let next = 0
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  const listeners = new Map<string, Set<(params: never, session: string | undefined) => void>>()

  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data)) as Message
    if (message.id === undefined) {
      for (const listener of listeners.get(message.method ?? '') ?? []) {
        listener(message.params as never, message.sessionId)
      }
      return
    }
    const call = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.error === undefined) call?.resolve(message.result)
    else call?.reject(new Error(message.error.message))
  }
  socket.onclose = () => {
    for (const call of waiting.values()) call.reject(new Error('the browser is gone'))
    waiting.clear()
  }

  return {
    send<T>(method: string, params: object = {}, sessionId?: string) {
      if (socket.readyState !== WebSocket.OPEN) throw new Error('the browser is gone')
      const id = next++
      const call = Promise.withResolvers<unknown>()
      waiting.set(id, call)
      socket.send(JSON.stringify({ id, method, params, sessionId }))
      return call.promise as Promise<T>
    },
    on(method, listener) {
      const set = listeners.get(method) ?? new Set()
      listeners.set(method, set.add(listener))
      return () => set.delete(listener)
    },
    close: () => socket.close(),
  }
}
