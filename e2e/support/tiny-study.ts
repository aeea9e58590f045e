/**
 * A folder with a real study that is done in a moment: the penguins' code with few, small units.
 *
 * @module
 */
import { copyFile, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { biscoe, torgersen } from '../../examples/penguins/flippers.ts'

export interface TinyStudyInit {
  /** Default 6. */
  readonly units?: number
  /** Permutations in a unit; default 20,000, a few milliseconds. */
  readonly permutations?: number
  /** Different results that agree; default 2. */
  readonly quorum?: number
}

const modules = fileURLToPath(new URL('../../examples/penguins/dist/', import.meta.url))

/** Writes it to a new temporary folder, for `--study` or `study open`; the caller deletes it. */
export async function tinyStudy(init: TinyStudyInit = {}): Promise<string> {
  const { units = 6, permutations = 20_000, quorum = 2 } = init
  const folder = await mkdtemp(join(tmpdir(), 'folkmoot-study-'))
  for (const name of ['unit.wasm', 'reduce.wasm']) {
    await copyFile(join(modules, name), join(folder, name))
  }
  const manifest = {
    title: 'Penguin flippers, in small',
    question: 'Do Adélie penguins on Torgersen and on Biscoe differ in flipper length?',
    purpose: 'A test of Folkmoot on real birds, with too few permutations to conclude anything.',
    author: 'Folkmoot contributors',
    contact: 'The operator of this federation',
    licence: 'Code Apache-2.0; data CC0 (Gorman, Williams and Fraser 2014)',
    code: 'unit.wasm',
    reduce: 'reduce.wasm',
    params: { groups: [torgersen, biscoe], permutations },
    units,
    validation: { kind: 'quorum', m: quorum, distinct: 'peer' },
    // A machine that runs a whole test beside it may take its time over a step.
    limits: { stepMs: 10_000, unitMs: 120_000, memoryPages: 16, outputBytes: 256 },
    dataIn: 'Flipper lengths, in mm, of 51 Adélie penguins on Torgersen and 44 on Biscoe.',
    dataOut: {
      hits: { type: 'int', min: 0, max: permutations },
      trials: { type: 'int', min: permutations, max: permutations },
    },
    answer: {
      kind: 'estimate',
      label: 'p',
      reference: { text: '0.07548', source: 'exact permutation distribution' },
    },
  }
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest))
  return folder
}
