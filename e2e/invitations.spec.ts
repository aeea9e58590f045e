/**
 * Invitations that are not the founder's, or not for a member: whoever holds one gets in.
 */
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './support/fast-study.ts'
import type { RelayProcess } from './support/relay-process.ts'
import { operate, votersOf } from './support/voters.ts'

test.setTimeout(300_000)

async function linkFrom(host: RelayProcess, ...terms: string[]): Promise<string> {
  const made = await operate(host, 'invite', 'create', '--format', 'json', ...terms)
  return (JSON.parse(made) as { data: { link: string } }).data.link
}

test('a member that the ledger lets invite brings in a tab, which is told who invites', async ({
  relay,
  openTab,
  fastStudy,
}) => {
  const host = await relay({ args: ['--study', fastStudy({ units: 4 }), '--worker', '0'] })
  const link = join(host.state, 'link-for-relays')
  writeFileSync(link, `${host.invite}\n`)
  chmodSync(link, 0o600)
  const other = await relay({ args: ['--join', link, '--worker', '0'] })
  // A relay admits when it decides; one that its operator brought in takes the seat by itself.
  await operate(host, 'propose', 'voter', other.peerId)
  await expect
    .poll(async () => (await votersOf(host)).voters.map(({ peer }) => peer), { timeout: 240_000 })
    .toContain(other.peerId)
  expect((await other.command('invite', 'create')).code).not.toBe(0)
  await operate(host, 'propose', 'rule', 'invitation.create', 'member')
  let invitation = ''
  await expect
    .poll(async () => {
      invitation = await linkFrom(other).catch(() => '')
      return invitation
    })
    .toContain('#join=')

  const tab = await openTab(invitation)
  await expect(tab.page.getByRole('main')).toContainText(
    `Invited by the member …${other.peerId.slice(-6)}`,
  )
  await tab.join()
  expect(tab.page.url()).toBe(`${other.page}/`)
})

test('an observer joins by its invitation, and is one', async ({ relay, openTab, fastStudy }) => {
  const host = await relay({ args: ['--study', fastStudy({ units: 4 }), '--worker', '0'] })
  const tab = await openTab(await linkFrom(host, '--role', 'observer'))
  const { peerId } = await tab.join()
  const peers = await host.get<{ peer: string; role: string }[]>('/v1/peers')
  expect(peers.find(({ peer }) => peer === peerId)).toMatchObject({ role: 'observer' })
})
