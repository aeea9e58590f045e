/**
 * Several relays of one federation, each a process of its own, for tests that kill them.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decode, sha256, toHex } from '@folkmoot/codec'
import { waitUntil } from '@folkmoot/testing'
import type { Status, Voting } from '../admin-api.ts'
import { freePorts, type SpawnedRelay, spawnRelay } from './spawn-relay.ts'

export interface Committee {
  /** The founder first; entries change when a relay is started again. */
  readonly relays: SpawnedRelay[]
  /** Starts the relay at `index` again on its state and ports, or for the first time. */
  start(index: number): SpawnedRelay
  /** Every process that was ever started. */
  readonly started: readonly SpawnedRelay[]
}

/** Starts a founder, by `rules` where there are some, and `more` relays that join it; nobody but the founder votes yet. */
export async function startRelays(
  folder: string,
  more: number,
  engine: 'bft' | 'raft' = 'bft',
  rules: readonly string[] = [],
): Promise<Committee> {
  const relays: SpawnedRelay[] = []
  const started: SpawnedRelay[] = []
  const args: string[][] = []
  const file = join(folder, 'link')
  const start = (index: number): SpawnedRelay => {
    const common = ['--worker', '0', '--nickname', `relay-${index}`]
    common.push('--invitations-per-hour', '10000')
    const relay = spawnRelay(join(folder, `relay-${index}`), [...common, ...args[index]!])
    relays[index] = relay
    started.push(relay)
    return relay
  }
  const founding = ['--preset', 'test', '--engine', engine, '--study', 'none']
  args.push([...founding, ...rules, ...(await freePorts())])
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
    const action = { kind: 'voter.offer', body: { peer: peerId, org: '', seat: true } }
    await relays[0]!.admin('/v1/proposals', { action }).catch((error: Error) => {
      // On a slow machine it is decided later.
      if (!error.message.startsWith('cli/not-decided')) throw error
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

/** Something new to decide; whoever is asked too early is asked again. */
export async function decide(relay: SpawnedRelay, contact: string): Promise<string> {
  const action = { kind: 'charter.amend', body: { contact } }
  let id = ''
  await waitUntil(
    'something is decided',
    async () => {
      id = await relay.admin<{ id: string }>('/v1/proposals', { action }).then(
        (answer) => answer.id,
        () => '',
      )
      return id !== ''
    },
    120_000,
  )
  return id
}

/** Whether a relay has heard of what was decided. */
export const knows = async (relay: SpawnedRelay, id: string) =>
  (await relay.admin<Voting>('/v1/voting')).proposals.some((each) => each.id === id)

/** What a relay says of its ledger. */
export async function ledgerOf(relay: SpawnedRelay): Promise<Status['ledger']> {
  return (await relay.admin<Status>('/v1/status')).ledger
}

/** The exported ledger, and a hash of each of its headers. */
export async function historyOf(
  relay: SpawnedRelay,
): Promise<{ bytes: Uint8Array; entries: string[] }> {
  const bytes = await relay.bytes('/v1/ledger/export')
  const decoded = decode(bytes, { maxBytes: 1 << 28 })
  const { entries } = (decoded.ok ? decoded.value : { entries: [] }) as { entries: Uint8Array[] }
  // The same entry may be proven by different certificates, so headers are compared.
  return { bytes, entries: entries.map((entry) => headerOf(entry)) }
}

function headerOf(entry: Uint8Array): string {
  const decoded = decode(entry, { maxBytes: 1 << 24 })
  const [, proof] = (decoded.ok ? decoded.value : []) as [number, { header: Uint8Array }]
  return toHex(sha256(proof.header))
}

export async function kill(relay: SpawnedRelay): Promise<void> {
  relay.kill('SIGKILL')
  await relay.exit
}

export async function stopRelays({ started }: Committee): Promise<void> {
  for (const each of started) if (!each.exited()) each.kill('SIGKILL')
  await Promise.all(started.map((each) => each.exit))
}
