/**
 * A STUN server that the operator names: every tab says so before Join, and asks it afterwards. It
 * runs here, for nothing leaves this machine.
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test } from './support/fast-study.ts'
import { connected } from './support/shown.ts'

/** RFC 8489 §5: a binding request, and the magic cookie that makes it one of STUN. */
const BINDING_REQUEST = 0x0001
const MAGIC_COOKIE = 0x2112a442

interface StunServer {
  readonly socket: Socket
  readonly url: string
  readonly requests: () => number
}

async function stunServer(): Promise<StunServer> {
  let requests = 0
  const socket = createSocket('udp4', (message) => {
    const isStun = message.length >= 20 && message.readUInt32BE(4) === MAGIC_COOKIE
    if (isStun && message.readUInt16BE(0) === BINDING_REQUEST) requests += 1
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address() as AddressInfo
  return { socket, url: `stun:127.0.0.1:${port}`, requests: () => requests }
}

let stun: StunServer
test.beforeEach(async () => {
  stun = await stunServer()
})
test.afterEach(() => {
  stun.socket.close()
})

test('is named before Join, asked by no tab before it, and asked by every pair of tabs after it', async ({
  relay,
  openTab,
  fastStudy,
}) => {
  const host = await relay({
    args: ['--study', fastStudy({ units: 4 }), '--worker', '0', '--stun', stun.url],
  })
  const tabs = [await openTab(host.invite), await openTab(host.invite)]
  for (const { page } of tabs) {
    await expect(page.locator('.terms')).toContainText(
      `to the STUN server ${stun.url.replace('stun:', '')}`,
    )
  }
  expect(stun.requests()).toBe(0)
  for (const tab of tabs) await tab.join()
  await connected(tabs, 1)
  await expect.poll(stun.requests).toBeGreaterThan(0)

  // A tab that comes back has agreed to it, and asks it again.
  const [first] = tabs
  const before = stun.requests()
  await first!.page.reload()
  await first!.until('back', ({ joined }) => joined)
  await connected(tabs, 1)
  await expect.poll(stun.requests).toBeGreaterThan(before)
})

test('that is named later is asked about like a new study, and then asked', async ({
  relay,
  openTab,
  fastStudy,
}) => {
  const host = await relay({ args: ['--study', fastStudy({ units: 4 }), '--worker', '0'] })
  const tab = await openTab(host.invite)
  await expect(tab.page.locator('.terms')).toContainText('No STUN server is asked.')
  const { peerId } = await tab.join()
  await host.stop()
  const again = await host.restart('--stun', stun.url)
  await tab.page.goto(again.page)
  await expect(tab.page.locator('.terms')).toContainText('to the STUN server')
  expect(await tab.join()).toMatchObject({ peerId })
})
