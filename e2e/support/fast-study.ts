/**
 * Small studies as a third party would hand them over: a folder with a draft manifest and two
 * modules. The code is the penguins'; how many units, and how long one takes, is the test's choice.
 *
 * @example
 * ```ts
 * import { expect, test } from './support/fast-study.ts'
 *
 * test('it runs', async ({ relay, fastStudy }) => {
 *   const { get } = await relay({ args: ['--study', fastStudy({ units: 12 }), '--worker', '1'] })
 * })
 * ```
 *
 * @module
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { biscoe, torgersen } from '../../examples/penguins/flippers.ts'
import { test as base } from './fixtures.ts'

export { expect } from './fixtures.ts'

const modules = fileURLToPath(new URL('../../examples/penguins/dist/', import.meta.url))

export interface FastStudyInit {
  /** Default 16. */
  readonly units?: number
  /** Random permutations in a unit; 400,000, the default, take about 0.1 s on a laptop's core. */
  readonly permutations?: number
  /** Anything else of the draft manifest. */
  readonly manifest?: Readonly<Record<string, unknown>>
}

/** A standard deviation of the estimate from so many permutations. */
export function spreadOf(exact: number, trials: number): number {
  return Math.sqrt((exact * (1 - exact)) / trials)
}

function draftOf({ units = 16, permutations = 400_000, manifest = {} }: FastStudyInit): object {
  return {
    title: 'A small study',
    question: 'Do the penguins of two islands differ, asked of fewer shuffles?',
    purpose: 'To be finished while a test waits.',
    author: 'A third party',
    contact: 'third@example.org',
    licence: 'CC0',
    code: 'unit.wasm',
    reduce: 'reduce.wasm',
    params: { groups: [torgersen, biscoe], permutations },
    units,
    // Generous, because a busy machine stretches a step; not more, because leases stretch with it.
    limits: { stepMs: 10_000, unitMs: 30_000, memoryPages: 16, outputBytes: 256 },
    dataIn: 'Flipper lengths, in mm, of 51 and 44 penguins.',
    dataOut: {
      hits: { type: 'int', min: 0, max: permutations },
      trials: { type: 'int', min: permutations, max: permutations },
    },
    answer: {
      kind: 'estimate',
      label: 'p',
      reference: { text: '0.07548 (exact)', source: 'by dynamic programming' },
    },
    ...manifest,
  }
}

interface Fixtures {
  /** Makes a study folder and answers its path; it is removed after the test. */
  readonly fastStudy: (init?: FastStudyInit) => string
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names from this pattern
  fastStudy: async ({}, use) => {
    const folders: string[] = []
    await use((init = {}) => {
      const folder = mkdtempSync(join(tmpdir(), 'folkmoot-study-'))
      folders.push(folder)
      for (const name of ['unit.wasm', 'reduce.wasm'])
        cpSync(join(modules, name), join(folder, name))
      writeFileSync(join(folder, 'manifest.json'), JSON.stringify(draftOf(init), null, 2))
      return folder
    })
    for (const folder of folders) rmSync(folder, { recursive: true })
  },
})
