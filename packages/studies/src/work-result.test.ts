import { decode, encode } from '@folkmoot/codec'
import { sealRecord } from '@folkmoot/identity'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { signerNamed } from '../test/keys.ts'
import { checker, manifestOf } from '../test/world.ts'
import type { StudyId } from './study-id.ts'
import {
  encodeStudyRecord,
  openStudyRecord,
  peekStudyRecord,
  type ResultInit,
  sealStudyRecord,
} from './work-result.ts'

const study = 'ab'.repeat(32) as StudyId
const manifest = manifestOf('cd'.repeat(32), { kind: 'quorum', m: 2, distinct: 'root' }, 9)
const worker = signerNamed('worker')
const init: ResultInit = { study, unit: 3, output: encode({ hits: 9 }), seq: 0, at: 1_000 }
const open = (bytes: Uint8Array) => openStudyRecord(checker, { study, manifest }, bytes)

async function code(change: Partial<ResultInit>): Promise<string> {
  const opened = await open(await sealStudyRecord(worker, { ...init, ...change }))
  return opened.ok ? 'ok' : opened.fault.code
}

let bytes: Uint8Array
beforeAll(async () => {
  bytes = await sealStudyRecord(worker, init)
})

describe('a study record', () => {
  it('opens as it was sealed, and packs to the same bytes again', async () => {
    const opened = await open(bytes)
    if (!opened.ok) throw new Error(opened.fault.message)
    expect(opened.opened).toMatchObject({ unit: 3, peer: worker.peer, seq: 0, at: 1_000 })
    expect(encodeStudyRecord(opened.opened)).toEqual(bytes)
    expect(peekStudyRecord(bytes)).toMatchObject({ ok: true, unit: 3, id: opened.opened.id })
  })

  it('for another study or a unit that does not exist is refused', async () => {
    expect(await code({ study: 'ef'.repeat(32) as StudyId })).toBe('studies/result-study')
    expect(await code({ unit: 9 })).toBe('studies/result-unit')
  })

  it('with an output that the study does not declare is refused', async () => {
    expect(await code({ output: encode({ hits: -1 }) })).not.toBe('ok')
    expect(await code({ output: encode({ hits: 1, name: 'Ann' }) })).not.toBe('ok')
    expect(await code({ output: new Uint8Array([0xff]) })).not.toBe('ok')
    expect(await code({ output: new Uint8Array(65) })).toBe('studies/output-size')
  })

  it('with another output than the signed one is refused', async () => {
    const record = decode(bytes)
    const { result } = (record.ok ? record.value : {}) as { result: Uint8Array }
    const swapped = encode({ result, output: encode({ hits: 10 }) })
    expect(await open(swapped)).toMatchObject({ fault: { code: 'studies/output-hash' } })
  })

  it('signed for another purpose is refused', async () => {
    const value = { v: 1, study, unit: 3, output: manifest.code, seq: 0, at: 0 }
    const result = await sealRecord(worker, 'report', value)
    expect((await open(encode({ result, output: encode({ hits: 9 }) }))).ok).toBe(false)
  })

  it('with any byte altered is refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, mask) => {
          const altered = bytes.slice()
          altered[at]! ^= mask
          expect((await open(altered)).ok).toBe(false)
        },
      ),
      { numRuns: 300 },
    )
  })
})
