import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { foundingRules } from './founding-rules.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
})
afterAll(() => rm(folder, { recursive: true }))

const plain = { approval: '', crossOrg: false, engine: 'bft', study: 'none' } as const

async function founded(content: unknown, config: Partial<typeof plain> | object = {}) {
  const approval = join(folder, 'rules.json')
  await writeFile(approval, typeof content === 'string' ? content : JSON.stringify(content))
  return foundingRules({ ...plain, approval, ...config })
}

describe('the rules that a federation is founded with', () => {
  it('are those of the file, or the founder’s word for everything', async () => {
    expect(await foundingRules(plain)).toEqual({})
    const rules = {
      'member.revoke': 'inviter',
      'voter.remove': 'evidence',
      'charter.amend': '2 of orgs',
      'invitation.create': 'member',
      'study.open': '2 of orgs',
      'study.close': 'founder',
    }
    expect(await founded(rules)).toEqual(rules)
  })

  it.each([
    ['no JSON', 'rules', /rules\.json/],
    ['no object', [], /one JSON object/],
    ['an action that does not exist', { 'study.opne': 'member' }, /no action study\.opne/],
    ['a rule that does not exist', { 'study.open': 'all' }, /study\.open: a rule is/],
    ['a rule that is no text', { 'study.open': 2 }, /study\.open: a rule is/],
    ['an inviter of nobody', { 'charter.amend': 'inviter' }, /charter\.amend: it is about nobody/],
    ['nobody who could invite', { 'invitation.create': '2 of orgs' }, /could invite nobody/],
  ])('are refused for %s', async (_, content, message) => {
    await expect(founded(content)).rejects.toMatchObject({
      code: 'cli/config',
      message: expect.stringMatching(message),
    })
  })

  it('name every problem at once', async () => {
    const attempt = founded({ 'study.opne': 'member', 'study.close': 'all' })
    await expect(attempt).rejects.toMatchObject({
      details: { problems: expect.objectContaining({ length: 2 }) },
    })
  })

  it('leave the first study to those who may open it', async () => {
    const rules = { 'study.open': '2 of orgs' }
    await expect(founded(rules, { study: 'penguins' })).rejects.toMatchObject({
      message: expect.stringMatching(/--study none/),
    })
  })

  it('do without raft across organisations', async () => {
    const crossed = { ...plain, crossOrg: true }
    expect(await foundingRules(crossed)).toEqual({})
    await expect(foundingRules({ ...crossed, engine: 'raft' })).rejects.toMatchObject({
      code: 'cli/config',
      message: expect.stringMatching(/raft trusts them/),
    })
  })
})
