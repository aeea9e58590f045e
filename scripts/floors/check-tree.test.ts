import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { checkTree } from './check-tree.ts'

const made: string[] = []
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true })
})

/** A tree with packages `low` (floor 1), `high` (floor 5) and `peer` (floor 1). */
function tree(files: Record<string, string>, dependencies: Record<string, string[]> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'floors-'))
  made.push(root)
  const floors = { low: 1, peer: 1, high: 5 }
  const all: Record<string, string> = { ...files }
  for (const [name, floor] of Object.entries(floors)) {
    const declared = Object.fromEntries((dependencies[name] ?? []).map((dep) => [dep, '*']))
    all[`packages/${name}/package.json`] = JSON.stringify({
      name: `@t/${name}`,
      folkmoot: { floor },
      dependencies: declared,
      devDependencies: { vitest: '*' },
    })
  }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

describe('the floors check', () => {
  it('accepts this repository', () => {
    expect(checkTree(fileURLToPath(new URL('../..', import.meta.url)))).toEqual([])
  })

  it('accepts an import that goes down or sideways', () => {
    const root = tree(
      {
        'packages/high/src/a.ts': "import { x } from '@t/low'\nimport 'node:fs'",
        'packages/low/src/a.ts': "export * from '@t/peer'",
      },
      { high: ['@t/low'], low: ['@t/peer'] },
    )
    expect(checkTree(root)).toEqual([])
  })

  it('refuses an upward import, however it is written', () => {
    for (const line of [
      "import { x } from '@t/high'",
      "import type { X } from '@t/high'",
      "import '@t/high'",
      "export { x } from '@t/high/sub'",
      "const x = await import('@t/high')",
      'import {\n  x,\n} from "@t/high"',
    ]) {
      const root = tree({ 'packages/low/src/a.ts': line }, { low: ['@t/high'] })
      expect(checkTree(root), line).toEqual([
        'packages/low/src/a.ts: imports @t/high of floor 5 from floor 1',
      ])
    }
  })

  it('refuses a cycle between packages of one floor', () => {
    const root = tree(
      {
        'packages/low/src/a.ts': "import '@t/peer'",
        'packages/peer/src/a.ts': "import '@t/low'",
      },
      { low: ['@t/peer'], peer: ['@t/low'] },
    )
    expect(checkTree(root)).toEqual(['cycle: @t/low → @t/peer → @t/low'])
  })

  it('refuses what package.json does not declare, and a path into another package', () => {
    const root = tree({
      'packages/low/src/a.ts': "import 'cborg'\nimport '../../peer/src/a.ts'",
      'packages/low/src/b.test.ts': "import 'vitest'",
      'packages/low/src/c.ts': "import 'vitest'",
    })
    expect(checkTree(root)).toEqual([
      'packages/low/src/a.ts: imports cborg, which its package.json does not declare',
      'packages/low/src/a.ts: imports ../../peer/src/a.ts, outside of its package',
      'packages/low/src/c.ts: imports vitest, which its package.json does not declare',
    ])
  })

  it.each([
    ["import 'node:fs'", 'imports node:fs on pure floor 1'],
    ["import 'fs'", 'imports fs on pure floor 1'],
    ["import '@libp2p/interface'", 'imports @libp2p/interface on pure floor 1'],
    ['await import(name)', 'imports a computed name'],
    ['const t = Date.now()', 'uses Date.now on pure floor 1'],
    ['const t = new Date()', 'uses new Date() on pure floor 1'],
    ['const t = Math.random()', 'uses Math.random on pure floor 1'],
    ['setTimeout(f, 1)', 'uses a timer on pure floor 1'],
    ['const h = await crypto.subtle.digest(a, b)', 'uses ambient crypto on pure floor 1'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text under test is itself a template
    ['const s = `${`${Date.now()}`}`', 'uses Date.now on pure floor 1'],
    ['const r = /[\'"]/; const t = Date.now()', 'uses Date.now on pure floor 1'],
  ])('refuses `%s` on a pure floor, and only there', (line, fault) => {
    const dependencies = { low: ['@libp2p/interface'], high: ['@libp2p/interface'] }
    const files = { 'packages/low/src/a.ts': line, 'packages/high/src/a.ts': line }
    expect(checkTree(tree(files, dependencies))).toEqual([`packages/low/src/a.ts: ${fault}`])
  })

  it('is not misled by comments, strings and properties', () => {
    const root = tree({
      'packages/low/src/a.ts': [
        "// import '@t/high'",
        "/* Date.now() */ const a = 'Math.random()'",
        'const b = `setTimeout(`',
        'const c = timers.setTimeout(f)',
        'const d = new Date(0)',
        'const e = clock.Date.now()',
      ].join('\n'),
    })
    expect(checkTree(root)).toEqual([])
  })

  it('leaves tests and fuzz targets free', () => {
    const text = "import 'node:fs'\nconst t = Date.now()"
    const root = tree({
      'packages/low/src/a.test.ts': text,
      'packages/low/src/a.fuzz.ts': text,
    })
    expect(checkTree(root)).toEqual([])
  })

  it('counts what only tests import as theirs, but not what ships too', () => {
    const lab = "import 'node:fs'"
    const test = "import './lab.ts'"
    expect(
      checkTree(tree({ 'packages/low/src/lab.ts': lab, 'packages/low/src/a.test.ts': test })),
    ).toEqual([])
    expect(
      checkTree(
        tree({
          'packages/low/src/lab.ts': lab,
          'packages/low/src/a.test.ts': test,
          'packages/low/src/b.ts': test,
        }),
      ),
    ).toEqual(['packages/low/src/lab.ts: imports node:fs on pure floor 1'])
  })

  it('refuses node:* in the part of a platform package that the page loads', () => {
    const root = tree({ 'packages/high/src/web/a.ts': "import 'node:fs'" })
    expect(checkTree(root)).toEqual([
      'packages/high/src/web/a.ts: imports node:fs in code for the page',
    ])
  })
})
