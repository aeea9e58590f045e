import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { compare, readPage, writePage } from './errors-page.ts'
import { readCodes } from './read-codes.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('docs/errors.md', () => {
  it('has a paragraph for every code of the sources, and no other', () => {
    const page = readPage(readFileSync(join(root, 'docs', 'errors.md'), 'utf8'))
    expect(compare(readCodes(root), page)).toEqual([])
  })

  const codes = {
    declared: new Map([
      ['a/one', 'The first.'],
      ['b/two', 'The second.'],
    ]),
    used: new Map([['a/one', 'packages/a/src/x.ts']]),
    written: new Set(['a/one', 'b/two']),
  }

  it('is written from the sources, and keeps what people wrote', () => {
    const text = writePage(codes, new Map([['a/one', 'Longer, by a person.\n\nWith two parts.']]))
    const page = readPage(text)
    expect(page.get('a/one')).toBe('Longer, by a person.\n\nWith two parts.')
    expect(page.get('b/two')).toBe('The second.')
    expect(compare(codes, page)).toEqual([])
    expect(writePage(codes, page)).toBe(text)
  })

  it('is at fault for a missing, a stale and an undeclared code', () => {
    const used = new Map([['a/three', 'packages/a/src/y.ts']])
    const page = new Map([
      ['a/old', 'Gone.'],
      ['a/one', 'The first.'],
    ])
    expect(compare({ ...codes, used }, page)).toEqual([
      'a/old has a paragraph, but no source mentions it',
      'a/three has no paragraph',
      'b/two has no paragraph',
      "packages/a/src/y.ts: a/three is not declared in its package's codes.ts",
    ])
  })

  it('is at fault for a code that nothing throws, and for one out of order', () => {
    const page = new Map([
      ['b/two', 'The second.'],
      ['a/one', 'The first.'],
    ])
    expect(compare({ ...codes, written: new Set(['a/one']) }, page)).toEqual([
      'a/one stands after what the alphabet puts behind it',
      'b/two is declared, but nothing throws or refuses with it',
    ])
  })
})
