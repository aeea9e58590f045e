import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { openKeyFile, openStateFolder } from '@folkmoot/storage/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keyFile } from '../config/state-location.ts'
import { restoreBackup } from './restore-backup.ts'
import { writeBackup } from './write-backup.ts'

let folder: string
let state: string
let file: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'folkmoot-backup-'))
  state = join(folder, 'state')
  file = join(folder, 'backup.tar.gz')
  const opened = await openStateFolder(state)
  await opened.store.write([{ type: 'put', key: 'a', value: new Uint8Array([1, 2]) }])
  const log = await opened.log('audit')
  await log.append([new Uint8Array(2000).fill(7)])
  await openKeyFile(keyFile(state))
  await opened.close()
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('a backup', () => {
  it('brings back everything that was stored', async () => {
    await writeBackup(state, file, { withKey: true })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const other = join(folder, 'other')
    await restoreBackup(file, other)
    const opened = await openStateFolder(other)
    expect(await opened.store.get('a')).toEqual(new Uint8Array([1, 2]))
    expect(await (await opened.log('audit')).read(0, 1)).toEqual([new Uint8Array(2000).fill(7)])
    await opened.close()
    expect(readFileSync(keyFile(other))).toEqual(readFileSync(keyFile(state)))
    expect(statSync(keyFile(other)).mode & 0o777).toBe(0o600)
  })

  it('holds the private key only when it is told to', async () => {
    expect(await writeBackup(state, file, { withKey: false })).toMatchObject({ withKey: false })
    await restoreBackup(file, join(folder, 'other'))
    expect(existsSync(keyFile(join(folder, 'other')))).toBe(false)
    expect(gunzipSync(readFileSync(file)).includes('PRIVATE KEY')).toBe(false)
  })

  it('never holds votes nor the keys that sign them', async () => {
    const opened = await openStateFolder(state)
    const database = opened.consensus()
    const { publicKey } = await database.createKey('vote/1')
    await database.write([{ type: 'put', key: 'vote', value: new Uint8Array([9]) }])
    await opened.close()
    expect(existsSync(join(state, 'consensus.sqlite'))).toBe(true)
    await writeBackup(state, file, { withKey: true })
    const listed = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' })
    expect(listed).not.toContain('consensus')
    const other = join(folder, 'other')
    await restoreBackup(file, other)
    const restored = await openStateFolder(other)
    expect(await restored.consensus().get('vote')).toBeUndefined()
    expect(await restored.consensus().key('vote/1')).toBeUndefined()
    expect((await restored.consensus().createKey('vote/1')).publicKey).not.toEqual(publicKey)
    await restored.close()
  })

  it('can be listed by tar', async () => {
    await writeBackup(state, file, { withKey: false })
    const listed = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).trim().split('\n')
    expect(listed[0]).toBe('folkmoot-backup.json')
    expect(listed).toContain('store.sqlite')
    expect(listed.some((name) => name.startsWith('lock.sqlite'))).toBe(false)
  })

  it('is refused while something uses the state, and where there is none', async () => {
    const opened = await openStateFolder(state)
    await expect(writeBackup(state, file, { withKey: false })).rejects.toThrow(
      expect.objectContaining({ code: 'storage/locked' }),
    )
    await opened.close()
    await expect(writeBackup(folder, file, { withKey: false })).rejects.toThrow(/no state/)
  })

  it('never overwrites a file or a folder with something in it', async () => {
    writeFileSync(file, 'mine')
    await expect(writeBackup(state, file, { withKey: false })).rejects.toThrow(/EEXIST/)
    expect(readFileSync(file, 'utf8')).toBe('mine')
    rmSync(file)
    await writeBackup(state, file, { withKey: false })
    await expect(restoreBackup(file, state)).rejects.toThrow(/not empty/)
  })

  it('is refused when a byte is altered, cut off or foreign, and nothing is left behind', async () => {
    await writeBackup(state, file, { withKey: true })
    const tar = gunzipSync(readFileSync(file))
    const at = tar.indexOf('PRIVATE KEY')
    const altered = Buffer.from(tar)
    altered[at] = altered[at]! ^ 1
    const other = join(folder, 'other')
    for (const bytes of [
      gzipSync(altered),
      gzipSync(tar.subarray(0, 4000)),
      readFileSync(file).subarray(0, 900),
      gzipSync(Buffer.from('no tar at all')),
      Buffer.from('no gzip at all'),
    ]) {
      const damaged = join(folder, 'damaged')
      writeFileSync(damaged, bytes)
      await expect(restoreBackup(damaged, other)).rejects.toThrow(
        expect.objectContaining({ code: 'cli/backup' }),
      )
    }
    expect(readdirSync(folder).sort()).toEqual(['backup.tar.gz', 'damaged', 'state'])
  })

  it('cannot write outside of the folder', async () => {
    const evil = join(folder, 'evil')
    mkdirSync(evil)
    writeFileSync(join(evil, 'folkmoot-backup.json'), '{}')
    writeFileSync(join(folder, 'outside'), 'x')
    chmodSync(evil, 0o700)
    const archive = join(folder, 'evil.tgz')
    execFileSync('tar', ['-czPf', archive, '-C', evil, '../outside', 'folkmoot-backup.json'])
    await expect(restoreBackup(archive, join(folder, 'other'))).rejects.toThrow(
      expect.objectContaining({ code: 'cli/backup' }),
    )
  })
})
