/**
 * Collects every error code of the sources: those that a package's `codes.ts` declares, with their
 * sentence, and those that its code mentions.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSource } from '../floors/read-source.ts'

export interface CodeInventory {
  /** Declared code → its sentence from `codes.ts`. */
  readonly declared: ReadonlyMap<string, string>
  /** Code that appears in the sources → a file in which it does. */
  readonly used: ReadonlyMap<string, string>
  /** Whatever code any source but a `codes.ts` writes out, for what reason ever. */
  readonly written: ReadonlySet<string>
}

const shape = /^[a-z]+(-[a-z]+)*\/[a-z0-9]+(-[a-z0-9]+)*$/

/** In `codes.ts`: a doc comment, then `| 'package/what'`. */
const declaration = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*\|?\s*'([a-z-]+\/[a-z0-9-]+)'/g

/** Or in the header of `codes.ts`, as a list. */
const listed = /- `([a-z-]+\/[a-z0-9-]+)`: ((?:(?!\n \* -|\n \*\n|\*\/)[\s\S])*)/g

/**
 * What stands before a literal that is a code, and not a store's key, a topic or an action: the call
 * of something that refuses or throws, a field or comparison of a code, or a choice between codes.
 */
const before =
  /(\b\w*(error|refuse|reject|fault|fail|problem|deny|drop)\w*(<[^()]*>)?\(\s*|\bcode\w*:\s*|\bcode\w*\s*[!=]==\s*|\?\s*|\breturn\s+|=>\s*|\?\?\s*|\berrorCode\(\w+,\s*)$/i
const afterChoice = /\?\s*'\d+'\s*:\s*$/

function sentence(comment: string): string {
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join(' ')
    .trim()
}

export function readCodes(root: string): CodeInventory {
  const declared = new Map<string, string>()
  const used = new Map<string, string>()
  const written = new Set<string>()
  const paths = globSync('{packages,apps}/*/src/**/*.{ts,tsx}', { cwd: root })
    .filter((path) => !/(\.(test|fuzz)\.tsx?$)|(\/(fixtures|test-support)\/)/.test(path))
    .sort()
  const owners = new Set(paths.map((path) => path.split('/')[1]!))
  for (const path of paths) {
    const text = readFileSync(join(root, path), 'utf8')
    if (path.endsWith('/codes.ts')) {
      for (const [, comment, code] of text.matchAll(declaration)) {
        declared.set(code!, sentence(comment!))
      }
      for (const [, code, words] of text.matchAll(listed)) {
        const said = sentence(words!)
        declared.set(code!, `${said[0]?.toUpperCase()}${said.slice(1)}`)
      }
      continue
    }
    const { strings, code } = readSource(text)
    // The table of exit codes gives nobody a code: what stands only there is never thrown.
    if (!path.endsWith('/exit-codes.ts')) for (const literal of strings) written.add(literal)
    for (const match of code.matchAll(/'(\d+)'/g)) {
      const literal = strings[Number(match[1])] ?? ''
      if (!shape.test(literal) || !owners.has(literal.split('/')[0]!)) continue
      const lead = code.slice(Math.max(0, match.index - 80), match.index)
      if (!before.test(lead) && !afterChoice.test(lead)) continue
      if (!used.has(literal)) used.set(literal, path)
    }
  }
  return { declared, used, written }
}
