/** Where the charter asks for more than one word: studies, invitations and rules are proposed, read and approved. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Invitation, Proposal, StudySummary } from '../admin-api.ts'
import {
  folkmoot as command,
  folkmootText,
  freePorts,
  type SpawnedRelay,
  spawnRelay,
  writePenguins,
} from './spawn-relay.ts'

let folder: string
let state: string
let args: string[]
let relay: SpawnedRelay
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  state = join(folder, 'relay')
  args = ['--preset', 'test', '--study', 'none', '--worker', '0', ...(await freePorts())]
  relay = spawnRelay(state, args)
  await relay.ready()
}, 120_000)
afterAll(async () => {
  relay.kill('SIGKILL')
  await relay.exit
  await rm(folder, { recursive: true, force: true })
})

const folkmoot = (...given: string[]) => command(...given, '--state', state)
const read = (id: string) => folkmootText('vote', id.slice(0, 10), '--state', state)
const rule = async (action: string, text: string) =>
  expect(await folkmoot('propose', 'rule', action, text)).toMatchObject({ exit: 0 })

describe('a rule that the founder alone does not fulfil', () => {
  it('has a study proposed, shown with its title, and opened by the ballot that carries it', async () => {
    await rule('study.open', '2 of orgs')
    const penguins = await writePenguins(join(folder, 'study'), {
      units: 4,
      permutationsPerUnit: 100,
    })
    expect(await folkmoot('study', 'open', penguins)).toMatchObject({
      exit: 6,
      error: { code: 'ledger/not-allowed' },
    })
    const { exit, data } = await folkmoot('propose', 'study', penguins)
    const proposal = data as Proposal
    expect(exit).toBe(0)
    expect(proposal).toMatchObject({ kind: 'study.open', state: 'open', rule: '2 of orgs' })

    const { peerId } = await relay.ready()
    const shown = await read(proposal.id)
    const title = proposal.details.find(([name]) => name === 'title')![1]
    expect(title.length).toBeGreaterThan(3)
    expect(shown).toContain(`open the study “${title}”`)
    expect(shown).toMatch(new RegExp(`^by +.*${peerId}$`, 'm'))
    expect(shown).toMatch(/^approved by +2 of orgs$/m)
    expect(shown).toMatch(/^ballots +1 yes, 0 no; 1 in favour$/m)
    expect((await folkmoot('study', 'list')).data).toEqual([])

    await rule('study.open', 'founder')
    expect((await folkmoot('vote', proposal.id, 'yes')).data).toMatchObject({ state: 'carried' })
    expect((await folkmoot('study', 'list')).data as StudySummary[]).toMatchObject([
      { title, state: 'open' },
    ])
  }, 120_000)

  it('has an invitation proposed, its link written for its owner alone, and does not keep the relay from starting', async () => {
    await rule('invitation.create', '2 of orgs')
    const file = join(folder, 'link.txt')
    const made = await folkmoot('propose', 'invitation', '--uses', '2', '-o', file)
    expect(made).toMatchObject({ exit: 0, data: { link: null, proposal: { state: 'open' } } })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const link = (await readFile(file, 'utf8')).trim()
    expect(link).toContain('#join=')
    const { proposal } = made.data as { proposal: Proposal }
    expect(await read(proposal.id)).toMatch(/^lets in +2 as member$/m)

    // The default invitation is of no use any more, and nobody makes another one alone.
    const [before] = (await folkmoot('invite', 'list')).data as Invitation[]
    await folkmoot('invite', 'revoke', before!.id)
    relay.kill('SIGTERM')
    await relay.exit
    relay = spawnRelay(state, args)
    expect(await relay.ready()).toMatchObject({ invite: '' })
    expect(relay.errors()).toContain('no default invitation')

    await rule('invitation.create', 'founder')
    await folkmoot('vote', proposal.id, 'yes')
    const all = (await folkmoot('invite', 'list')).data as Invitation[]
    expect(all.find((each) => each.uses === 2)).toMatchObject({ state: 'valid', link })
  }, 120_000)

  it('has an amendment shown field by field, as it is and as it would be', async () => {
    await rule('charter.amend', '2 of orgs')
    const file = join(folder, 'changes.json')
    const changes = { contact: 'new@example.org\u001b[2J', limits: { members: 7 } }
    await writeFile(file, JSON.stringify(changes))
    const { data } = await folkmoot('propose', 'amend', file)
    const shown = await read((data as Proposal).id)
    expect(shown).toMatch(/^limit members +none → 7$/m)
    expect(shown).toMatch(/^contact +“.*” → “new@example.org \[2J”$/m)
    expect(shown).toMatch(/^open for +\d+ more decisions$/m)
  })
})

describe('a rule that there is not', () => {
  it('is refused before anybody is asked', async () => {
    const action = await folkmoot('propose', 'rule', 'study.opne', 'member')
    expect(action).toMatchObject({ exit: 2, error: { code: 'cli/usage' } })
    const text = await folkmoot('propose', 'rule', 'study.open', '2 of org')
    expect(text).toMatchObject({ exit: 2, error: { code: 'cli/usage' } })
  })
})
