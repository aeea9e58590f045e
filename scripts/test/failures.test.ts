import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../build.ts'
import { playwrightFailures, vitestFailures } from './failures.ts'

it('names the tests that failed and the files that did not load, with what they said', () => {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache', 'failing-'))
  try {
    const head = "import { expect, it } from 'vitest'\n"
    writeFileSync(
      join(folder, 'wrong.test.ts'),
      `${head}it('adds', () => expect(1 + 1).toBe(3))\nit('is', () => expect(1).toBe(1))\n`,
    )
    writeFileSync(join(folder, 'broken.test.ts'), "import './absent.ts'\n")
    const report = join(folder, 'report.json')
    const more = ['--reporter=json', `--outputFile=${report}`]
    spawnSync(join(root, 'node_modules', '.bin', 'vitest'), ['run', '--root', folder, ...more])
    const told = vitestFailures(JSON.parse(readFileSync(report, 'utf8')), folder).sort()
    expect(told).toHaveLength(2)
    expect(told[0]).toMatch(/^broken\.test\.ts\n {4}.*absent\.ts/)
    expect(told[1]).toMatch(/^wrong\.test\.ts › adds\n {4}AssertionError: expected 2 to be 3/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('names the browser tests that failed at their last try, by file and group', () => {
  const errors = (message: string) => ({ results: [{ errors: [] }, { errors: [{ message }] }] })
  const told = playwrightFailures([
    {
      title: 'join.spec.ts',
      specs: [{ title: 'opens', ok: true, tests: [errors('at first')] }],
      suites: [
        {
          title: 'before Join',
          specs: [
            { title: 'reads', ok: false, tests: [errors('\u001b[31mno\u001b[39m\n\nlight')] },
          ],
        },
      ],
    },
  ])
  expect(told).toEqual(['join.spec.ts › before Join › reads\n    no\n    light'])
})
