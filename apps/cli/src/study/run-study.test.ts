import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSigner } from '@folkmoot/identity'
import { nodeRandomness, signerFromSeed } from '@folkmoot/storage/node'
import { sealManifest } from '@folkmoot/studies'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manifestOf } from './draft-manifest.ts'
import { readStudyPackage } from './read-study-package.ts'
import { runStudy } from './run-study.ts'

// What `examples/penguins/build.ts` makes; to this test it is a stranger's module.
const modules = fileURLToPath(new URL('../../../../examples/penguins/dist/', import.meta.url))

const draft = {
  title: 'Two groups',
  question: 'Do they differ?',
  purpose: 'A study as a third party would hand it over.',
  author: 'Somebody else',
  contact: 'else@example.org',
  licence: 'CC0',
  code: 'unit.wasm',
  reduce: 'reduce.wasm',
  params: {
    groups: [
      [180, 181, 182, 190, 195, 201],
      [170, 172, 174, 181, 183],
    ],
    permutations: 1000,
  },
  units: 4,
  limits: { memoryPages: 16 },
  dataIn: 'Eleven made-up numbers.',
  dataOut: {
    hits: { type: 'int', min: 0, max: 1000 },
    trials: { type: 'int', min: 1000, max: 1000 },
  },
  answer: { kind: 'estimate', label: 'p' },
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'folkmoot-study-'))
  writeStudy('draft', draft)
})
afterAll(() => rmSync(folder, { recursive: true }))

function writeStudy(name: string, manifest: object): string {
  const path = join(folder, name)
  mkdirSync(path)
  for (const file of ['unit.wasm', 'reduce.wasm']) {
    writeFileSync(join(path, file), readFileSync(join(modules, file)))
  }
  writeFileSync(join(path, 'manifest.json'), JSON.stringify(manifest))
  return path
}

const init = { workers: 2, onProgress: () => {} }

describe('a study run on one machine', () => {
  it('needs nothing but its manifest and its modules', async () => {
    const result = await runStudy(await readStudyPackage(join(folder, 'draft')), init)
    expect(result).toMatchObject({ title: 'Two groups', signed: false, units: 4, ran: 4 })
    expect(result.answer.done).toBe(4)
    const { low, estimate, high } = result.answer
    expect(low <= estimate && estimate <= high && high <= 1).toBe(true)
  })

  it('gives the same answer from a signed manifest each time, whatever the files are called', async () => {
    const files = await readStudyPackage(join(folder, 'draft'))
    if (files.kind !== 'draft') throw new Error('not a draft')
    const signer = createSigner(await signerFromSeed(nodeRandomness().bytes(32)))
    const path = join(folder, 'signed')
    mkdirSync(path)
    const manifest = manifestOf(files.draft, { fed: 'ab'.repeat(32), preset: 'local', now: 1 })
    writeFileSync(join(path, 'manifest.cbor'), await sealManifest(signer, manifest))
    for (const [at, bytes] of [...files.blocks.values()].entries()) {
      writeFileSync(join(path, `block-${at}`), bytes)
    }
    expect(readdirSync(path).length).toBe(3)
    const run = async () => runStudy(await readStudyPackage(path), init)
    const [first, second] = [await run(), await run()]
    expect(first.signed).toBe(true)
    expect(first.answer).toEqual(second.answer)
    expect(first.study).toBe(second.study)
  })

  it('asks for distinct invitations in production, unless its author decided otherwise', async () => {
    const files = await readStudyPackage(join(folder, 'draft'))
    if (files.kind !== 'draft') throw new Error('not a draft')
    const distinct = (preset: string, draft = files.draft) =>
      manifestOf(draft, { fed: 'ab'.repeat(32), preset, now: 1 }).validation.distinct
    expect([distinct('production'), distinct('local')]).toEqual(['root', 'peer'])
    const validation = { kind: 'quorum', m: 3, distinct: 'peer' } as const
    expect(distinct('production', { ...files.draft, validation })).toBe('peer')
  })

  it('can be tried with its first units only', async () => {
    const files = await readStudyPackage(join(folder, 'draft'))
    expect(await runStudy(files, { ...init, units: 1 })).toMatchObject({ ran: 1, units: 4 })
  })

  it('ends when a unit gives what the manifest did not declare', async () => {
    const dataOut = { ...draft.dataOut, hits: { type: 'int', min: 2000, max: 3000 } }
    const files = await readStudyPackage(writeStudy('undeclared', { ...draft, dataOut }))
    await expect(runStudy(files, init)).rejects.toMatchObject({ code: 'cli/study-run' })
  })

  it('names the field of a manifest that is at fault', async () => {
    const at = (name: string, change: object) => writeStudy(name, { ...draft, ...change })
    await expect(readStudyPackage(at('a', { units: 'many' }))).rejects.toThrow(/units/)
    await expect(readStudyPackage(at('b', { surprise: 1 }))).rejects.toThrow(/surprise/)
    await expect(readStudyPackage(at('c', { code: 'absent.wasm' }))).rejects.toThrow(/absent\.wasm/)
    await expect(readStudyPackage(join(folder, 'nowhere'))).rejects.toMatchObject({
      code: 'cli/study-package',
    })
    const huge = await readStudyPackage(at('d', { title: 'x'.repeat(121) }))
    await expect(runStudy(huge, init)).rejects.toThrow(/manifest is refused/)
  })

  it('refuses a signed manifest of which a byte was altered', async () => {
    const path = join(folder, 'signed', 'manifest.cbor')
    const bytes = readFileSync(path)
    bytes[40] = bytes[40]! ^ 1
    writeFileSync(path, bytes)
    await expect(runStudy(await readStudyPackage(path), init)).rejects.toMatchObject({
      code: 'cli/study-package',
    })
  })
})
