/**
 * Several relays of one federation, each a process of its own, for tests that kill them.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitUntil } from '@folkmoot/testing'
import type { Status } from '../admin-api.ts'
import { freePorts, type SpawnedRelay, spawnRelay } from './spawn-relay.ts'

export interface Committee {
  /** The founder first; entries change when a relay is started again. */
  readonly relays: SpawnedRelay[]
  /** Starts the relay at `index` again on its state and ports, or for the first time. */
  start(index: number): SpawnedRelay
  /** Every process that was ever started. */
  readonly started: readonly SpawnedRelay[]
}

/** Starts a founder and `more` relays that join it; nobody but the founder votes yet. */
export async function startRelays(folder: string, more: number): Promise<Committee> {
  const relays: SpawnedRelay[] = []
  const started: SpawnedRelay[] = []
  const args: string[][] = []
  const file = join(folder, 'link')
  const start = (index: number): SpawnedRelay => {
    const common = ['--worker', '0', '--nickname', `relay-${index}`]
    const relay = spawnRelay(join(folder, `relay-${index}`), [...common, ...args[index]!])
    relays[index] = relay
    started.push(relay)
    return relay
  }
  args.push(['--preset', 'test', '--study', 'none', ...(await freePorts())])
  const { invite } = await start(0).ready()
  await writeFile(file, `${invite}\n`, { mode: 0o600 })
  for (let i = 1; i <= more; i++) {
    args.push(['--join', file, ...(await freePorts())])
    start(i)
  }
  for (const relay of relays) await relay.ready()
  return { relays, started, start }
}

/** Offers every other relay a seat and waits until all of them vote. */
export async function seatAll({ relays }: Committee): Promise<void> {
  for (const relay of relays.slice(1)) {
    const { peerId } = await relay.ready()
    await relays[0]!.admin('/v1/proposals', {
      action: { kind: 'voter.offer', body: { peer: peerId, org: '', seat: true } },
    })
  }
  await untilVoters(relays, relays.length)
}

export async function untilVoters(
  relays: readonly SpawnedRelay[],
  voters: number,
  withinMs = 180_000,
): Promise<void> {
  for (const relay of relays) {
    await waitUntil(
      `${voters} vote`,
      async () => (await relay.admin<Status>('/v1/status')).ledger.voters === voters,
      withinMs,
    )
  }
}

export async function stopRelays({ started }: Committee): Promise<void> {
  for (const each of started) if (!each.exited()) each.kill('SIGKILL')
  await Promise.all(started.map((each) => each.exit))
}
