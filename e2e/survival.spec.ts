/**
 * What a study survives: closed, crashed and reloaded tabs, a relay that is killed, and a liar.
 */
import { frameDocument } from '../packages/sandbox/src/web/frame-html.ts'
import { expect, test } from './support/fast-study.ts'
import {
  expectCountedOnce,
  exportProof,
  studyStatus,
  untilStudy,
  verifyProof,
} from './support/record.ts'
import {
  allUntil,
  computingUnit,
  connected,
  directLinks,
  pause,
  press,
  shownTiles,
} from './support/shown.ts'
import type { Peek } from './support/volunteer-tab.ts'

// Several tabs join, work and lose each other, each of which waits for the one before.
test.setTimeout(420_000)

/** Seconds each at half a core, so that a tab can be caught in the middle of one. */
const slow = 3_000_000
const recorded = ({ study }: Peek) => study?.state === 'recorded'

test('closed or crashed in the middle of a unit: others finish it, and nothing counts twice', async ({
  relay,
  openTab,
  fastStudy,
}) => {
  const host = await relay({
    args: ['--study', fastStudy({ units: 12, permutations: slow }), '--worker', '1'],
  })
  const [closing, crashing, staying] = [
    await openTab(host.invite),
    await openTab(host.invite),
    await openTab(host.invite),
  ]
  const gone: { peer: string; unit: number }[] = []
  const { peerId: first } = await closing.join()
  gone.push({ peer: first!, unit: await computingUnit(closing) })
  await closing.close()

  const { peerId: second } = await crashing.join()
  gone.push({ peer: second!, unit: await computingUnit(crashing) })
  // As if its process had been killed: no goodbye.
  const devtools = await crashing.context.newCDPSession(crashing.page)
  const crashed = crashing.page.waitForEvent('crash')
  // Never answered: there is nobody left to answer.
  void devtools.send('Page.crash').catch(() => {})
  await crashed
  console.log(
    'gone in the middle of units',
    gone.map(({ unit }) => unit),
  )
  expect((await studyStatus(host)).final).toBeLessThan(12)

  await staying.join()
  const study = await untilStudy(host, 'recorded', ({ state }) => state === 'recorded', 240_000)
  for (const { peer, unit } of gone) {
    const { state, supporters, against } = study.unitStates[unit]!
    expect(state).toBe('final')
    expect(supporters).not.toContain(peer)
    expect(against).toEqual([])
    expect(supporters.length).toBeGreaterThanOrEqual(2)
  }
  await staying.until('recorded', recorded)
  await expectCountedOnce(host)
  await verifyProof(host, await exportProof(host))
})

test('reloaded: the same key, without the link, and it goes on', async ({
  relay,
  openTab,
  fastStudy,
}) => {
  const units = 30
  const host = await relay({
    args: ['--study', fastStudy({ units, permutations: 1_500_000 }), '--worker', '0'],
  })
  const tab = await openTab(host.invite)
  const { peerId } = await tab.join()
  // The link holds a key, so the address bar must not keep it.
  expect(new URL(tab.page.url()).hash).toBe('')
  const before = await tab.until('two units', ({ study }) => (study?.mine ?? 0) >= 2)
  await computingUnit(tab)
  await tab.page.reload()

  const after = await tab.until('joined again', ({ joined }) => joined)
  expect(after.peerId).toBe(peerId)
  expect(tab.page.url()).toBe(`${host.page}/`)
  await expect(tab.page.getByRole('button', { name: 'Join', exact: true })).toHaveCount(0)
  const resumed = await tab.until(
    'more units than before',
    ({ study }) => (study?.mine ?? 0) > before.study!.mine,
  )
  expect(resumed.peerId).toBe(peerId)
  const done = await tab.until('all units', ({ study }) => study?.mine === units)
  expect(done.study).toMatchObject({ done: 0, state: 'open' })
  const study = await untilStudy(host, 'all results arrived', ({ waiting }) => waiting === 0)
  // One voice before and after: a reload is no second volunteer.
  expect(study).toMatchObject({ provisional: units, accepted: 0, final: 0 })
  for (const { supporters } of study.unitStates) expect(supporters).toEqual([peerId])
  // It used the invitation once.
  const [invitation] = await host.get<{ used: number }[]>('/v1/invitations')
  expect(invitation?.used).toBe(1)
})

test('the relay killed: tabs keep their links, lease among themselves, and it records when it is back', async ({
  relay,
  openTab,
  fastStudy,
}) => {
  const units = 18
  const host = await relay({ args: ['--study', fastStudy({ units }), '--worker', '0'] })
  const tabs = []
  for (let index = 0; index < 3; index++) {
    const tab = await openTab(host.invite)
    await tab.join()
    await pause(tab)
    tabs.push(tab)
  }
  await connected(tabs, 2)
  const before = await studyStatus(host)
  expect(before.final).toBeLessThan(units)
  await host.kill()
  // Direct links, both of them, and nothing else.
  const onlyDirect = ({ links }: Peek) =>
    links.length === 2 && links.every(({ kind }) => kind === 'direct')
  await allUntil(tabs, 'only the relay is missed', onlyDirect)
  for (const { page } of tabs) {
    await expect(page.locator('[data-notice="relay-down"]')).toBeVisible()
  }
  for (const tab of tabs) await press(tab, 'Resume')
  const isComplete = ({ study }: Peek) => study?.state === 'complete'
  const complete = await allUntil(tabs, 'complete without a relay', isComplete, 180_000)
  console.log(
    'without a relay: direct links',
    complete.map(directLinks),
    'computed by each',
    complete.map(({ study }) => study?.mine),
  )
  for (const [index, peek] of complete.entries()) {
    expect(directLinks(peek)).toBe(2)
    expect(peek.study).toMatchObject({ done: units, total: units })
    const { page } = tabs[index]!
    const notice = page.locator('[data-notice="relay-down"]')
    await expect(notice).toContainText('Complete, waiting to be recorded')
    // Nothing became final while nobody could record.
    const final = (await shownTiles(page)).filter(({ state }) => state === 'final')
    expect(final.length).toBe(before.final)
  }

  const back = await host.restart()
  expect(back).toMatchObject({ peerId: host.peerId, federation: host.federation, page: host.page })
  const seen = await allUntil(tabs, 'recorded', recorded, 180_000)
  for (const [index, peek] of seen.entries()) {
    expect(peek.peerId).toBe(complete[index]!.peerId)
    const states = new Set((await shownTiles(tabs[index]!.page)).map(({ state }) => state))
    expect(states).toEqual(new Set(['final']))
  }
  await expectCountedOnce(back)
  await verifyProof(back, await exportProof(back))
})

