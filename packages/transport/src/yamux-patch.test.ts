import { multiaddrConnectionPair } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { expect, it } from 'vitest'

/* On @libp2p/yamux 8.0.3 as published, every frame of data is answered by one of flow control. */

const half = 128 * 1024

async function connect() {
  const [here, there] = multiaddrConnectionPair()
  /** Frames that only widen the window: type 1 and no flag. A slow machine also brings pings. */
  const answers: number[] = []
  here.addEventListener('message', ({ data }) => {
    const [, type, flags, more] = data.subarray(0, 4)
    if (type === 1 && flags === 0 && more === 0) answers.push(data.byteLength)
  })
  const ours = yamux()().createStreamMuxer(here)
  const theirs = yamux()().createStreamMuxer(there)
  let received = 0
  theirs.addEventListener('stream', ({ detail }) => {
    detail.addEventListener('message', ({ data }) => {
      received += data.byteLength
    })
  })
  const stream = await ours.createStream()
  const send = async (bytes: number) => {
    const before = received
    stream.send(new Uint8Array(bytes))
    await expect.poll(() => received).toBe(before + bytes)
  }
  return { answers, send }
}

it('answers small frames with no frames of flow control', async () => {
  const { answers, send } = await connect()
  await send(1)
  const opened = answers.length
  for (let n = 0; n < 50; n++) await send(100)
  expect(answers.length).toBe(opened)
})

it('still opens the window before it is used up', async () => {
  const { answers, send } = await connect()
  await send(1)
  const opened = answers.length
  // Far more than the 256 KiB that may be sent unasked.
  for (let n = 0; n < 16; n++) await send(half)
  expect(answers.length).toBeGreaterThan(opened)
})
