/**
 * `docs/errors.md`: one paragraph per code, in sections by package.
 *
 * @module
 */
import type { CodeInventory } from './read-codes.ts'

const intro = `# Errors

Every code that Folkmoot throws, refuses with or answers with, as \`package/what\`. In JSON output it stands in \`error.code\`; in a log or
an audit entry it is the reason. A code never changes its meaning.

\`scripts/check-errors.ts\` compares this page with the sources, both ways; \`--write\` adds what is missing, with the sentence of the package's
\`codes.ts\`, and leaves paragraphs as people wrote them.
`

/** Code → paragraph, as the page has them. */
export function readPage(text: string): Map<string, string> {
  const paragraphs = new Map<string, string>()
  for (const part of text.split(/^### /m).slice(1)) {
    const [head, ...rest] = part.split('\n')
    const code = /`([^`]+)`/.exec(head!)?.[1]
    const body = rest.join('\n').split(/^## /m)[0]!.trim()
    if (code !== undefined) paragraphs.set(code, body)
  }
  return paragraphs
}

/** What is wrong between sources and page, one sentence each. */
export function compare(codes: CodeInventory, page: ReadonlyMap<string, string>): string[] {
  const all = new Set([...codes.declared.keys(), ...codes.used.keys()])
  const order = [...page.keys()]
  return [
    ...[...codes.declared.keys()]
      .filter((code) => !codes.written.has(code))
      .map((code) => `${code} is declared, but nothing throws or refuses with it`),
    ...order
      .filter((code, at) => at > 0 && code < order[at - 1]!)
      .map((code) => `${code} stands after what the alphabet puts behind it`),
    ...[...codes.used]
      // `base` declares the class, and only the code for what has none.
      .filter(([code]) => !codes.declared.has(code) && code !== 'base/unexpected')
      .map(([code, path]) => `${path}: ${code} is not declared in its package's codes.ts`),
    ...[...all].filter((code) => !page.has(code)).map((code) => `${code} has no paragraph`),
    ...[...page].filter(([, body]) => body === '').map(([code]) => `${code}: empty paragraph`),
    ...[...page.keys()]
      .filter((code) => !all.has(code))
      .map((code) => `${code} has a paragraph, but no source mentions it`),
  ].sort()
}

/** The page with exactly the codes of the sources. */
export function writePage(codes: CodeInventory, page: ReadonlyMap<string, string>): string {
  const all = [...new Set([...codes.declared.keys(), ...codes.used.keys()])].sort()
  const sections = Map.groupBy(all, (code) => code.split('/')[0]!)
  const parts = [...sections].map(([owner, list]) => {
    const paragraphs = list.map((code) => {
      const body = page.get(code) || codes.declared.get(code) || ''
      return `### \`${code}\`\n\n${body}\n`
    })
    return `## ${owner}\n\n${paragraphs.join('\n')}`
  })
  return `${intro}\n${parts.join('\n')}`
}
