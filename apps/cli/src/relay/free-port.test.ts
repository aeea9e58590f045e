import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { freePort } from './free-port.ts'

const host = '127.0.0.1'
let servers: Server[] = []
afterEach(() => {
  for (const server of servers) server.close()
  servers = []
})

/** A port on which somebody listens; `at` 0 is any. */
async function taken(at = 0): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at, host, resolve)
  })
  servers.push(server)
  return (server.address() as AddressInfo).port
}

it('takes the next free port for a default, and never one that was found for something else', async () => {
  const first = await taken()
  // Whoever has it already: it is taken.
  await taken(first + 1).catch(() => {})
  const page = await freePort(host, first, false)
  const tcp = await freePort(host, first + 1, false, [page])
  expect(page).toBeGreaterThan(first + 1)
  expect(tcp).toBeGreaterThan(page)
})

it('takes no other port than the one a person named', async () => {
  const named = await taken()
  await expect(freePort(host, named, true)).rejects.toMatchObject({ code: 'cli/port' })
  await expect(freePort(host, named + 1, true, [named + 1])).rejects.toMatchObject({
    code: 'cli/port',
  })
  expect(await freePort(host, 0, true)).toBe(0)
})
