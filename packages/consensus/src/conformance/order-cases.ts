/**
 * Cases about order, identity of operations, outcomes and proofs.
 *
 * @module
 */
import { memoryLog } from '@folkmoot/base'
import { equalBytes, utf8 } from '@folkmoot/codec'
import { MAX_OPERATION_BYTES } from '../limits.ts'
import { proveOperation, verifyOperation } from '../payload.ts'
import type { FinalEntry } from '../replicated-log.ts'
import { expectEqual, expectRejection, expectThat } from './expect.ts'
import type { ConformanceCase, ConformanceHarness } from './harness.ts'
import { createTextList } from './text-list.ts'

export async function start(harness: ConformanceHarness) {
  const application = createTextList()
  const engine = await harness.open({ log: memoryLog(), application })
  return { application, engine }
}

const texts = (list: { texts: readonly string[] }) =>
  list.texts.map((text) => text.split(' ').slice(2).join(' '))

export const orderCases: readonly ConformanceCase[] = [
  {
    name: 'acknowledges an operation with a proof of finality that verifies',
    run: async (harness) => {
      const { application, engine } = await start(harness)
      const receipt = await engine.submit(utf8('a'), { id: '1' })
      const final = await harness.verify(receipt.proof)
      expectThat(final.ok && receipt.outcome.ok, 'a valid proof and outcome')
      expectEqual(final.height, receipt.height, 'the height of the proof')
      expectThat(
        equalBytes(final.stateRoot, application.root()),
        'the proof to hold the state root',
      )
    },
  },
  {
    name: 'applies an operation once, however often it is submitted',
    run: async (harness) => {
      const { application, engine } = await start(harness)
      const submits = [1, 2, 3].map(() => engine.submit(utf8('a'), { id: '1' }))
      const receipts = [
        ...(await Promise.all(submits)),
        await engine.submit(utf8('a'), { id: '1' }),
      ]
      expectEqual(new Set(receipts.map((r) => r.height)).size, 1, 'the number of heights')
      expectEqual(texts(application), ['a'], 'the list')
    },
  },
  {
    name: 'refuses another operation under an id that is taken',
    run: async (harness) => {
      const { application, engine } = await start(harness)
      const first = engine.submit(utf8('a'), { id: '1' })
      await expectRejection(engine.submit(utf8('b'), { id: '1' }), 'consensus/id-conflict')
      await first
      await expectRejection(engine.submit(utf8('b'), { id: '1' }), 'consensus/id-conflict')
      expectEqual(texts(application), ['a'], 'the list')
    },
  },
  {
    name: 'makes concurrent operations final exactly once, in one order without gaps',
    run: async (harness) => {
      const { application, engine } = await start(harness)
      const seen: FinalEntry[] = []
      engine.onFinal((entry) => seen.push(entry))
      const names = Array.from({ length: 50 }, (_, i) => `op-${i}`)
      await Promise.all(names.map((name) => engine.submit(utf8(name), { id: name })))
      const order = seen.flatMap((entry) => entry.ops.map((op) => op.id))
      expectEqual(order, texts(application), 'the order that listeners saw')
      expectEqual([...order].sort(), [...names].sort(), 'the operations')
      expectEqual(
        seen.map((e) => e.height),
        seen.map((_, i) => i + 1),
        'the heights',
      )
    },
  },
  {
    name: 'records a refused operation with its reason and leaves the state as it was',
    run: async (harness) => {
      const { application, engine } = await start(harness)
      await engine.submit(utf8('a'), { id: '1' })
      const root = application.root()
      const receipt = await engine.submit(utf8('no thanks'), { id: '2' })
      expectThat(!receipt.outcome.ok, 'a refusal')
      expectEqual(receipt.outcome.fault.code, 'test/no', 'the reason')
      expectThat(equalBytes(root, application.root()), 'the same root')
      const entry = await engine.entryAt(receipt.height)
      const op = entry?.ops.find(({ id }) => id === '2')
      expectThat(op !== undefined && !op.outcome.ok, 'the refusal to be recorded')
    },
  },
  {
    name: 'does not record what the check refuses',
    run: async (harness) => {
      const { engine } = await start(harness)
      await expectRejection(engine.submit(utf8('bad'), { id: '1' }), 'test/bad')
      expectEqual(engine.status().height, 0, 'the height')
      await engine.submit(utf8('good'), { id: '1' })
    },
  },
  {
    name: 'refuses an operation that is too large',
    run: async (harness) => {
      const { engine } = await start(harness)
      const large = new Uint8Array(MAX_OPERATION_BYTES + 1)
      await expectRejection(engine.submit(large, { id: '1' }), 'consensus/operation-too-large')
      await engine.submit(large.subarray(1), { id: '1' })
    },
  },
  {
    name: 'refuses an id that an entry cannot carry',
    run: async (harness) => {
      const { engine } = await start(harness)
      for (const id of ['', ' ', 'é', '__proto__', 'x'.repeat(129)]) {
        await expectRejection(engine.submit(utf8('a'), { id }), 'consensus/invalid-id')
      }
      await engine.submit(utf8('a'), { id: 'x'.repeat(128) })
    },
  },
  {
    name: 'does not take an operation past its deadline',
    run: async (harness) => {
      const { application, engine } = await start(harness)
      for (const deadlineMs of [1, 1.5, -1]) {
        const late = engine.submit(utf8('late'), { id: '1', deadlineMs })
        await expectRejection(late, 'consensus/deadline')
      }
      expectEqual(texts(application), [], 'the list')
    },
  },
  {
    name: 'takes any deadline that is to come, with a fraction or without end',
    run: async (harness) => {
      const { application, engine } = await start(harness)
      const names = ['a', 'b', 'c']
      const deadlines = [Number.POSITIVE_INFINITY, Number.NaN, Number.MAX_SAFE_INTEGER - 1.5]
      for (const [at, id] of names.entries()) {
        await engine.submit(utf8(id), { id, deadlineMs: deadlines[at]! })
      }
      expectEqual(texts(application), names, 'the list')
    },
  },
  {
    name: 'proves each operation and its outcome, and no altered one',
    run: async (harness) => {
      const { engine } = await start(harness)
      const names = ['a', 'no-b', 'c', 'd', 'e']
      const receipts = await Promise.all(
        names.map((name) => engine.submit(utf8(name), { id: name })),
      )
      for (const { id, height, proof } of receipts) {
        const final = await harness.verify(proof)
        const entry = await engine.entryAt(height)
        expectThat(final.ok && entry !== undefined, 'a final entry')
        const index = entry.ops.findIndex((op) => op.id === id)
        const inclusion = proveOperation(entry, index)
        const verified = verifyOperation(final.payloadHash, utf8(id), inclusion)
        expectThat(verified.ok && verified.id === id, 'the proof to verify')
        expectEqual(verified.refusal, id.startsWith('no') ? 'test/no' : null, 'the proven outcome')
        const forgeries = [
          verifyOperation(final.payloadHash, utf8(`${id}x`), inclusion),
          verifyOperation(final.payloadHash, utf8(id), { ...inclusion, id: 'other' }),
          verifyOperation(final.payloadHash, utf8(id), { ...inclusion, refusal: 'test/other' }),
        ]
        expectThat(!forgeries.some((forgery) => forgery.ok), 'altered proofs to fail')
      }
    },
  },
  {
    name: 'answers a read barrier that covers everything acknowledged',
    run: async (harness) => {
      const { engine } = await start(harness)
      expectEqual(await engine.readBarrier(), 0, 'the barrier at the start')
      const { height } = await engine.submit(utf8('a'), { id: '1' })
      expectThat((await engine.readBarrier()) >= height, 'the barrier to cover the operation')
    },
  },
  {
    name: 'stops telling a listener that unsubscribed',
    run: async (harness) => {
      const { engine } = await start(harness)
      let calls = 0
      const stop = engine.onFinal(() => {
        calls += 1
      })
      engine.onFinal(() => {
        throw new Error('a broken listener harms nobody')
      })
      await engine.submit(utf8('a'), { id: '1' })
      stop()
      await engine.submit(utf8('b'), { id: '2' })
      expectEqual(calls, 1, 'the calls')
    },
  },
  {
    name: 'leads a follower to the same state',
    run: async (harness) => {
      const { application, engine } = await start(harness)
      for (const name of ['a', 'no', 'b']) await engine.submit(utf8(name), { id: name })
      const copy = createTextList()
      const follower = await harness.follow({ application: copy })
      for (const entry of await engine.entries(1, 10)) {
        const accepted = await follower.accept(entry)
        expectThat(accepted.ok, 'each entry to be accepted')
      }
      expectThat(equalBytes(copy.root(), application.root()), 'the same root')
      expectEqual(follower.height, engine.status().height, 'the height')
    },
  },
]
