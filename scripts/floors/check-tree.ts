/**
 * The rules of the floors over a tree of packages: an import goes down or sideways, the graph of
 * packages has no cycle, every import is declared, and floors 0 to 4 are pure.
 *
 * @module
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { readSource, type Source } from './read-source.ts'

interface Package {
  readonly name: string
  readonly folder: string
  readonly floor: number
  readonly dependencies: ReadonlySet<string>
  readonly devDependencies: ReadonlySet<string>
}

/** The highest floor that must run in Node, in a tab and in a simulator unchanged. */
const highestPure = 4

const platformModules = /^(libp2p|@libp2p\/|@multiformats\/multiaddr|it-|preact|hono|idb)/
const ambient: ReadonlyArray<readonly [RegExp, string]> = [
  [/(?<![.\w])Date\s*\.\s*now\b/, 'Date.now'],
  [/\bnew\s+Date\s*(\(\s*\)|(?!\s*\())/, 'new Date()'],
  [/(?<![.\w])performance\s*\.\s*(now|timeOrigin)\b/, 'performance'],
  [/(?<![.\w])Math\s*\.\s*random\b/, 'Math.random'],
  [/(?<![.\w])(setTimeout|setInterval|setImmediate|requestAnimationFrame)\s*\(/, 'a timer'],
  [/(?<![.\w])crypto\s*\.\s*(subtle|getRandomValues|randomUUID)\b/, 'ambient crypto'],
  [/(?<![.\w])globalThis\b/, 'globalThis'],
  [/(?<![.\w])(window|document|navigator|localStorage|indexedDB)\s*\./, 'the DOM'],
  [/(?<![.\w])(process|Buffer)\s*\./, 'a Node global'],
  [/(?<![.\w])fetch\s*\(/, 'fetch'],
]

/** Tests and fuzz targets may reach up and touch the platform; what ships may not. */
const isTestName = (path: string) => /\.(test|fuzz)\.tsx?$/.test(path)
const isPage = (path: string) => /(^packages\/[^/]+\/src\/web\/)|(^apps\/web\/src\/)/.test(path)

function readPackages(root: string): { packages: Package[]; faults: string[] } {
  const faults: string[] = []
  const packages = globSync('{packages,apps}/*/package.json', { cwd: root })
    .sort()
    .map((path) => {
      const manifest = JSON.parse(readFileSync(join(root, path), 'utf8'))
      const floor = manifest.folkmoot?.floor
      if (!Number.isInteger(floor)) faults.push(`${path}: "folkmoot": { "floor": n } is missing`)
      return {
        name: manifest.name as string,
        folder: dirname(path),
        floor: floor ?? 0,
        dependencies: new Set(Object.keys(manifest.dependencies ?? {})),
        devDependencies: new Set(Object.keys(manifest.devDependencies ?? {})),
      }
    })
  return { packages, faults }
}

/** The sources of one package, scanned, and which of them only tests use. */
interface Sources {
  readonly files: ReadonlyMap<string, Source>
  readonly tests: ReadonlySet<string>
}

/** A file that tests import and nothing else does belongs to them, whatever it is called. */
function readSources(root: string, folder: string): Sources {
  const paths = globSync(`${folder}/src/**/*.{ts,tsx}`, { cwd: root }).sort()
  const files = new Map(
    paths.map((path) => [path, readSource(readFileSync(join(root, path), 'utf8'))]),
  )
  const importers = new Map<string, string[]>()
  for (const [path, { imports }] of files) {
    for (const specifier of imports.filter((each) => each.startsWith('.'))) {
      const target = join(dirname(path), specifier)
      importers.set(target, [...(importers.get(target) ?? []), path])
    }
  }
  const tests = new Set(paths.filter(isTestName))
  for (let before = -1; before !== tests.size; ) {
    before = tests.size
    for (const [path, from] of importers) if (from.every((each) => tests.has(each))) tests.add(path)
  }
  return { files, tests }
}

/** `@scope/name/sub` → `@scope/name`. */
function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Every cycle is reported once, as the path that closes it. */
function findCycles(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const faults: string[] = []
  const done = new Set<string>()
  const visit = (name: string, path: readonly string[]) => {
    if (path.includes(name)) {
      faults.push(`cycle: ${[...path.slice(path.indexOf(name)), name].join(' → ')}`)
      return
    }
    if (done.has(name)) return
    for (const next of edges.get(name) ?? []) visit(next, [...path, name])
    done.add(name)
  }
  for (const name of edges.keys()) visit(name, [])
  return faults
}

interface Surroundings {
  readonly byName: ReadonlyMap<string, Package>
  /** What the root's package.json offers to every test. */
  readonly forTests: ReadonlySet<string>
}

function checkImport(
  owner: Package,
  path: string,
  specifier: string,
  test: boolean,
  { byName, forTests }: Surroundings,
): string | undefined {
  if (specifier.startsWith('.')) {
    const target = resolve('/', dirname(path), specifier)
    const inside = !relative(resolve('/', owner.folder), target).startsWith('..')
    return inside || test ? undefined : `imports ${specifier}, outside of its package`
  }
  if (isBuiltin(specifier)) {
    if (test) return undefined
    if (owner.floor <= highestPure) return `imports ${specifier} on pure floor ${owner.floor}`
    return isPage(path) ? `imports ${specifier} in code for the page` : undefined
  }
  const name = packageName(specifier)
  if (name === owner.name) return undefined
  const declared = owner.dependencies.has(name)
  const declaredForTests = owner.devDependencies.has(name) || forTests.has(name)
  if (!declared && !(test && declaredForTests)) {
    return `imports ${name}, which its package.json does not declare`
  }
  if (test) return undefined
  const target = byName.get(name)
  if (target !== undefined && target.floor > owner.floor) {
    return `imports ${name} of floor ${target.floor} from floor ${owner.floor}`
  }
  if (owner.floor <= highestPure && platformModules.test(specifier)) {
    return `imports ${specifier} on pure floor ${owner.floor}`
  }
  return undefined
}

/** Every breach of the floors under `root`, as `path: sentence`; empty when there is none. */
export function checkTree(root: string): string[] {
  const { packages, faults } = readPackages(root)
  const byName = new Map(packages.map((entry) => [entry.name, entry]))
  const manifest = join(root, 'package.json')
  const forTests = new Set(
    existsSync(manifest)
      ? Object.keys(JSON.parse(readFileSync(manifest, 'utf8')).devDependencies ?? {}).filter(
          (name) => !byName.has(name),
        )
      : [],
  )
  const edges = new Map(packages.map((entry) => [entry.name, new Set<string>()]))
  for (const owner of packages) {
    if (!existsSync(join(root, owner.folder, 'src'))) continue
    const { files, tests } = readSources(root, owner.folder)
    for (const [path, source] of files) {
      const test = tests.has(path)
      for (const specifier of source.imports) {
        const fault = checkImport(owner, path, specifier, test, { byName, forTests })
        if (fault !== undefined) faults.push(`${path}: ${fault}`)
        const name = packageName(specifier)
        if (!test && name !== owner.name && byName.has(name)) {
          edges.get(owner.name)?.add(name)
        }
      }
      if (owner.floor > highestPure || test) continue
      if (source.computedImports > 0) faults.push(`${path}: imports a computed name`)
      for (const [pattern, what] of ambient) {
        if (pattern.test(source.code)) {
          faults.push(`${path}: uses ${what} on pure floor ${owner.floor}`)
        }
      }
    }
  }
  return [...faults, ...findCycles(edges)]
}