/**
 * Changes the lowest bit of `hits` in every unit's output, as it is copied out of the memory; the
 * form stays, and so does what `reduce` says.
 */
const lie = `
  const { slice } = Uint8Array.prototype
  Uint8Array.prototype.slice = function (...range) {
    const copy = slice.apply(this, range)
    // A map of two that begins with the text "hits" and an integer of two or four bytes.
    const isUnit = copy[0] === 0xa2 && copy[1] === 0x64 && copy[2] === 0x68
    if (isUnit) copy[copy[6] === 0x1a ? 10 : 8] ^= 1
    return copy
  }`

test('a lying tab is not accepted, can see why, and holds nobody up', async ({
  relay,
  openTab,
  fastStudy,
}) => {
  const units = 12
  const host = await relay({ args: ['--study', fastStudy({ units }), '--worker', '1'] })
  const liar = await openTab('about:blank')
  const { html, headers } = frameDocument({ worker: { after: lie } })
  await liar.page.route('**/sandbox.html', (route) => route.fulfill({ body: html, headers }))
  await liar.page.goto(host.invite)
  const { peerId } = await liar.join()
  const lies = await liar.until('some lies', ({ study }) => (study?.mine ?? 0) >= 3)
  expect(lies.study!.mine).toBeGreaterThanOrEqual(3)
  const honest = await openTab(host.invite)
  await honest.join()

  const study = await untilStudy(host, 'recorded', ({ state }) => state === 'recorded', 240_000)
  const against = study.unitStates.filter((unit) => unit.against.includes(peerId!))
  expect(against.length).toBeGreaterThanOrEqual(3)
  for (const { supporters } of study.unitStates) expect(supporters).not.toContain(peerId)
  // The others' results are the true ones: every unit is computed again.
  await verifyProof(host, await exportProof(host))
  await expectCountedOnce(host)
  const peers = await host.get<{ peer: string; finalResults: number }[]>('/v1/peers')
  expect(peers.find(({ peer }) => peer === peerId)?.finalResults).toBe(0)

  await liar.until('recorded', recorded)
  const refused = (await shownTiles(liar.page)).filter(({ mine }) => mine === 'not-accepted')
  expect(refused.length).toBe(against.length)
  for (const { words } of refused) {
    expect(words).toContain('your result was not accepted')
    expect(words).toMatch(/not accepted: \w+ others agreed on another result/)
  }
  const told = liar.page.getByRole('region', { name: /of your results were not accepted/ })
  await expect(told).toContainText('Others computed the same unit and agree on another result.')
  await honest.until('recorded', recorded)
  const fine = (await shownTiles(honest.page)).filter(({ mine }) => mine === 'not-accepted')
  expect(fine).toEqual([])
})

test('Pause, Resume and Finish stop the work and start it', async ({
  relay,
  openTab,
  fastStudy,
}) => {
  const units = 60
  const host = await relay({
    args: ['--study', fastStudy({ units, permutations: slow }), '--worker', '0'],
  })
  const tab = await openTab(host.invite)
  await tab.join()
  const mine = async () => (await tab.peek())!.study!.mine
  await tab.until('a first unit', ({ study }) => (study?.mine ?? 0) >= 1)
  const held = await computingUnit(tab)
  await pause(tab)
  const atPause = await mine()
  const quiet = 10_000
  await tab.page.waitForTimeout(quiet)
  // A result that was on its way when the button was pressed may still be written down.
  expect(await mine()).toBeLessThanOrEqual(atPause + 1)
  const resting = await mine()
  await tab.page.waitForTimeout(quiet)
  expect(await mine()).toBe(resting)
  expect((await tab.peek())?.paused).toMatchObject({ reason: 'you-paused' })
  await expect(tab.page.getByRole('region', { name: 'Now' })).toContainText('You paused it.')

  await press(tab, 'Resume')
  await tab.until(
    'computing again',
    ({ paused, study }) => paused === null && study!.mine > resting,
  )
  console.log(`paused in unit ${held} after ${resting} units, then went on`)

  await computingUnit(tab)
  const beforeFinish = await mine()
  await press(tab, 'Finish')
  await tab.until('finished its unit', ({ paused }) => paused?.reason === 'you-paused')
  const finished = await mine()
  expect(finished - beforeFinish).toBeGreaterThanOrEqual(1)
  expect(finished - beforeFinish).toBeLessThanOrEqual(2)
  await tab.page.waitForTimeout(quiet)
  expect(await mine()).toBe(finished)

  await press(tab, 'Resume')
  await tab.until('computing once more', ({ study }) => study!.mine > finished)
})
