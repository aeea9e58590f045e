/** A relay that cannot stop as it should ends all the same, and says so. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { kill } from './committee.ts'
import { freePorts, type SpawnedRelay, spawnRelay } from './spawn-relay.ts'

let folder: string
let relay: SpawnedRelay
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
})
afterEach(async () => {
  if (!relay.exited()) await kill(relay)
  await rm(folder, { recursive: true, force: true })
})

/** A program begun before the relay, in whose process no HTTP server ever says that it is closed. */
const neverClosed = "import{Server}from'node:http';Server.prototype.close=function(){return%20this}"

it('ends though what it waits for never comes', { timeout: 240_000 }, async () => {
  const args = ['--preset', 'test', '--study', 'none', '--worker', '0', ...(await freePorts())]
  const within = ['env', `NODE_OPTIONS=--import=data:text/javascript,${neverClosed}`]
  relay = spawnRelay(join(folder, 'relay'), args, within)
  await relay.ready()
  relay.kill('SIGTERM')
  expect(await relay.exit).toEqual({ code: 143, signal: null })
  expect(relay.errors()).toMatch(/stopping took too long/)
})

it('ends while it waits to be let in by a founder that is away', { timeout: 240_000 }, async () => {
  const args = ['--preset', 'test', '--study', 'none', '--worker', '0', ...(await freePorts())]
  relay = spawnRelay(join(folder, 'founder'), args)
  const { invite, page } = await relay.ready()
  const charter = Buffer.from(await (await fetch(`${page}/charter`)).arrayBuffer())
  await kill(relay)
  // Its charter can still be had, at another place.
  const server = createServer((_, response) => response.end(charter)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const link = join(folder, 'link')
  await writeFile(link, `http://127.0.0.1:${port}/#${invite.split('#')[1]}`, { mode: 0o600 })
  const asked = once(server, 'request')
  relay = spawnRelay(join(folder, 'relay'), ['--join', link, ...(await freePorts())])
  await asked
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  relay.kill('SIGTERM')
  expect(await relay.exit).toEqual({ code: 143, signal: null })
  server.close()
})
