import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { settingNames } from './settings.ts'

const sources = join(import.meta.dirname, '..')

it('are all read by somebody: one that changes nothing would be a promise that nobody keeps', async () => {
  let text = ''
  for await (const path of glob('**/*.ts', { cwd: sources })) {
    const isOther = !path.endsWith('.test.ts') && path !== join('config', 'settings.ts')
    if (isOther) text += readFileSync(join(sources, path), 'utf8')
  }
  const unread = settingNames.filter((name) => !new RegExp(`\\bconfig\\.${name}\\b`).test(text))
  expect(unread).toEqual([])
})
