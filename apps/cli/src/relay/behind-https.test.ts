/** Two relays behind https proxies of their own: nothing but https and wss leads to either. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type HttpsProxy, startHttpsProxy } from '../../../../e2e/support/https-proxy.ts'
import type { Invitation, Status } from '../admin-api.ts'
import { ledgerOf, stopRelays } from './committee.ts'
import { freePorts, type SpawnedRelay, spawnRelay } from './spawn-relay.ts'

let folder: string
let relays: SpawnedRelay[]
let proxies: HttpsProxy[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  relays = []
  proxies = []
})
afterEach(async () => {
  delete process.env.NODE_EXTRA_CA_CERTS
  await stopRelays({ started: relays, relays, start: () => relays[0]! })
  await Promise.all(proxies.map((proxy) => proxy.close()))
  await rm(folder, { recursive: true, force: true })
})

/** A proxy before the ports that a relay will take. */
async function standBehind(ports: readonly string[]): Promise<string> {
  const proxy = await startHttpsProxy(Number(ports[ports.indexOf('--port') + 1]))
  proxies.push(proxy)
  return proxy.origin
}

it('join, vote and find each other again over wss', { timeout: 400_000 }, async () => {
  const ports = [await freePorts(), await freePorts()]
  const origins = [await standBehind(ports[0]!), await standBehind(ports[1]!)]
  const certs = join(folder, 'certs.pem')
  await writeFile(certs, proxies.map(({ cert }) => cert).join(''))
  process.env.NODE_EXTRA_CA_CERTS = certs
  const start = async (at: number, ...args: string[]) => {
    const own = ['--worker', '0', '--public', origins[at]!, ...ports[at]!]
    relays[at] = spawnRelay(join(folder, `relay-${at}`), [...own, ...args])
    return relays[at].ready()
  }
  const { invite, page } = await start(0, '--study', 'none', '--preset', 'test')
  expect(page).toBe(origins[0])
  const link = join(folder, 'link')
  await writeFile(link, invite, { mode: 0o600 })
  const { peerId } = await start(1, '--join', link)
  const { addresses } = await relays[1]!.admin<Status>('/v1/status')
  expect(addresses.filter((address) => !address.includes('p2p-circuit'))).toEqual([
    `/dns4/localhost/tcp/${new URL(origins[1]!).port}/tls/ws/p2p/${peerId}`,
  ])
  const action = { kind: 'voter.offer', body: { peer: peerId, org: '', seat: true } }
  await relays[0]!.admin('/v1/proposals', { action })
  for (const relay of relays) {
    await waitUntil('two vote', async () => (await ledgerOf(relay)).voters === 2, 120_000)
  }

  // Either of two is needed, so what is decided next shows that they have found each other.
  for (const relay of relays) relay.kill('SIGKILL')
  await Promise.all(relays.map(({ exit }) => exit))
  await start(1)
  await start(0)
  const { id } = await relays[0]!.admin<Invitation>('/v1/invitations', { uses: 1 })
  await waitUntil('both decided it', async () =>
    (await relays[1]!.admin<Invitation[]>('/v1/invitations')).some((each) => each.id === id),
  )
  expect(proxies.flatMap(({ upgrades }) => upgrades).length).toBeGreaterThan(1)
})
