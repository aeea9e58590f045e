/**
 * Cases about restarts and disks that break.
 *
 * @module
 */
import { memoryLog } from '@folkmoot/base'
import { equalBytes, toHex, utf8 } from '@folkmoot/codec'
import { blockId, parseHeader } from '../header.ts'
import type { FinalEntry } from '../replicated-log.ts'
import { expectEqual, expectRejection, expectThat } from './expect.ts'
import { type Break, createFaultyDisk } from './faulty-disk.ts'
import type { ConformanceCase, ConformanceHarness } from './harness.ts'
import { start } from './order-cases.ts'
import { createTextList } from './text-list.ts'

/** Operations of a run that is broken at every boundary: enough for three entries before and after. */
const STEPS = 6

function publish(into: Map<number, string>, header: Uint8Array): void {
  const parsed = parseHeader(header)
  expectThat(parsed.ok, 'a header')
  const id = toHex(blockId(header))
  const { height } = parsed.header
  const before = into.get(height)
  expectThat(before === undefined || before === id, `one block at height ${height}`)
  into.set(height, id)
}

async function breakAndReopen(harness: ConformanceHarness, at: number, how: Break): Promise<void> {
  const disk = createFaultyDisk()
  disk.breakAt(at, how)
  const published = new Map<number, string>()
  const engine = await harness.open({ log: disk.log, application: createTextList() })
  engine.onFinal((entry: FinalEntry) => publish(published, entry.header))
  const acknowledged = new Set<string>()
  for (let step = 0; step < STEPS; step++) {
    const id = `op-${step}`
    const receipt = await engine.submit(utf8(id), { id }).catch(() => undefined)
    if (!receipt) continue
    acknowledged.add(id)
    publish(published, receipt.proof.header)
  }
  const application = createTextList()
  const log = memoryLog(await disk.records())
  const again = await harness.open({ log, application })
  again.onFinal((entry: FinalEntry) => publish(published, entry.header))
  for (let step = 0; step < STEPS; step++) {
    const id = `op-${step}`
    const { height } = again.status()
    const receipt = await again.submit(utf8(id), { id })
    publish(published, receipt.proof.header)
    if (acknowledged.has(id)) expectThat(receipt.height <= height, `${id} to be there still`)
  }
  const applied = application.texts.map((text) => text.split(' ')[2])
  expectEqual([...applied].sort(), applied, 'the operations to keep their order')
  expectEqual(new Set(applied).size, STEPS, 'each operation to be there once')
}

export const crashCases: readonly ConformanceCase[] = [
  {
    name: 'has the same state, order and receipts after a restart',
    run: async (harness) => {
      const log = memoryLog()
      const application = createTextList()
      const engine = await harness.open({ log, application })
      const names = ['a', 'no-b', 'c']
      const before = await Promise.all(names.map((n) => engine.submit(utf8(n), { id: n })))
      const copy = createTextList()
      const again = await harness.open({ log, application: copy })
      expectThat(equalBytes(copy.root(), application.root()), 'the same root')
      expectEqual(again.status().height, engine.status().height, 'the height')
      for (const receipt of before) {
        const repeated = await again.submit(utf8(receipt.id), { id: receipt.id })
        expectEqual(repeated.height, receipt.height, 'the height of the receipt')
        expectEqual(repeated.outcome.ok, receipt.outcome.ok, 'the outcome')
        expectThat(equalBytes(repeated.proof.header, receipt.proof.header), 'the same header')
      }
      expectEqual(copy.texts.length, 2, 'the number of texts')
    },
  },
  {
    name: 'keeps what it acknowledged and never publishes two blocks at a height, wherever the disk breaks',
    run: async (harness) => {
      for (let at = 0; at < STEPS; at++) {
        for (const how of ['lost', 'kept'] as const) await breakAndReopen(harness, at, how)
      }
    },
  },
  {
    name: 'stops when the disk breaks instead of going on from memory',
    run: async (harness) => {
      const disk = createFaultyDisk()
      const engine = await harness.open({ log: disk.log, application: createTextList() })
      await engine.submit(utf8('a'), { id: '1' })
      disk.breakAt(1, 'lost')
      await expectRejection(engine.submit(utf8('b'), { id: '2' }), 'consensus/storage-failed')
      await expectRejection(engine.submit(utf8('c'), { id: '3' }), 'consensus/halted')
      expectEqual(engine.status().halted?.code, 'consensus/storage-failed', 'the status')
      expectEqual(engine.status().height, 1, 'the height')
    },
  },
  {
    name: 'stops when the application throws',
    run: async (harness) => {
      const { engine } = await start(harness)
      await expectRejection(
        engine.submit(utf8('boom'), { id: '1' }),
        'consensus/application-failed',
      )
      await expectRejection(engine.submit(utf8('a'), { id: '2' }), 'consensus/halted')
      expectEqual(engine.status().height, 0, 'the height')
    },
  },
  {
    name: 'starts from a snapshot and goes on after it',
    run: async (harness) => {
      const { application, engine } = await start(harness)
      for (const name of ['a', 'b', 'c']) await engine.submit(utf8(name), { id: name })
      const snapshot = await engine.snapshot()
      const log = memoryLog()
      const copy = createTextList()
      const other = await harness.open({ log, application: copy })
      await other.install(snapshot)
      expectThat(equalBytes(copy.root(), application.root()), 'the same root')
      await expectRejection(other.install(snapshot), 'consensus/not-empty')
      const { height } = await other.submit(utf8('d'), { id: 'd' })
      expectEqual(height, snapshot.height + 1, 'the next height')
      const reopened = createTextList()
      const again = await harness.open({ log, application: reopened })
      expectEqual(again.status().height, height, 'the height after a restart')
      expectThat(equalBytes(copy.root(), reopened.root()), 'the same root after a restart')
    },
  },
  {
    name: 'decides once, after the snapshot, what is submitted while it is taken over',
    run: async (harness) => {
      const { engine } = await start(harness)
      for (const name of ['a', 'b', 'c']) await engine.submit(utf8(name), { id: name })
      const snapshot = await engine.snapshot()
      const log = memoryLog()
      const copy = createTextList()
      const other = await harness.open({ log, application: copy })
      const installing = other.install(snapshot)
      const submitting = other.submit(utf8('d'), { id: 'd' })
      await installing
      const { height } = await submitting
      expectEqual(height, snapshot.height + 1, 'the next height')
      expectEqual(copy.texts.length, 4, 'operations in the state')
      const reopened = createTextList()
      await harness.open({ log, application: reopened })
      expectThat(equalBytes(copy.root(), reopened.root()), 'the same root after a restart')
    },
  },
  {
    name: 'refuses a snapshot that does not match its proof',
    run: async (harness) => {
      const { engine } = await start(harness)
      for (const name of ['a', 'b']) await engine.submit(utf8(name), { id: name })
      const snapshot = await engine.snapshot()
      const other = createTextList()
      await other.apply(utf8('x'), { height: 1, time: 1, epoch: 0 })
      const broken = [
        { ...snapshot, application: other.snapshot() },
        { ...snapshot, history: new Uint8Array(32) },
        { ...snapshot, history: new Uint8Array(33) },
        { ...snapshot, application: new Uint8Array(1) },
      ]
      for (const bad of broken) {
        const fresh = await start(harness)
        await expectRejection(fresh.engine.install(bad), 'consensus/snapshot')
        await fresh.engine.submit(utf8('a'), { id: 'a' })
        expectEqual(fresh.application.texts.length, 1, 'the engine to work on')
      }
    },
  },
]
