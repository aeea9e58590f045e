/** A relay that cannot stop as it should ends all the same, and says so. */
import { mkdtemp, rm } from 'node:fs/promises'
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
