/**
 * A class behind one address: 4 tabs and 14 Node peers on one relay. libp2p's defaults admit five
 * connections a second from one address and score it into silence; here everyone gets in, and
 * everyone is heard by everyone.
 */
import { rm } from 'node:fs/promises'
import { type Crowd, startCrowd } from './support/crowd.ts'
import { expect, test } from './support/fixtures.ts'
import { tinyStudy } from './support/tiny-study.ts'
import type { VolunteerTab } from './support/volunteer-tab.ts'

const TABS = 4
const NODES = 14
/** With the relay. */
const ALL = TABS + NODES + 1

test('4 tabs and 14 Node peers behind one address all join and all hear each other', async ({
  relay,
  openTab,
}) => {
  test.setTimeout(420_000)
  const folder = await tinyStudy({ units: 24 })
  let crowd: Crowd | undefined
  try {
    const classroom = await relay({
      args: ['--preset', 'classroom', '--study', folder, '--worker', '0'],
    })
    const { federation } = await classroom.get<{ federation: { preset: string } }>('/v1/status')
    expect(federation.preset).toBe('classroom')
    crowd = await startCrowd(classroom.invite, NODES)
    expect(new Set(crowd.joined).size).toBe(NODES)

    const tabs: VolunteerTab[] = []
    for (let at = 0; at < TABS; at++) tabs.push(await openTab(classroom.invite))
    const joined = await Promise.all(tabs.map((tab) => tab.join()))
    const ids = [classroom.peerId, ...crowd.joined, ...joined.map(({ peerId }) => peerId!)]
    expect(new Set(ids).size).toBe(ALL)
    const rows = await classroom.get<{ peer: string; member: string }[]>('/v1/peers')
    expect(rows.filter(({ member }) => member === 'final')).toHaveLength(ALL)

    // Presence travels by gossip alone: it reaches every Node peer and every tab.
    const members = () => crowd!.members()
    const here = ({ present }: { present: Record<string, { status: string }> }) =>
      ids.filter((id) => present[id]?.status === 'here').length
    const hears = () => members().map(here)
    await expect.poll(hears, { timeout: 120_000 }).toEqual(Array(NODES).fill(ALL))
    for (const { page } of tabs) {
      await expect(page.getByRole('region', { name: 'Peers' })).toContainText(
        `${ALL - 1} peers present`,
        { timeout: 120_000 },
      )
    }

    // Tabs find each other directly, in spite of all the peers that they cannot reach that way.
    const wanted = 2
    const directTo = (peek: { links: readonly { kind: string }[] }) =>
      peek.links.filter(({ kind }) => kind === 'direct').length
    for (const tab of tabs) {
      await tab.until('direct links to the other tabs', (peek) => directTo(peek) >= wanted)
    }

    // Results of the tabs reach all of the others.
    let computed = 0
    for (const tab of tabs) {
      const seen = await tab.until('recorded', ({ study }) => study?.state === 'recorded')
      computed += seen.study!.mine
    }
    expect(computed).toBeGreaterThanOrEqual(48)
    await expect
      .poll(() => Math.min(...members().map(({ results }) => results)), { timeout: 120_000 })
      .toBeGreaterThanOrEqual(48)

    // Nobody has been silenced meanwhile: what each says now is heard by each of the others.
    const workers = () =>
      members().map(
        ({ present }) => crowd!.joined.filter((id) => present[id]?.worker === true).length,
      )
    crowd.announce()
    await expect.poll(workers, { timeout: 120_000 }).toEqual(Array(NODES).fill(NODES))
    crowd.announce()
    await expect.poll(workers, { timeout: 120_000 }).toEqual(Array(NODES).fill(0))
    const { refused } = await classroom.get<{ refused: Record<string, number> }>('/v1/status')
    // Late is not wrong: on a busy machine an answer may miss its deadline.
    const late = ['identity/envelope-lifetime', 'identity/envelope-expired']
    const wrong = Object.keys(refused).filter((code) => code.startsWith('identity/'))
    expect(wrong.filter((code) => !late.includes(code))).toEqual([])

    // One goes, in peace: everyone hears it, and the tabs have kept their links.
    crowd.leave(0)
    await expect.poll(hears, { timeout: 120_000 }).toEqual(Array(NODES - 1).fill(ALL - 1))
    for (const tab of tabs) {
      await expect(tab.page.getByRole('region', { name: 'Peers' })).toContainText(
        `${ALL - 2} peers present`,
        { timeout: 120_000 },
      )
      expect(directTo((await tab.peek())!)).toBeGreaterThanOrEqual(wanted)
      expect(tab.errors).toEqual([])
    }
  } finally {
    await crowd?.stop()
    await rm(folder, { recursive: true, force: true })
  }
})
