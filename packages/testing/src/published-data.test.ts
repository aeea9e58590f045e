import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { publishedData } from './published-data.ts'

afterEach(() => vi.unstubAllEnvs())

test('data is found in the folder that FOLKMOOT_DATA names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'folkmoot-data-'))
  writeFileSync(join(folder, 'vectors.json'), '[]')
  vi.stubEnv('FOLKMOOT_DATA', folder)
  expect(publishedData('vectors.json')).toBe(join(folder, 'vectors.json'))
})

test('absent data counts as not run, one line a group', () => {
  const folder = mkdtempSync(join(tmpdir(), 'folkmoot-data-'))
  vi.stubEnv('FOLKMOOT_DATA', folder)
  vi.stubEnv('FOLKMOOT_REQUIRE_DATA', '')
  vi.stubEnv('FOLKMOOT_NOT_RUN', join(folder, 'not-run'))
  expect(publishedData('bytes/one')).toBeUndefined()
  expect(publishedData('bytes/two')).toBeUndefined()
  expect(readFileSync(join(folder, 'not-run'), 'utf8')).toBe('bytes/one\nbytes/two\n')
})

test('absent data fails where it is required', () => {
  vi.stubEnv('FOLKMOOT_DATA', mkdtempSync(join(tmpdir(), 'folkmoot-data-')))
  vi.stubEnv('FOLKMOOT_REQUIRE_DATA', '1')
  expect(() => publishedData('bytes/one')).toThrow('bytes/one')
})
