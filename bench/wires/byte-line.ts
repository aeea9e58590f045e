/**
 * Echo and download over a bare line of bytes, be it a TCP socket or a libp2p stream: what ours
 * stands beside. Runs in Node and in a tab.
 *
 * @module
 */
import type { Stream } from '@libp2p/interface'

/** A two-way line of bytes. */
export interface ByteLine {
  /** Resolves when the line can take more. */
  send(bytes: Uint8Array): Promise<void> | void
  listen(received: (bytes: Uint8Array) => void): void
}

export const echoProtocol = '/bench/echo/1'
export const pourProtocol = '/bench/pour/1'

/** Bytes of one message of an echo. */
export const messageBytes = 1_024

/** Bytes of one bare write in a download; ours sends items of the same size. */
export const chunkBytes = 64 * 1_024

export function streamLine(stream: Stream): ByteLine {
  return {
    send: (bytes) => (stream.send(bytes) ? undefined : drained(stream)),
    listen: (received) =>
      stream.addEventListener('message', ({ data }) => received(data.subarray())),
  }
}

/** libp2p's own `onDrain` never waits a second time. */
function drained(stream: Stream): Promise<void> {
  return new Promise((resolve) => stream.addEventListener('drain', () => resolve(), { once: true }))
}

/** Sends back whatever comes. */
export function serveEcho(line: ByteLine): void {
  line.listen((bytes) => void line.send(bytes))
}

/** Reads a 4-byte count of chunks, then sends so many. */
export function servePour(line: ByteLine): void {
  line.listen((request) => {
    const chunks = new DataView(request.buffer, request.byteOffset).getUint32(0)
    void (async () => {
      for (let n = 0; n < chunks; n += 1) await line.send(new Uint8Array(chunkBytes))
    })()
  })
}

/** Round trips of `size` bytes: the n-th resolves when n × `size` bytes came back. */
export function echoOver(line: ByteLine, size: number): () => Promise<void> {
  const waiting: (() => void)[] = []
  let returned = 0
  line.listen((bytes) => {
    returned += bytes.byteLength
    while (returned >= size) {
      returned -= size
      waiting.shift()!()
    }
  })
  const message = new Uint8Array(size)
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      void line.send(message)
    })
}

/** Asks for chunks and resolves when all their bytes are here. */
export function downloadOver(line: ByteLine): (chunks: number) => Promise<void> {
  let missing = 0
  let done = () => {}
  line.listen((bytes) => {
    missing -= bytes.byteLength
    if (missing === 0) done()
  })
  return (chunks) =>
    new Promise((resolve) => {
      missing = chunks * chunkBytes
      done = resolve
      const request = new Uint8Array(4)
      new DataView(request.buffer).setUint32(0, chunks)
      void line.send(request)
    })
}
