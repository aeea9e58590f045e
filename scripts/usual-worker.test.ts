import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { usualWorker } from './usual-worker.ts'

const state = mkdtempSync(join(tmpdir(), 'folkmoot-'))
const silent = mkdtempSync(join(tmpdir(), 'folkmoot-'))
afterAll(() => {
  rmSync(state, { recursive: true })
  rmSync(silent, { recursive: true })
})
writeFileSync(join(state, 'config.json'), JSON.stringify({ worker: 0 }))

it('is one, unless a file, the environment or a flag says otherwise', () => {
  const one = ['--worker', '1']
  expect(usualWorker(['--state', silent, '--port', '4700'], {})).toEqual(one)
  expect(usualWorker(['--format', 'json'], { FOLKMOOT_STATE: silent })).toEqual(one)
  expect(usualWorker(['--state', state], {})).toEqual([])
  expect(usualWorker([`--state=${state}`], {})).toEqual([])
  expect(usualWorker([], { FOLKMOOT_STATE: state })).toEqual([])
  const config = join(state, 'config.json')
  expect(usualWorker(['--config', config, '--state', silent], {})).toEqual([])
  expect(usualWorker(['--state', silent], { FOLKMOOT_WORKER: '0' })).toEqual([])
  expect(usualWorker(['--state', silent, '--worker', '0'], {})).toEqual([])
})

it('leaves a file that cannot be read to the relay', () => {
  writeFileSync(join(silent, 'broken.json'), '{')
  expect(usualWorker(['--config', join(silent, 'broken.json')], {})).toEqual([])
})
