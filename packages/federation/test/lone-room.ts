/**
 * A study room by itself: real keys and records, a sandbox that only says what it was asked to run.
 *
 * @module
 */
import { memoryStore, silentLogger } from '@folkmoot/base'
import { contentIdOf, encode } from '@folkmoot/codec'
import { createChecker, createSigner, type Signer } from '@folkmoot/identity'
import type { Outcome, Sandbox } from '@folkmoot/sandbox'
import { nodeTimers, nodeVerifier, signerFromSeed } from '@folkmoot/storage/node'
import { type Manifest, openManifest, sealManifest, sealStudyRecord } from '@folkmoot/studies'
import { openStudyRoom, type StudyRoomInit } from '../src/studies/study-room.ts'

export const fed = 'ab'.repeat(32)

export async function keyOf(n: number): Promise<Signer> {
  return createSigner(await signerFromSeed(new Uint8Array(32).fill(n)))
}

export async function loneRoom(
  init: Partial<StudyRoomInit> = {},
  distinct: Manifest['validation']['distinct'] = 'peer',
) {
  const checker = createChecker(nodeVerifier())
  const code = contentIdOf(new Uint8Array(), 'raw')
  const bytes = await sealManifest(await keyOf(1), {
    v: 1,
    fed,
    title: 'Squares',
    purpose: 'To test.',
    question: 'How many?',
    author: 'The tests',
    contact: 'tests@example.org',
    licence: 'CC0-1.0',
    code,
    reduce: code,
    params: encode({}),
    inputs: [],
    units: 4,
    comparator: { kind: 'exact' },
    validation: { kind: 'quorum', m: 2, distinct },
    limits: { stepMs: 50, unitMs: 1_000, memoryPages: 16, outputBytes: 64 },
    dataIn: 'Nothing.',
    dataOut: { hits: { type: 'int', min: 0, max: 1_000_000 } },
    answer: { kind: 'estimate', label: 'sum' },
    // The same study every time, so that a second room finds what the first has kept.
    expires: Date.UTC(2100, 0, 1),
  })
  const opened = await openManifest(checker, bytes, { fed })
  if (!opened.ok) throw new Error(opened.fault.message)
  const store = init.store ?? memoryStore()
  const runs: { share: number; cancelled: boolean; end: (outcome: Outcome) => void }[] = []
  const sandbox: Sandbox = {
    run: ({ share }) => {
      const { promise, resolve } = Promise.withResolvers<Outcome>()
      const run = { share, cancelled: false, end: resolve }
      runs.push(run)
      return {
        done: promise,
        pause: () => {},
        resume: () => {},
        cancel: () => {
          run.cancelled = true
          resolve({ ok: false, reason: 'cancelled', detail: '' })
        },
        onProgress: () => () => {},
      }
    },
    close: async () => {},
  }
  const room = await openStudyRoom({
    opened,
    checker,
    store,
    sandbox,
    timers: nodeTimers,
    logger: silentLogger,
    rootOf: () => 'root',
    finalRoots: () => [],
    reduceCode: async () => new Uint8Array(),
    mayRun: () => true,
    share: () => 1,
    ...init,
  })
  const seal = (signer: Signer, unit: number, hits = 1, seq = 0) =>
    sealStudyRecord(signer, {
      study: room.study,
      unit,
      output: encode({ hits }),
      seq,
      at: Date.now(),
    })
  return { room, store, runs, seal }
}
