/**
 * A member of the second organisation says no, and then yes, in its tab: what the relay proposed
 * takes effect with the ballot that carries it.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './support/fixtures.ts'
import { operate, seated } from './support/voters.ts'

interface Voting {
  readonly proposals: readonly {
    readonly id: string
    readonly state: string
    readonly yes: readonly string[]
    readonly no: readonly string[]
  }[]
}

test('a proposal that needs two organisations waits for the ballot of a tab, which a No does not carry and a Yes does', async ({
  relay,
  openTab,
}, testInfo) => {
  const rules = testInfo.outputPath('rules.json')
  writeFileSync(rules, JSON.stringify({ 'charter.amend': '2 of orgs' }))
  const host = await relay({
    args: ['--study', 'none', '--worker', '0', '--org', 'acme', '--approval', rules],
  })
  const invited = await operate(host, 'invite', 'create', '--cohort', 'globex', '--format', 'json')
  const tab = await openTab((JSON.parse(invited).data as { link: string }).link)
  const { peerId } = await tab.join()
  await seated(tab).openDetails()

  const amendment = join(host.state, 'amendment.json')
  writeFileSync(amendment, JSON.stringify({ purpose: 'What two organisations wish.' }))
  await operate(host, 'propose', 'amend', amendment)
  const proposal = async () => (await host.get<Voting>('/v1/voting')).proposals[0]!
  expect(await proposal()).toMatchObject({ state: 'open', yes: [host.peerId], no: [] })

  const decisions = tab.page.getByRole('region', { name: 'Decisions' })
  const waiting = decisions.getByRole('list', { name: 'Waiting for ballots' })
  await expect(waiting).toContainText('Needs 2 organisations; so far 1 (1 yes, 0 no)')
  await waiting.getByText('Purpose').click()
  await expect(waiting).toContainText('What two organisations wish.')
  const no = waiting.getByRole('button', { name: /^No/ })
  const yes = waiting.getByRole('button', { name: /^Yes/ })
  await no.click()
  await expect(no).toHaveAttribute('aria-pressed', 'true')
  await expect(waiting).toContainText('so far 1 (1 yes, 1 no)')
  expect(await proposal()).toMatchObject({ state: 'open', no: [peerId] })

  await yes.click()
  await expect(waiting).toHaveCount(0)
  await expect(decisions.getByRole('table', { name: 'Decided' })).toContainText('cast a ballot')
  expect(await proposal()).toMatchObject({ state: 'carried', yes: [host.peerId, peerId], no: [] })
})
