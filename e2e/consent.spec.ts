/**
 * What a volunteer agreed to is what runs: a study opened later does not start by itself, and one
 * that was stopped stays stopped, over reloads too.
 */
import { expect, test } from './support/fast-study.ts'

test.setTimeout(300_000)

test('a study opened later does not run in a tab that agreed to another, not even after a reload', async ({
  relay,
  openTab,
  fastStudy,
}) => {
  const host = await relay({
    args: ['--study', fastStudy({ units: 400, permutations: 50_000 }), '--worker', '1'],
  })
  const tab = await openTab(host.invite)
  const { peerId, study: agreed } = await tab.join()
  await tab.until('it computes', ({ study }) => (study?.mine ?? 0) > 0)

  const second = fastStudy({ units: 6, permutations: 50_000, manifest: { title: 'Another one' } })
  const opened = await host.command('study', 'open', second, '--format', 'json')
  expect(opened.code, opened.err).toBe(0)
  const { id } = (JSON.parse(opened.out) as { data: { id: string } }).data
  expect(id).not.toBe(agreed!.id)

  await tab.page.reload()
  const back = await tab.until('back', ({ joined, peerId: again }) => joined && again === peerId)
  expect(back.study?.id).toBe(agreed!.id)
  await tab.until('it goes on', ({ study }) => (study?.mine ?? 0) > agreed!.mine + 2)
  // The other study has had all this time and the relay's worker for company.
  const other = await host.get<{ unitStates: { supporters: string[] }[] }>(`/v1/studies/${id}`)
  expect(other.unitStates.flatMap(({ supporters }) => supporters)).not.toContain(peerId)
})

test('a study that its volunteer stopped stays stopped after a reload, until Resume', async ({
  relay,
  openTab,
  fastStudy,
}) => {
  const host = await relay({
    args: ['--study', fastStudy({ units: 400, permutations: 50_000 }), '--worker', '0'],
  })
  const tab = await openTab(host.invite)
  await tab.join()
  await tab.until('it computes', ({ study }) => (study?.mine ?? 0) > 0)
  await tab.page.locator('.details > summary').click()
  await tab.page.getByRole('button', { name: /stop this study/i }).click()
  await tab.until('stopped', ({ paused }) => paused?.reason === 'study-stopped')

  await tab.page.reload()
  const before = await tab.until('back', ({ joined, paused }) => joined && paused !== null)
  expect(before.paused?.reason).toBe('study-stopped')
  await tab.page.waitForTimeout(4_000)
  expect((await tab.peek())?.study?.mine).toBe(before.study?.mine)

  await tab.page.getByRole('button', { name: 'Resume', exact: true }).click()
  await tab.until('it goes on', ({ study }) => (study?.mine ?? 0) > (before.study?.mine ?? 0))
})
