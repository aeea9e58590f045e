/** Four relays, of which two are lost for good: the others found anew, and what was decided stays proven. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHex } from '@folkmoot/codec'
import { blockId, parseEntry } from '@folkmoot/consensus'
import { createChecker, openCharter } from '@folkmoot/identity'
import { nodeVerifier } from '@folkmoot/storage/node'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Invitation, Status } from '../admin-api.ts'
import {
  type Committee,
  seatAll,
  startRelays,
  stopRelays,
  untilVoters,
} from '../relay/committee.ts'
import { folkmoot, freePorts, type SpawnedRelay, spawnRelay } from '../relay/spawn-relay.ts'
import { readLedgerExport } from '../verify-ledger.ts'
import { parseRefounding } from './refounding-file.ts'

let folder: string
let committee: Committee
let anew: SpawnedRelay[]
const at = (name: string) => join(folder, name)
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  anew = []
  committee = await startRelays(folder, 3)
  await seatAll(committee)
}, 300_000)
afterEach(async () => {
  for (const each of anew) if (!each.exited()) each.kill('SIGKILL')
  await Promise.all(anew.map((each) => each.exit))
  await stopRelays(committee)
  await rm(folder, { recursive: true, force: true })
})

async function start(name: string, ...args: string[]): Promise<SpawnedRelay> {
  const common = ['--worker', '0', '--study', 'none', '--nickname', name]
  const relay = spawnRelay(at(name), [...common, ...args, ...(await freePorts())])
  anew.push(relay)
  return relay
}

const heightOf = async (relay: SpawnedRelay) =>
  (await relay.admin<Status>('/v1/status')).ledger.height

it('goes on under a new charter that old members signed, with the old history still provable', {
  timeout: 600_000,
}, async () => {
  const { relays } = committee
  const { federation: oldFed } = await relays[0]!.ready()
  await relays[0]!.admin<Invitation>('/v1/invitations', { uses: 1 })
  // The founder is one of the two that are lost: relays 1 and 2 are left.
  for (const lost of [0, 3]) {
    relays[lost]!.kill('SIGKILL')
    await relays[lost]!.exit
    await rm(at(`relay-${lost}`), { recursive: true })
  }
  const left = [1, 2]
  const heights = await Promise.all(left.map((index) => heightOf(relays[index]!)))
  const [first, second] = heights[0]! >= heights[1]! ? left : left.toReversed()
  const old = at('old-ledger.cbor')
  await writeFile(old, await relays[first!]!.bytes('/v1/ledger/export'))
  const peers = await Promise.all(
    [first, second].map(async (i) => (await relays[i!]!.ready()).peerId),
  )
  for (const index of left) {
    relays[index]!.kill('SIGTERM')
    await relays[index]!.exit
  }

  const founding = at('founding.cbor')
  const started = await folkmoot(
    ...['refound', 'start', '--state', at(`relay-${first}`)],
    ...['--into', at('first'), '-o', founding],
  )
  expect(started).toMatchObject({ exit: 0, data: { oldFed, members: [peers[0]], oldVoters: 4 } })
  const signed = at('signed.cbor')
  const sign = ['refound', 'sign', founding, '-o', signed, '--ledger', old]
  const signing = await folkmoot(...sign, '--state', at(`relay-${second}`), '--into', at('second'))
  expect(signing, JSON.stringify(signing)).toMatchObject({ exit: 0 })
  const verified = await folkmoot('refound', 'verify', signed, '--federation', oldFed)
  expect(verified).toMatchObject({
    exit: 0,
    data: { oldFed, members: peers.toSorted(), voters: peers.toSorted(), oldVoters: 4 },
  })
  const { newFed, height } = verified.data as { newFed: string; height: number }
  await expectRefusals(signed, oldFed)

  // The new federation decides, with the old members under their old names.
  const relay = await start('first')
  const { peerId, federation, invite } = await relay.ready()
  expect({ peerId, federation }).toEqual({ peerId: peers[0], federation: newFed })
  const link = at('link-anew')
  await writeFile(link, `${invite}\n`, { mode: 0o600 })
  const other = await start('second', '--join', link)
  expect(await other.ready()).toMatchObject({ peerId: peers[1], federation: newFed })
  await relay.admin('/v1/proposals', {
    action: { kind: 'voter.offer', body: { peer: peers[1], org: '', seat: true } },
  })
  await untilVoters([relay, other], 2)
  const { id } = await relay.admin<Invitation>('/v1/invitations', { uses: 1 })
  await waitUntil('both decided it', async () =>
    (await other.admin<Invitation[]>('/v1/invitations')).some((each) => each.id === id),
  )
  expect(await folkmoot('ledger', 'verify', '--state', at('first'))).toMatchObject({
    exit: 0,
    data: { federation: newFed, voters: 2 },
  })

  // And the old one is as it was, up to the block that the new charter names.
  const history = await folkmoot('ledger', 'verify', old, '--federation', oldFed)
  expect(history).toMatchObject({ exit: 0, data: { federation: oldFed, height, voters: 4 } })
  const exported = readLedgerExport(new Uint8Array(await readFile(old)))
  const last = parseEntry(exported.ok ? exported.value.entries[height - 1]! : new Uint8Array())
  const file = parseRefounding(new Uint8Array(await readFile(signed)))
  if (!file.ok || !last.ok) throw new Error('unreadable')
  const charter = await openCharter(createChecker(nodeVerifier()), file.claim.charter)
  const named = charter.ok ? charter.charter.refounds!.block : new Uint8Array()
  expect(toHex(named)).toBe(toHex(blockId(last.entry.proof.header)))
})

async function expectRefusals(signed: string, oldFed: string): Promise<void> {
  const bytes = new Uint8Array(await readFile(signed))
  for (const place of [0.1, 0.5, 0.9]) {
    const altered = bytes.slice()
    altered[Math.floor(place * bytes.length)]! ^= 1
    const bad = at(`altered-${place}.cbor`)
    await writeFile(bad, altered)
    expect((await folkmoot('refound', 'verify', bad)).exit).toBe(7)
  }
  const other = await folkmoot('refound', 'verify', signed, '--federation', 'ab'.repeat(32))
  expect(other).toMatchObject({ exit: 7, error: { code: 'ledger/refounding' } })
  expect(oldFed).not.toBe('ab'.repeat(32))
  // A member of the new federation alone was none of the old one.
  const stranger = await folkmoot('refound', 'sign', signed, '-o', at('x'), '--state', at('first'))
  expect(stranger).toMatchObject({ exit: 4, error: { code: 'cli/refound' } })
  // And a folder that is in use takes no second federation.
  const twice = ['refound', 'sign', signed, '-o', at('y'), '--into', at('first')]
  const again = await folkmoot(
    ...twice,
    '--state',
    at('relay-1'),
    '--ledger',
    at('old-ledger.cbor'),
  )
  expect(again).toMatchObject({ exit: 4, error: { code: 'cli/refound' } })
}
