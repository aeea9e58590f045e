/**
 * Reads a TypeScript source as far as the floors check needs it: which modules it imports, and
 * which ambient names its code mentions. TypeScript 7 has no JavaScript API, so this is a scanner
 * that knows comments, strings, templates and regular expressions, and nothing else.
 *
 * @module
 */

export interface Source {
  /** Specifiers of static imports, re-exports and literal dynamic imports. */
  readonly imports: readonly string[]
  /** Dynamic imports whose specifier is computed. */
  readonly computedImports: number
  /** Contents of all quoted strings, as they stand in the source. */
  readonly strings: readonly string[]
  /** The code without comments; a string stands as its place in `strings`, in quotes. */
  readonly code: string
}

/** A slash after one of these starts a regular expression, after anything else it divides. */
const beforeRegex = /(^|[=(,:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|do|else|void))\s*$/

const ends = { "'": "'", '"': '"' } as const

/** Length of the token at `at` that is not code, with what should stand for it. */
function skip(text: string, at: number, before: string): [length: number, kept: string] {
  const two = text.slice(at, at + 2)
  if (two === '//') {
    const end = text.indexOf('\n', at)
    return [(end === -1 ? text.length : end) - at, '']
  }
  if (two === '/*') {
    const end = text.indexOf('*/', at + 2)
    return [(end === -1 ? text.length : end + 2) - at, ' ']
  }
  const first = text[at]!
  if (first in ends) return [quoted(text, at, first), first]
  if (first === '/' && beforeRegex.test(before.slice(-20))) return [regex(text, at), '/']
  return [0, '']
}

function quoted(text: string, at: number, quote: string): number {
  let end = at + 1
  while (end < text.length && text[end] !== quote) end += text[end] === '\\' ? 2 : 1
  return end + 1 - at
}

function regex(text: string, at: number): number {
  let end = at + 1
  let inClass = false
  while (end < text.length && (inClass || text[end] !== '/') && text[end] !== '\n') {
    if (text[end] === '[') inClass = true
    if (text[end] === ']') inClass = false
    end += text[end] === '\\' ? 2 : 1
  }
  return end + 1 - at
}

/** Strings become `'n'`, where n is their place in the returned list; templates keep their code. */
function blank(text: string): { code: string; strings: string[] } {
  const strings: string[] = []
  let code = ''
  // Depth of braces at which each open template's `${` was met.
  const templates: number[] = []
  let braces = 0
  let at = 0
  const template = () => {
    while (at < text.length && text[at] !== '`' && text.slice(at, at + 2) !== '${') {
      at += text[at] === '\\' ? 2 : 1
    }
    if (text[at] === '`') {
      code += '`'
      at++
    } else {
      templates.push(braces)
      braces++
      code += '${'
      at += 2
    }
  }
  while (at < text.length) {
    const [length, kept] = skip(text, at, code)
    if (length > 0) {
      if (kept === "'" || kept === '"') {
        code += `'${strings.length}'`
        strings.push(text.slice(at + 1, at + length - 1))
      } else code += kept === '/' ? '/ /' : kept
      at += length
      continue
    }
    const char = text[at]!
    at++
    code += char
    if (char === '`') template()
    else if (char === '{') braces++
    else if (char === '}') {
      braces--
      if (templates.at(-1) === braces) {
        templates.pop()
        template()
      }
    }
  }
  return { code, strings }
}

/** Scans one source text. */
export function readSource(text: string): Source {
  const { code, strings } = blank(text)
  const found = [
    ...code.matchAll(/\b(?:import|export)\b[^;'"()=]*?\bfrom\s*'(\d+)'/g),
    ...code.matchAll(/\bimport\s*'(\d+)'/g),
    ...code.matchAll(/\bimport\s*\(\s*'(\d+)'/g),
    ...code.matchAll(/\brequire\s*\(\s*'(\d+)'/g),
  ].map((match) => strings[Number(match[1])]!)
  return {
    imports: [...new Set(found)],
    strings,
    computedImports: [...code.matchAll(/\bimport\s*\((?!\s*'\d+')/g)].length,
    code,
  }
}
