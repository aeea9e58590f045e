/**
 * Operations over a TCP socket: a request is a number and 100 bytes, an answer the number and
 * whether it became final.
 *
 * @module
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export const operationBytes = 100
const requestBytes = 4 + operationBytes
const answerBytes = 5

/** Calls `chunk` with every run of `size` bytes that comes in. */
function readChunks(socket: Socket, size: number, chunk: (bytes: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (data: Buffer) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data])
    let at = 0
    for (; rest.length - at >= size; at += size) chunk(rest.subarray(at, at + size))
    rest = rest.subarray(at)
  })
  socket.on('error', () => {})
}

export function readRequests(
  socket: Socket,
  request: (operation: Uint8Array, answer: (ok: boolean) => void) => void,
): void {
  readChunks(socket, requestBytes, (bytes) => {
    const number = bytes.readUInt32BE(0)
    request(new Uint8Array(bytes.subarray(4)), (ok) => {
      const answer = Buffer.alloc(answerBytes)
      answer.writeUInt32BE(number, 0)
      answer[4] = ok ? 1 : 0
      socket.write(answer)
    })
  })
}

export interface OperationLine {
  /** Resolves when the operation is final. */
  submit(): Promise<void>
  close(): void
}

export async function dialOperations(port: number): Promise<OperationLine> {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  await once(socket, 'connect')
  const waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>()
  let last = 0
  readChunks(socket, answerBytes, (bytes) => {
    const number = bytes.readUInt32BE(0)
    const open = waiting.get(number)
    waiting.delete(number)
    if (bytes[4] === 1) open?.resolve()
    else open?.reject(new Error('the operation was not taken'))
  })
  return {
    submit: () =>
      new Promise((resolve, reject) => {
        last += 1
        waiting.set(last, { resolve, reject })
        const request = Buffer.alloc(requestBytes)
        request.writeUInt32BE(last, 0)
        request.writeUInt32BE(last, 4)
        request.write(`${process.pid}`, 8)
        socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}
