/**
 * For tests: installed modules by their path, as they are and trimmed.
 *
 * @module
 */
import { realpathSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const transport = join(import.meta.dirname, '../../packages/transport/package.json')

/** The folder of a package, looked up through those that depend on it, outermost first. */
export function packageFolder(...names: readonly string[]): string {
  let from = transport
  for (const name of names) {
    const found = findPackageJSON(name, pathToFileURL(from))
    if (found === undefined) throw new Error(`${name} is not installed`)
    from = realpathSync(found)
  }
  return dirname(from)
}

// biome-ignore lint/suspicious/noExplicitAny: modules of JavaScript, compared with each other.
export type AnyModule = Record<string, any>

export const importFile = (path: string): Promise<AnyModule> => import(pathToFileURL(path).href)

/** Imports a generated codec's `code` as if it stood in the package `names`. */
export async function importCodec(code: string, names: readonly string[]): Promise<AnyModule> {
  const folder = await mkdtemp(join(tmpdir(), 'folkmoot-trim-'))
  try {
    const resolved = code
      .replace(/\n\/\/# sourceMappingURL=.*/, '')
      .replace(/ from '([\w-]+)(?:\/([\w-]+))?'/g, (_, name: string, part = 'index') => {
        const file = join(packageFolder(...names, name), 'dist/src', `${part}.js`)
        return ` from '${pathToFileURL(file).href}'`
      })
    const file = join(folder, 'module.mjs')
    await writeFile(file, resolved)
    return await importFile(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
