/**
 * The project's Markdown pages and what stands in their fenced blocks.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Paths of all pages, from the root. */
export const pages: readonly string[] = globSync(
  '{*.md,docs/**/*.md,{packages,apps,examples}/*/*.md,bench/*.md}',
  { cwd: root, exclude: (path) => path.includes('node_modules') },
).sort()

/** Those that tell people what to do now; decisions and the changelog tell what was. */
export const guides: readonly string[] = pages.filter(
  (page) => !page.startsWith('docs/adr/') && page !== 'CHANGELOG.md',
)

export function textOf(page: string): string {
  return readFileSync(join(root, page), 'utf8')
}

/** The fenced blocks in one language. */
export function blocksOf(text: string, language: string): string[] {
  const fences = text.matchAll(/^ *```(\w*)[^\n]*\n([\s\S]*?)^ *```$/gm)
  return [...fences].filter(([, name]) => name === language).map(([, , body]) => body!)
}
