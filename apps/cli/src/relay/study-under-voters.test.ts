/** A study that several voters recorded, before and after they changed, verified with nothing but the charter. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Status, Study } from '../admin-api.ts'
import { verifyStudy } from '../study/verify-study.ts'
import { type Committee, seatAll, startRelays, stopRelays, untilVoters } from './committee.ts'
import { folkmoot, type SpawnedRelay, type Spoken, speak, writePenguins } from './spawn-relay.ts'

const member = join(
  import.meta.dirname,
  '../../../../packages/federation/test/work-until-killed.ts',
)
const units = 40

let folder: string
let committee: Committee
let workers: Spoken[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  workers = []
  committee = await startRelays(folder, 3)
}, 120_000)
afterEach(async () => {
  for (const each of workers) if (!each.exited()) each.kill('SIGKILL')
  await Promise.all(workers.map((each) => each.exit))
  await stopRelays(committee)
  await rm(folder, { recursive: true, force: true })
})

const study = (relay: SpawnedRelay) => relay.admin<Study>('/v1/studies/latest')
const epochOf = async (relay: SpawnedRelay) =>
  (await relay.admin<Status>('/v1/status')).ledger.epoch

it('verifies offline across a change of voters, and not with one byte altered', {
  timeout: 900_000,
}, async () => {
  await seatAll(committee)
  const [relay] = committee.relays as [SpawnedRelay]
  const { invite, federation } = await relay.ready()
  const state = join(folder, 'relay-0')
  const path = await writePenguins(join(folder, 'study'), { units, permutationsPerUnit: 300_000 })
  expect(await folkmoot('study', 'open', path, '--state', state)).toMatchObject({ exit: 0 })
  for (const name of ['ann', 'bob']) {
    const worker = speak([process.execPath, member, join(folder, name), invite, '0.5'])
    workers.push(worker)
    await worker.line(({ event }) => event === 'ready')
  }
  await waitUntil('some units are final', async () => (await study(relay)).final > 0, 300_000)
  const epoch = await epochOf(relay)
  // One voter leaves while the study runs, so that others decide on the rest of it.
  const { peerId } = await committee.relays[3]!.ready()
  expect(await folkmoot('propose', 'remove-voter', peerId, '--state', state)).toMatchObject({
    exit: 0,
  })
  await untilVoters(committee.relays.slice(0, 3), 3)
  expect(await epochOf(relay)).toBeGreaterThan(epoch)
  expect((await study(relay)).final).toBeLessThan(units)
  await waitUntil('it is recorded', async () => (await study(relay)).state === 'recorded', 600_000)
  const file = join(folder, 'study.cbor')
  expect(await folkmoot('study', 'export', '-o', file, '--state', state)).toMatchObject({ exit: 0 })
  // From here on nobody can be asked.
  for (const worker of workers) worker.kill('SIGKILL')
  await stopRelays(committee)
  const bytes = new Uint8Array(await readFile(file))
  const expected = { engine: 'bft', voters: 3, final: units }
  const inNode = await verifyStudy(bytes, { federation, recompute: 1 })
  expect(inNode).toMatchObject({ ok: true, ...expected })
  expect((inNode as unknown as { epoch: number }).epoch).toBeGreaterThan(epoch)
  const verified = await folkmoot('study', 'verify', file, '--federation', federation)
  expect(verified).toMatchObject({ exit: 0, data: expected })
  const other = await folkmoot('study', 'verify', file, '--federation', 'ab'.repeat(32))
  expect(other).toMatchObject({ exit: 7, error: { code: 'studies/bundle' } })
  // One bit, at forty places from the first byte to the last.
  const places = Array.from({ length: 40 }, (_, at) => Math.floor((at * (bytes.length - 1)) / 39))
  for (const at of places) {
    const altered = bytes.slice()
    altered[at]! ^= 1
    expect((await verifyStudy(altered, { federation })).ok, `byte ${at}`).toBe(false)
  }
  const altered = bytes.slice()
  altered[places[20]!]! ^= 1
  const bad = join(folder, 'altered.cbor')
  await writeFile(bad, altered)
  const refused = await folkmoot('study', 'verify', bad, '--federation', federation)
  expect(refused.exit).toBe(7)
  console.log(
    `${bytes.length} bytes, ${units} units, ${(inNode as unknown as { epoch: number }).epoch} epochs; altered: ${refused.error?.code}: ${refused.error?.message}`,
  )
})
