/**
 * Committees that a tab cannot rely on: servers, one of which dies, and tabs, one of which lies.
 */
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { equivocate } from './support/equivocate.ts'
import { expect, test } from './support/fast-study.ts'
import type { RelayProcess } from './support/relay-process.ts'
import { allUntil, connected } from './support/shown.ts'
import type { Peek, VolunteerTab } from './support/volunteer-tab.ts'
import { decidedPast, isVoter, operate, seated, takeSeat, votersOf } from './support/voters.ts'

// Seats are taken one after another, and each needs a change of voters.
test.setTimeout(900_000)

const noStudy = ['--worker', '0', '--study', 'none']
const heightOf = ({ ledger }: Peek) => ledger!.height

async function members(
  openTab: (link: string) => Promise<VolunteerTab>,
  host: RelayProcess,
  count: number,
): Promise<VolunteerTab[]> {
  const tabs: VolunteerTab[] = []
  for (let index = 0; index < count; index++) {
    const tab = await openTab(host.invite)
    await tab.join()
    tabs.push(tab)
  }
  return tabs
}

async function peerOf(tab: VolunteerTab): Promise<string> {
  return (await tab.peek())!.peerId!
}

async function seatAll(host: RelayProcess, tabs: readonly VolunteerTab[]): Promise<void> {
  for (const tab of tabs) await takeSeat(host, seated(tab), await peerOf(tab))
}

/** Waits until exactly these decide, in the eyes of every tab. */
async function decidedBy(
  tabs: readonly VolunteerTab[],
  voters: readonly string[],
): Promise<Peek[]> {
  const expected = [...voters].sort().join()
  return allUntil(
    tabs,
    `${voters.length} voters`,
    ({ ledger }) => [...(ledger?.voters ?? [])].sort().join() === expected,
    240_000,
  )
}

test('a tab that observes four servers follows what they decide, with one of them dead', async ({
  relay,
  openTab,
}) => {
  const host = await relay({ args: noStudy })
  const link = join(host.state, 'link-for-relays')
  writeFileSync(link, `${host.invite}\n`)
  chmodSync(link, 0o600)
  const others: RelayProcess[] = []
  for (let index = 0; index < 3; index++) {
    const other = await relay({ args: ['--join', link, '--worker', '0'] })
    others.push(other)
    await operate(host, 'propose', 'voter', other.peerId)
    // A relay that was brought in by its operator takes the seat by itself.
    await expect
      .poll(async () => (await votersOf(host)).voters.map(({ peer }) => peer), { timeout: 240_000 })
      .toContain(other.peerId)
  }
  const tab = await openTab(host.invite)
  await tab.join()
  await decidedBy([tab], [host.peerId, ...others.map(({ peerId }) => peerId)])
  await others[2]!.kill()
  const height = heightOf((await tab.peek())!)
  await operate(host, 'invite', 'create')
  const [seen] = await decidedPast([seated(tab)], height)
  expect(isVoter(seen!)).toBe(false)
  await seated(tab).openDetails()
  const decisions = tab.page.getByRole('region', { name: 'Decisions' })
  await decisions.getByRole('button', { name: 'Verify in this tab' }).click()
  await expect(decisions).toContainText(/[34] of 4 signatures checked here/)
})

test('a lying voter is named by its own signatures, loses its seat, and is replaced', async ({
  relay,
  openTab,
  fastStudy,
}) => {
  const host = await relay({ args: ['--study', fastStudy({ units: 4 }), '--worker', '0'] })
  const honest = await members(openTab, host, 3)
  const liar = await openTab(host.invite, { script: equivocate })
  await liar.join()
  const [first, second, standby] = honest as [VolunteerTab, VolunteerTab, VolunteerTab]
  await connected([...honest, liar], 3)
  await operate(host, 'propose', 'voter', await peerOf(standby), '--standby')
  await seated(standby).openDetails()
  await seated(standby).press('Accept the seat')
  await seatAll(host, [first, second])
  await takeSeat(host, seated(liar), await peerOf(liar))
  const lies = () => liar.page.evaluate(() => Number(Reflect.get(globalThis, 'lies')))
  await seated(first).report('Something to vote about.')
  await expect.poll(lies, { timeout: 120_000 }).toBeGreaterThan(0)

  const remaining = [host.peerId, ...(await Promise.all(honest.map(peerOf)))]
  await decidedBy(honest, remaining)
  expect((await votersOf(host)).evicted).toEqual([await peerOf(liar)])
  // From the file alone, and from one fact of it, whoever has nothing else sees who lied.
  const files = [join(host.state, 'ledger.cbor'), join(host.state, 'fact.folkmoot')] as const
  await operate(host, 'ledger', 'export', '-o', files[0])
  await operate(host, 'ledger', 'prove', `evidence/${await peerOf(liar)}`, '-o', files[1])
  const said = []
  for (const file of files) {
    const verified = await host.command('ledger', 'verify', file, '--federation', host.federation)
    expect(verified.code, verified.err).toBe(0)
    said.push(verified.out)
  }
  expect(said[0]).toContain(`${await peerOf(liar)}, a voter, by signatures of its own`)
  expect(said[1]).toContain(`evidence ${await peerOf(liar)}: epoch`)
  const height = heightOf((await first.peek())!)
  await seated(second).report('And it goes on.')
  await decidedPast(honest.map(seated), height)
  console.log('lies told', await lies())
})
