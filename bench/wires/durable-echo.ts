/**
 * The least that our promise costs: an echo over bare libp2p whose messages are signed and checked,
 * and written and synced on both sides before they leave and after they come. What waits shares a
 * sync, as ours does.
 *
 * @module
 */
import { type KeyObject, sign, verify } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchKey } from '../envelope/sample-envelope.ts'
import type { ByteLine } from './byte-line.ts'

export const durableProtocol = '/bench/durable-echo/1'

const signatureBytes = 64

export interface DurableSide {
  /** Checks and logs, then logs, signs and sends back. */
  serve(line: ByteLine, size: number): void
  /** Round trips of signed messages of `size` bytes in all. */
  echoOver(line: ByteLine, size: number): () => Promise<void>
  stop(): Promise<void>
}

export async function durableSide(): Promise<DurableSide> {
  const folder = await mkdtemp(join(tmpdir(), 'folkmoot-bench-'))
  const file = await open(join(folder, 'log'), 'a')
  const { privateKey, publicKey } = await benchKey(1)

  let waiting: { bytes: Uint8Array; done: () => void }[] = []
  let writing = false
  const flush = async () => {
    writing = true
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      await file.write(Buffer.concat(group.map(({ bytes }) => bytes)))
      await file.datasync()
      for (const { done } of group) done()
    }
    writing = false
  }
  const log = (bytes: Uint8Array) =>
    new Promise<void>((done) => {
      waiting.push({ bytes, done })
      if (!writing) void flush()
    })

  return {
    serve: (line, size) =>
      line.listen(
        cutInto(size, async (message) => {
          check(publicKey, message)
          await log(message)
          await log(message)
          await line.send(signed(privateKey, message.subarray(signatureBytes)))
        }),
      ),
    echoOver: (line, size) => {
      const open: (() => void)[] = []
      line.listen(
        cutInto(size, async (message) => {
          check(publicKey, message)
          await log(message)
          open.shift()!()
        }),
      )
      const content = new Uint8Array(size - signatureBytes)
      return () =>
        new Promise((resolve) => {
          void log(content).then(() => {
            open.push(resolve)
            return line.send(signed(privateKey, content))
          })
        })
    },
    stop: async () => {
      await file.close()
      await rm(folder, { recursive: true })
    },
  }
}

function signed(key: KeyObject, content: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([sign(null, content, key), content]))
}

function check(key: KeyObject, message: Uint8Array): void {
  const signature = message.subarray(0, signatureBytes)
  if (!verify(null, message.subarray(signatureBytes), key, signature)) {
    throw new Error('a message of the bare echo does not verify')
  }
}

/** Cuts a line of bytes into messages of one size. */
function cutInto(size: number, take: (message: Uint8Array) => Promise<void>) {
  let rest = new Uint8Array()
  return (bytes: Uint8Array): void => {
    rest = new Uint8Array(Buffer.concat([rest, bytes]))
    while (rest.byteLength >= size) {
      void take(rest.slice(0, size))
      rest = rest.slice(size)
    }
  }
}
