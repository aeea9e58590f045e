/** Proposals, ballots and voters by the command, against a relay that runs. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@folkmoot/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LedgerPage, Proposal, Voting } from '../admin-api.ts'
import { freePorts, type SpawnedRelay, spawnRelay, speak } from './spawn-relay.ts'

const main = join(import.meta.dirname, '../main.ts')

let folder: string
let state: string
let relay: SpawnedRelay
let me: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  state = join(folder, 'relay')
  const args = ['--preset', 'test', '--study', 'none', '--worker', '0', ...(await freePorts())]
  relay = spawnRelay(state, args)
  me = (await relay.ready()).peerId
}, 120_000)
afterAll(async () => {
  relay.kill('SIGTERM')
  await relay.exit
  await rm(folder, { recursive: true, force: true })
})

/** One command's JSON answer and exit code. */
async function folkmoot(...args: string[]) {
  const command = [process.execPath, main, ...args, '--state', state, '--format', 'json']
  const spoken = speak(command)
  const line = await spoken.line((each) => 'ok' in each)
  const { code } = await spoken.exit
  const { data, error } = line as { data?: unknown; error?: { code: string } }
  return { exit: code, data, code: error?.code }
}

describe('folkmoot propose', () => {
  it('takes effect at once where the word of this relay is enough', async () => {
    const made = await folkmoot('propose', 'rule', 'study.close', 'member')
    expect(made.exit).toBe(0)
    expect(made.data).toMatchObject({ kind: 'charter.amend', state: 'carried', mine: 'yes' })
    const { data } = await folkmoot('vote')
    expect((data as Voting).approval).toMatchObject({ 'study.close': 'member' })
  })

  it('is denied what could not take effect, and says why', async () => {
    const stranger = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'
    const offered = await folkmoot('propose', 'voter', stranger)
    expect(offered).toMatchObject({ exit: 6, code: 'ledger/not-member' })
    const nonsense = await folkmoot('propose', 'voter', 'nobody')
    expect(nonsense).toMatchObject({ exit: 2, code: 'cli/not-found' })
  })
})

describe('folkmoot vote', () => {
  it('knows no proposal of that name, and no answer but yes and no', async () => {
    expect(await folkmoot('vote', 'abcdef', 'yes')).toMatchObject({ exit: 2 })
    expect(await folkmoot('vote', 'abcdef', 'maybe')).toMatchObject({
      exit: 2,
      code: 'cli/usage',
    })
    const { data } = await folkmoot('vote')
    const [carried] = (data as Voting).proposals as [Proposal]
    const again = await folkmoot('vote', carried.id, 'yes')
    expect(again.exit).not.toBe(0)
    // Alone it is shown, and nothing is said.
    expect(await folkmoot('vote', carried.id.slice(0, 9))).toMatchObject({
      exit: 0,
      data: { id: carried.id, by: me, state: 'carried' },
    })
    expect(await folkmoot('vote', 'abcdef')).toMatchObject({ exit: 2, code: 'cli/not-found' })
  })
})

describe('folkmoot voter', () => {
  it('accepts and resigns only what there is', async () => {
    expect(await folkmoot('voter', 'accept')).toMatchObject({
      exit: 6,
      code: 'federation/no-offer',
    })
  })
})

describe('folkmoot ledger', () => {
  it('shows who made each entry final, and verifies all of them', async () => {
    const shown = (await folkmoot('ledger', 'show')).data as LedgerPage
    expect(shown.entries[0]).toMatchObject({ height: 1, ops: [{ kind: 'federation.found' }] })
    expect(['solo', 'bft']).toContain(shown.entries[0]!.finality)
    const newest = (await folkmoot('ledger', 'show', '--last', '2')).data as LedgerPage
    expect(newest.entries.map(({ height }) => height)).toEqual([newest.height - 1, newest.height])
    const both = await folkmoot('ledger', 'show', '--last', '2', '--from', '1')
    expect(both).toMatchObject({ exit: 2, code: 'cli/usage' })
    const verified = await folkmoot('ledger', 'verify')
    expect(verified).toMatchObject({
      exit: 0,
      data: { founder: me, others: { answered: 0, confirmedBy: 0, stale: false } },
    })
    const other = await folkmoot('ledger', 'verify', '--federation', 'ab'.repeat(32))
    expect(other.exit).toBe(7)
  })
})

describe('a federation that voters decide', () => {
  it('rotates its keys, enters the next epoch, and verifies across the change', async () => {
    const before = (await folkmoot('vote')).data as Voting
    expect(before).toMatchObject({ epoch: 1, tolerates: 0, voters: [{ peer: me }] })
    expect(await folkmoot('propose', 'new-keys')).toMatchObject({ exit: 0 })
    // The relay registers its key by itself; the state hears of the epoch with the next operation.
    await waitUntil('the next epoch', async () => {
      await folkmoot('propose', 'rule', 'study.close', 'member')
      return ((await folkmoot('vote')).data as Voting).epoch > 1
    })
    const verified = await folkmoot('ledger', 'verify')
    expect(verified).toMatchObject({ exit: 0, data: { voters: 1 } })
    expect((verified.data as { epoch: number }).epoch).toBeGreaterThan(1)
    const shown = (await folkmoot('ledger', 'show')).data as LedgerPage
    expect(shown.entries.at(-1)).toMatchObject({ finality: 'bft' })
  }, 120_000)
})
