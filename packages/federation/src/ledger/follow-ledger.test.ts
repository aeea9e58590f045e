import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, type Verdict } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { describe, expect, it } from 'vitest'
import { followLedger } from './follow-ledger.ts'

const relay = '12D3relay' as PeerId

/** A follower of a source with `tip` entries, which gives at most `batch` in an answer. */
function follow(tip: number, batch: number) {
  const asked: number[] = []
  let height = 0
  const following = followLedger({
    follower: {
      get height() {
        return height
      },
      accept: async (): Promise<Verdict<{ height: number }>> => {
        height += 1
        return { ok: true, height }
      },
    },
    isIdle: () => false,
    sources: () => [relay],
    fetch: async (_, from) => {
      asked.push(from)
      const entries = Math.max(0, Math.min(batch, tip - from + 1))
      return { ok: true, tip, entries: Array.from({ length: entries }, () => new Uint8Array(1)) }
    },
    timers: { after: () => () => {}, every: () => () => {} },
    logger: silentLogger,
    pollMs: 1_000,
    advanced: () => {},
    misled: () => {},
  })
  return { following, asked, height: () => height }
}

describe('a member that catches up', () => {
  it('asks once where the first answer brings all that its source has', async () => {
    const { following, asked, height } = follow(5, 256)
    await following.catchUp()
    expect(height()).toBe(5)
    expect(asked).toEqual([1])
  })

  it('goes on asking until it has what its source says that it has', async () => {
    const { following, asked, height } = follow(5, 2)
    await following.catchUp()
    expect(height()).toBe(5)
    expect(asked).toEqual([1, 3, 5])
    expect(following.behind()).toBe(false)
  })
})

describe('a member whose disk is full', () => {
  it('goes on without a ledger that takes no more, and says why', () => {
    const folder = mkdtempSync(join(tmpdir(), 'folkmoot-full-'))
    try {
      const script = join(import.meta.dirname, '../../test/follow-on-full-disk.ts')
      // No file of this process grows beyond 12 blocks of 512 bytes: writing fails as on a full disk.
      const limited = 'ulimit -f 12 && exec "$0" "$@"'
      const run = spawnSync('sh', ['-c', limited, process.execPath, script, folder], {
        encoding: 'utf8',
        timeout: 120_000,
      })
      expect(run.stderr).toBe('')
      expect(run.status).toBe(0)
      const [said, end] = run.stdout.trim().split('\n')
      expect(said).toBe('an entry could not be taken')
      expect(JSON.parse(end!)).toEqual({ halted: 'consensus/storage-failed', isShort: true })
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 130_000)
})
