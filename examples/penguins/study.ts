/**
 * The penguins study: its manifest, without what only a federation can add, and its modules.
 *
 * @example
 * ```ts
 * const { fields, unit, reduce } = await penguinsStudy()
 * const manifest = { ...fields, fed, code: contentIdOf(unit), reduce: contentIdOf(reduce), expires }
 * ```
 *
 * @module
 */
import { readFile } from 'node:fs/promises'
import { encode } from '@folkmoot/codec'
import { biscoe, torgersen } from './flippers.ts'

export interface PenguinsInit {
  /** Work units; default 90. */
  readonly units?: number
  /** Random permutations in each unit; default 4,000,000, about 1 s on a laptop's core. */
  readonly permutationsPerUnit?: number
}

/** The two-sided p value by dynamic programming over all 95-choose-44 groupings; a test recomputes it. */
export const exactP = 0.07547754377407592

/** The manifest's fields that do not depend on a federation. */
export function penguinsFields(init: PenguinsInit = {}) {
  const { units = 90, permutationsPerUnit = 4_000_000 } = init
  return {
    v: 1,
    title: 'Penguin flippers',
    question: 'Do Adélie penguins on Torgersen and on Biscoe differ in flipper length?',
    purpose:
      'If the island made no difference, how often would two groups of these sizes differ in mean flipper length by as much as they do? Each unit deals the 95 measured birds to the two islands anew, at random, and counts.',
    author: 'Folkmoot contributors',
    contact: 'The operator of this federation',
    licence: 'Code Apache-2.0; data CC0 (Gorman, Williams and Fraser 2014)',
    params: encode({ groups: [torgersen, biscoe], permutations: permutationsPerUnit }),
    inputs: [],
    units,
    comparator: { kind: 'exact' },
    validation: { kind: 'quorum', m: 2, distinct: 'peer' },
    limits: { stepMs: 2_000, unitMs: 120_000, memoryPages: 16, outputBytes: 256 },
    dataIn: 'Flipper lengths, in mm, of 51 Adélie penguins on Torgersen and 44 on Biscoe.',
    dataOut: {
      hits: { type: 'int', min: 0, max: permutationsPerUnit },
      trials: { type: 'int', min: permutationsPerUnit, max: permutationsPerUnit },
    },
    answer: {
      kind: 'estimate',
      label: 'p',
      reference: {
        text: '0.07548 (exact, by dynamic programming)',
        source: 'vega-datasets penguins; exact permutation distribution',
      },
    },
  } as const
}

/** The fields and both modules, as `build.ts` left them in `dist/`. */
export async function penguinsStudy(init: PenguinsInit = {}) {
  const [unit, reduce] = await Promise.all(
    ['unit', 'reduce'].map(async (name) =>
      Uint8Array.from(await readFile(new URL(`dist/${name}.wasm`, import.meta.url))),
    ),
  )
  return { fields: penguinsFields(init), unit: unit!, reduce: reduce! }
}
