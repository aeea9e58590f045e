import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blocksOf, guides, root, textOf } from './pages.ts'

const statement = /^import (type )?\{([^}]*)\} from '([^']+)'/gm

interface Import {
  readonly from: string
  readonly names: readonly string[]
}

function importsOf(text: string): Import[] {
  return [...text.matchAll(statement)].map(([, , names, from]) => ({
    from: from!,
    names: names!
      .split(',')
      .map(
        (name) =>
          name
            .trim()
            .replace(/^type /, '')
            .split(' as ')[0]!,
      )
      .filter(Boolean),
  }))
}

const packages = new Map(
  globSync('{packages,apps,examples}/*/package.json', { cwd: root }).map((path) => {
    const { name, exports } = JSON.parse(readFileSync(join(root, path), 'utf8')) as {
      name: string
      exports?: Record<string, string>
    }
    return [name, { folder: join(root, dirname(path)), exports: exports ?? {} }] as const
  }),
)

/** The source behind a specifier, as seen from a page; null where another project's package is meant. */
function sourceOf(from: string, page: string): string | undefined | null {
  if (from.startsWith('.')) {
    const beside = ['', 'src'].map((folder) => join(root, dirname(page), folder, from))
    return beside.find((path) => existsSync(path))
  }
  const [scope, name, ...path] = from.split('/')
  if (scope !== '@folkmoot') return null
  const found = packages.get(`${scope}/${name}`)
  const target = found?.exports[path.length === 0 ? '.' : `./${path.join('/')}`]
  return found && target ? join(found.folder, target) : undefined
}

/** What a module exports by name: our indexes name everything one by one. */
function exportsOf(text: string): Set<string> {
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names]) =>
    names!.split(',').map(
      (name) =>
        name
          .trim()
          .replace(/^type /, '')
          .split(' as ')
          .at(-1)!,
    ),
  )
  const own = text.matchAll(
    /^export (?:async )?(?:const|function\*?|class|interface|type|abstract class) (\w+)/gm,
  )
  return new Set([...lists, ...[...own].map(([, name]) => name!)])
}

/** What is wrong with the imports of an example. */
function faults(example: string, page: string): string[] {
  return importsOf(example).flatMap(({ from, names }) => {
    const source = sourceOf(from, page)
    if (source === null) return []
    if (source === undefined || !existsSync(source)) return [`${from} does not exist`]
    const offered = exportsOf(readFileSync(source, 'utf8'))
    return names
      .filter((name) => !offered.has(name))
      .map((name) => `${from} does not export ${name}`)
  })
}

describe('the imports of examples', () => {
  const written = guides.filter((page) => importsOf(blocksOf(textOf(page), 'ts').join('\n')).length)

  it.each(written)('in %s lead to what is exported', (page) => {
    expect(blocksOf(textOf(page), 'ts').flatMap((block) => faults(block, page))).toEqual([])
  })

  it('in the headers of modules lead to what is exported', () => {
    const modules = globSync('{packages,apps}/*/src/**/index.ts', { cwd: root })
    const wrong = modules.flatMap((path) => {
      const header = /^\/\*\*[\s\S]*?\*\//.exec(readFileSync(join(root, path), 'utf8'))?.[0] ?? ''
      return faults(header.replaceAll(/^ \* ?/gm, ''), path).map((each) => `${path}: ${each}`)
    })
    expect(wrong).toEqual([])
  })

  it('would be refused from a path or by a name that does not exist', () => {
    const page = 'packages/studies/README.md'
    expect(faults("import { verifyBundle } from '@folkmoot/studies'", page)).toHaveLength(1)
    expect(faults("import { x } from '@folkmoot/studies/none'", page)).toHaveLength(1)
    expect(faults("import { verifyBundle } from '@folkmoot/studies/bundle'", page)).toEqual([])
  })
})
