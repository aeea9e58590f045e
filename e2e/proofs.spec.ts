/**
 * A proof that leaves the page: whoever has the file checks it with the command, offline.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './support/fast-study.ts'
import { seated } from './support/voters.ts'

test('a fact is proven in the tab, and its downloaded proof verifies with the command; one altered byte is refused', async ({
  relay,
  openTab,
}) => {
  const host = await relay({ args: ['--study', 'none', '--worker', '0', '--preset', 'test'] })
  const tab = await openTab(host.invite)
  await tab.join()
  const { peerId } = (await tab.peek())!
  await seated(tab).openDetails()
  const decisions = tab.page.getByRole('region', { name: 'Decisions' })
  const file = join(host.state, 'fact.folkmoot')
  const download = async () => {
    const downloading = tab.page.waitForEvent('download')
    await decisions.getByRole('button', { name: 'Download this proof' }).click()
    await (await downloading).saveAs(file)
    return host.command('ledger', 'verify', file, '--federation', host.federation)
  }

  await decisions.getByRole('combobox', { name: 'Prove a fact' }).selectOption(`member/${peerId}`)
  await decisions.getByRole('button', { name: 'Prove it here' }).click()
  await expect(decisions).toContainText('Proven: ')
  const verified = await download()
  expect(verified.code, verified.err).toBe(0)
  expect(verified.out).toContain(`member ${peerId}: role member`)
  expect(verified.out).toContain('1 of 1 voters')

  const bytes = readFileSync(file)
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(file, bytes)
  const altered = await host.command('ledger', 'verify', file)
  expect(altered.code, altered.out).toBe(7)

  // Any other fact, by its key; and that there is none.
  await decisions.getByRole('combobox', { name: 'Prove a fact' }).selectOption('')
  const key = decisions.getByRole('textbox', { name: 'Key of the fact' })
  await key.fill(`role/${host.peerId}`)
  await decisions.getByRole('button', { name: 'Prove it here' }).click()
  await expect(decisions).not.toContainText('No such fact')
  expect((await download()).out).toContain(`role ${host.peerId}:`)
  await key.fill(`evidence/${host.peerId}`)
  await decisions.getByRole('button', { name: 'Prove it here' }).click()
  await expect(decisions).toContainText('No such fact.')
  expect((await download()).out).toContain('there is no such fact')
})
