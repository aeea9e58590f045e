import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pages, root, textOf } from './pages.ts'

/** Markdown links, and paths in backquotes that the README's table of evidence gives. */
function linksOf(text: string): string[] {
  return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map((match) => match[1]!)
    .filter((link) => !/^[a-z]+:/.test(link))
}

describe('the documents', () => {
  it.each(pages)('%s links only to files that exist', (page) => {
    const text = textOf(page)
    const broken = linksOf(text).filter(
      (link) => !existsSync(resolve(join(root, dirname(page)), link)),
    )
    expect(broken).toEqual([])
  })

  it('name, in the README’s table of evidence, tests that exist', () => {
    const text = textOf('README.md')
    const named = [...text.matchAll(/`([\w./-]+\.(?:test|spec|fuzz)\.ts)`/g)].map((m) => m[1]!)
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('keep each package’s README within 60 lines', () => {
    const long = pages
      .filter((page) => /^packages\/[^/]+\/README\.md$/.test(page))
      .filter((page) => textOf(page).trimEnd().split('\n').length > 60)
    expect(long).toEqual([])
  })
})
