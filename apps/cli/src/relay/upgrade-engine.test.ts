/** A federation that one founder led under solo becomes one of voters, with its history provable. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { older, olderFixtures } from '../../test/older-release.ts'
import type { Invitation, LedgerPage, Status, Study } from '../admin-api.ts'
import { restoreBackup } from '../backup/restore-backup.ts'
import { verifyStudy } from '../study/verify-study.ts'
import { verifyLedgerExport } from '../verify-ledger.ts'
import { freePorts, type SpawnedRelay, spawnRelay } from './spawn-relay.ts'

let folder: string
let relay: SpawnedRelay | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
})
afterEach(async () => {
  relay?.kill('SIGKILL')
  await relay?.exit
  relay = undefined
  await rm(folder, { recursive: true, force: true })
})

it('hands a federation that was founded under solo over to a voter, live, and goes on', {
  timeout: 240_000,
}, async () => {
  const state = join(folder, 'relay')
  await restoreBackup(join(olderFixtures, 'solo-relay.backup'), state)
  const args = ['--worker', '0', ...(await freePorts())]
  relay = spawnRelay(state, args)
  await relay.ready()
  const ledger = async () => (await relay!.admin<Status>('/v1/status')).ledger
  expect(await ledger()).toMatchObject({ engine: 'solo', epoch: 0, voters: 1, decides: true })
  const { height } = await ledger()
  const kept = (await relay.admin<Invitation[]>('/v1/invitations')).map(({ id }) => id)

  await relay.admin('/v1/proposals', {
    action: {
      kind: 'engine.change',
      body: { engine: 'bft', voters: [{ peer: older.relay, org: '' }] },
    },
  })
  await waitUntil('voters decide', async () => (await ledger()).epoch === 1, 60_000)
  expect(await ledger()).toMatchObject({ engine: 'bft', voters: 1, decides: true, halted: null })
  const { id } = await relay.admin<Invitation>('/v1/invitations', { uses: 1 })
  const pages = await relay.admin<LedgerPage>('/v1/ledger?from=1&limit=500')
  expect(pages.entries.slice(0, height).every(({ finality }) => finality === 'solo')).toBe(true)
  expect(pages.entries.at(-1)).toMatchObject({ finality: 'bft', epoch: 1 })

  // It is the same federation after a restart, and its log leads to the same voter.
  relay.kill('SIGINT')
  await relay.exit
  relay = spawnRelay(state, args)
  expect(await relay.ready()).toMatchObject({ peerId: older.relay, federation: older.federation })
  expect(await ledger()).toMatchObject({ engine: 'bft', epoch: 1, decides: true })
  const after = (await relay.admin<Invitation[]>('/v1/invitations')).map((each) => each.id)
  expect(after).toEqual(expect.arrayContaining([...kept, id]))

  // Both parts verify from the charter alone, and so does what was exported under solo.
  const exported = await verifyLedgerExport(
    await relay.bytes('/v1/ledger/export'),
    older.federation,
  )
  expect(exported).toMatchObject({ ok: true, epoch: 1, voters: 1, members: 2 })
  const old = new Uint8Array(gunzipSync(await readFile(join(olderFixtures, 'solo-bundle.cbor.gz'))))
  expect(await verifyStudy(old, { federation: older.federation, recompute: 1 })).toMatchObject({
    ok: true,
    engine: 'solo',
  })
  const study = await relay.admin<Study>('/v1/studies/latest')
  expect(study.final).toBe(4)
  const again = await relay.bytes('/v1/studies/latest/bundle')
  expect(await verifyStudy(again, { federation: older.federation, recompute: 1 })).toMatchObject({
    ok: true,
    engine: 'solo',
    final: 4,
  })
})

it('hands such a federation over to raft as well, and once only', {
  timeout: 240_000,
}, async () => {
  const state = join(folder, 'relay')
  await restoreBackup(join(olderFixtures, 'solo-relay.backup'), state)
  const args = ['--worker', '0', ...(await freePorts())]
  relay = spawnRelay(state, args)
  await relay.ready()
  const ledger = async () => (await relay!.admin<Status>('/v1/status')).ledger
  const change = (engine: string) => {
    const body = { engine, voters: [{ peer: older.relay, org: '' }] }
    return relay!.admin('/v1/proposals', { action: { kind: 'engine.change', body } })
  }
  await change('raft')
  await waitUntil('voters decide', async () => (await ledger()).epoch === 1, 60_000)
  await relay.admin<Invitation>('/v1/invitations', { uses: 1 })
  const { height } = await ledger()
  relay.kill('SIGKILL')
  await relay.exit
  relay = spawnRelay(state, args)
  await relay.ready()
  await waitUntil('it leads', async () => (await ledger()).stalled === null, 60_000)
  expect(await ledger()).toMatchObject({ engine: 'raft', epoch: 1, decides: true, height })
  await relay.admin<Invitation>('/v1/invitations', { uses: 1 })
  await expect(change('bft')).rejects.toThrow('ledger/epoch')
  const exported = await verifyLedgerExport(
    await relay.bytes('/v1/ledger/export'),
    older.federation,
  )
  expect(exported).toMatchObject({ ok: true, epoch: 1, voters: 1 })
})
