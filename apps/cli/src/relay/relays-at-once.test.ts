/** Relays that start at the same moment and name no ports. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Status } from '../admin-api.ts'
import { kill } from './committee.ts'
import { type SpawnedRelay, spawnRelay } from './spawn-relay.ts'

let folder: string
let relays: SpawnedRelay[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  relays = []
})
afterEach(async () => {
  for (const relay of relays) if (!relay.exited()) await kill(relay)
  await rm(folder, { recursive: true, force: true })
})

it('take ports of their own, all that they need', { timeout: 400_000 }, async () => {
  const args = ['--study', 'none', '--worker', '0']
  relays = [0, 1, 2].map((at) => spawnRelay(join(folder, `relay-${at}`), args))
  const ready = await Promise.all(relays.map((relay) => relay.ready()))
  expect(new Set(ready.map(({ page }) => page)).size).toBe(3)
  expect(new Set(ready.map(({ admin }) => admin)).size).toBe(3)
  const statuses = relays.map((relay) => relay.admin<Status>('/v1/status'))
  const addresses = (await Promise.all(statuses)).map((status) => status.addresses)
  for (const own of addresses) {
    expect(own.some((address) => address.includes('/ws/'))).toBe(true)
    expect(own.some((address) => !address.includes('/ws/'))).toBe(true)
  }
  expect(new Set(addresses.flat()).size).toBe(6)
})
