/**
 * What a release before agreement left behind, made by that release itself: its states still open
 * and lead, its ledger and its bundles still verify.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { older, olderFixtures } from '../test/older-release.ts'
import type { Invitation, LedgerPage } from './admin-api.ts'
import { restoreBackup } from './backup/restore-backup.ts'
import { freePorts, type SpawnedRelay, spawnRelay } from './relay/spawn-relay.ts'
import { verifyStudy } from './study/verify-study.ts'
import { verifyLedgerExport } from './verify-ledger.ts'

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

it('verifies a bundle that was exported under solo', async () => {
  const bundle = new Uint8Array(
    gunzipSync(await readFile(join(olderFixtures, 'solo-bundle.cbor.gz'))),
  )
  const verdict = await verifyStudy(bundle, { federation: older.federation, recompute: 4 })
  expect(verdict).toMatchObject({ ok: true, final: 4, results: 8, workers: 2 })
})

it('verifies a ledger that was exported under solo', async () => {
  const bytes = new Uint8Array(await readFile(join(olderFixtures, 'solo-ledger.cbor')))
  const verdict = await verifyLedgerExport(bytes, older.federation)
  expect(verdict).toMatchObject({ ok: true, founder: older.relay, members: 2 })
})

it('opens a state that was founded under solo, and leads it on', async () => {
  const state = join(folder, 'relay')
  await restoreBackup(join(olderFixtures, 'solo-relay.backup'), state)
  relay = spawnRelay(state, ['--worker', '0', ...(await freePorts())])
  const ready = await relay.ready()
  expect(ready).toMatchObject({ peerId: older.relay, federation: older.federation })
  const before = await relay.admin<LedgerPage>('/v1/ledger?from=1')
  const { id } = await relay.admin<Invitation>('/v1/invitations', { uses: 1 })
  const after = await relay.admin<LedgerPage>('/v1/ledger?from=1')
  expect(after.height).toBeGreaterThan(before.height)
  const known = await relay.admin<Invitation[]>('/v1/invitations')
  expect(known.map((each) => each.id)).toContain(id)
})
