/** A result that comes or goes is in the log, by whichever way it travelled. */
import { FederationError } from '@folkmoot/base'
import { decode } from '@folkmoot/codec'
import { penguinsStudy } from '@folkmoot/example-penguins'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterEach, expect, it } from 'vitest'
import { keyOf, loneRoom } from '../../test/lone-room.ts'
import type { Peer } from '../peer.ts'
import type { Platform } from '../platform.ts'
import type { StudyRoom } from './study-room.ts'
import { answerResults, syncResults } from './sync-results.ts'

let federation: LoopbackFederation | undefined
afterEach(() => federation?.stop())

it('keeps an own result here until it was told, also over a restart', async () => {
  const { room, store, seal } = await loneRoom()
  const other = await loneRoom({}, 'peer')
  const own = await room.take(await seal(await keyOf(2), 0), { untold: true })
  await room.take(await seal(await keyOf(3), 1))
  if (!own.ok) throw new Error(own.fault.message)
  const given = async (from: StudyRoom) => {
    const digest = other.room.results.digest()
    const answer = await answerResults(from, { study: from.study, digest, records: [] }, from.take)
    return answer.ok ? answer.output.records.length : answer.fault.code
  }
  expect(await given(room)).toBe(1)
  const asked: number[] = []
  const empty = { records: [], digest: other.room.results.digest() }
  await syncResults(
    room,
    'somebody' as never,
    async (_, query) => {
      asked.push(query.records.length)
      return { ok: true, output: empty }
    },
    room.take,
  )
  expect(Math.max(...asked)).toBe(1)

  const again = (await loneRoom({ store })).room
  expect(again.untold()).toEqual([own.result.id])
  expect(await given(again)).toBe(1)
  await again.told(own.result.id)
  expect(await given(again)).toBe(2)
  expect((await loneRoom({ store })).room.untold()).toEqual([])
})

it('logs results that come by comparing, each once, and takes none that it cannot log', {
  timeout: 180_000,
}, async () => {
  federation = await startLoopbackFederation()
  const study = await federation.openStudy(
    await penguinsStudy({ units: 4, permutationsPerUnit: 2_000 }),
  )
  const workers = [await federation.join(), await federation.join()]
  for (const worker of workers) {
    await waitUntil('the study is here', () => worker.studies.room(study) !== undefined)
    await worker.consent(study, 'ab'.repeat(32), '1')
    worker.studies.contribute(study, 1)
  }
  await waitUntil('it is complete', () =>
    workers.every((worker) => worker.studies.room(study)!.acceptance().complete),
  )
  const disk = { broken: true }
  const late = await federation.join({ replace: unitsUnlogged(disk) })
  await waitUntil('the study is here', () => late.studies.room(study) !== undefined)
  const held = () => [...late.studies.room(study)!.results.votes()].length
  await late.studies.syncNow()
  await late.studies.syncNow()
  expect(held()).toBe(0)
  disk.broken = false
  await waitUntil('all results are here', () => held() === 8)
  const came = await unitsThatCame(late)
  expect(came.size).toBe(8)
  expect([...came.values()].every((count) => count === 1)).toBe(true)
})

/** A machine that refuses to log units until it is mended. */
function unitsUnlogged(disk: { broken: boolean }) {
  return (platform: Platform): Platform => ({
    ...platform,
    log: async (name) => {
      const log = await platform.log(name)
      if (name !== 'audit') return log
      const isUnit = (leaf: Uint8Array) => Buffer.from(leaf).includes('study.result')
      return {
        get length() {
          return log.length
        },
        recovery: log.recovery,
        append: (records) =>
          disk.broken && records.some(isUnit)
            ? Promise.reject(new FederationError('storage/full', 'no space left on device'))
            : log.append(records),
        read: log.read,
        close: log.close,
      }
    },
  })
}

/** How often each record came, by its bytes. */
async function unitsThatCame(peer: Peer): Promise<Map<string, number>> {
  const came = new Map<string, number>()
  for await (const { phase, direction, action, content } of peer.audit.query()) {
    if (phase !== 'intent' || direction !== 'in' || action !== 'unit') continue
    const value = decode(content!)
    const { record } = (value.ok ? value.value : {}) as { record: Uint8Array }
    const key = Buffer.from(record).toString('hex')
    came.set(key, (came.get(key) ?? 0) + 1)
  }
  return came
}
