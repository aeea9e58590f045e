/**
 * A study from its first unit to its proof, with nobody, one tab and four tabs; and what must not
 * become final.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { verifyStudy } from '../apps/cli/src/study/verify-study.ts'
import { exactP } from '../examples/penguins/study.ts'
import { expect, spreadOf, test } from './support/fast-study.ts'
import {
  expectCountedOnce,
  exportProof,
  studyStatus,
  untilStudy,
  verifyProof,
} from './support/record.ts'
import { runCommand } from './support/relay-process.ts'
import { allUntil, connected, directLinks, pause, press, shownTiles } from './support/shown.ts'
import { watchTerminal } from './support/terminal.ts'
import type { Peek } from './support/volunteer-tab.ts'

// Several tabs join one after the other, on a machine that may have other things to do.
test.setTimeout(420_000)

const permutations = 400_000

test('with nobody else everything stays provisional, and the operator is told', async ({
  relay,
  fastStudy,
}) => {
  const alone = await relay({ args: ['--study', fastStudy({ units: 12 }), '--worker', '1'] })
  const done = await untilStudy(alone, 'all units computed', (study) => study.waiting === 0)
  expect(done).toMatchObject({ state: 'open', provisional: 12, accepted: 0, final: 0 })
  expect(done.notice).toBe('nothing is final until someone else agrees: open the link')

  const shown = await alone.command('study', 'show')
  expect(shown.out).toContain('0 final, 0 accepted, 12 in all')
  expect(shown.out).toContain('nothing is final until someone else agrees: open the link')
  const status = await alone.command('status')
  expect(status.out).toMatch(/open, 0 of 12 final/)
  // Nothing is proven, so there is nothing to export.
  const exported = await alone.command('study', 'export', '--output', join(alone.state, 'early'))
  expect(exported.code).not.toBe(0)

  // It stays so: the relay asks itself again and again, and never answers for somebody else.
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  expect(await studyStatus(alone)).toMatchObject({ provisional: 12, accepted: 0, final: 0 })
  expect(await alone.stop()).toBe(130)

  // What an operator reads who starts it again, on what was kept.
  const terminal = await watchTerminal(
    alone.state,
    new URL(alone.page).port,
    'nothing is final until someone else agrees',
  )
  expect(terminal).toContain('0 of 12 final, 12 provisional')
  expect(terminal).toContain(alone.invite.slice(alone.invite.indexOf('#join=')))
})

test('one tab and the relay finish it, and anyone can check the proof', async ({
  relay,
  openTab,
  fastStudy,
}) => {
  const units = 16
  const host = await relay({ args: ['--study', fastStudy({ units }), '--worker', '1'] })
  const tab = await openTab(host.invite)
  await tab.join()
  const seen = await tab.until('recorded', ({ study }) => study?.state === 'recorded')
  expect(seen.study).toMatchObject({ done: units, total: units, mine: units })

  const answer = tab.page.getByRole('region', { name: 'The answer' })
  // biome-ignore lint/performance/useDomNodeTextContent: text as it is laid out, with its line breaks
  const text = await answer.locator('.figures').innerText()
  const estimate = Number(/p ≈\s+([\d.]+)/.exec(text)?.[1])
  expect(Math.abs(estimate - exactP)).toBeLessThan(
    5 * spreadOf(exactP, units * permutations) + 5e-5,
  )
  expect(text).toContain('0.07548 (exact)')
  expect((await shownTiles(tab.page)).map(({ state }) => state)).toEqual(
    Array.from({ length: units }, () => 'final'),
  )

  await tab.page.getByRole('button', { name: 'Verify in this tab' }).click()
  const verification = tab.page.locator('.finished .verification')
  await expect(verification).toHaveAttribute('data-state', /ok|failed/)
  await expect(verification).toHaveText(
    `${units} of ${units} units, from 2 volunteers, verified here.`,
  )

  const downloading = tab.page.waitForEvent('download')
  await tab.page.getByRole('button', { name: 'Download proof' }).click()
  const file = join(host.state, 'downloaded.folkmoot')
  await (await downloading).saveAs(file)
  expect((await verifyProof(host, file)).answer.estimate).toBeCloseTo(estimate, 4)
  await expectCountedOnce(host)

  const proof = new Uint8Array(readFileSync(file))
  const altered = (at: number) => {
    const bytes = proof.slice()
    bytes[at]! ^= 1 << (at % 8)
    return bytes
  }
  for (const share of [0.01, 0.35, 0.7, 0.999]) {
    const at = Math.floor(share * proof.length)
    writeFileSync(file, altered(at))
    const refused = await runCommand(host.state, ['study', 'verify', file, '--format', 'json'])
    expect(refused.code, `byte ${at}: ${refused.out}`).toBe(7)
    const { error } = JSON.parse(refused.out)
    expect(error.code).toMatch(/^(studies|codec|identity|consensus|ledger)\//)
    // It names the place, not only that something is wrong.
    expect(error.message.length, error.message).toBeGreaterThan(10)
  }
  // Many more in this process, where no start of a program stands between.
  const places = new Map<string, number>()
  const step = Math.ceil(proof.length / 80)
  for (let at = step >> 1; at < proof.length; at += step) {
    const verdict = await verifyStudy(altered(at))
    expect(verdict.ok, `byte ${at} of ${proof.length} was altered`).toBe(false)
    if (verdict.ok) continue
    const place = verdict.fault.message.replace(/[:,].*/s, '').replaceAll(/\d+/g, '#')
    places.set(place, (places.get(place) ?? 0) + 1)
  }
  console.log('where altered bytes were found:', Object.fromEntries(places))
  expect(places.size).toBeGreaterThan(3)
})

test('four tabs connect to each other directly, all compute, and the answer is right', async ({
  relay,
  openTab,
  fastStudy,
}) => {
  const units = 24
  const folder = fastStudy({ units, permutations })
  const host = await relay({ args: ['--study', folder, '--worker', '0'] })
  const tabs = []
  for (let index = 0; index < 4; index++) {
    const tab = await openTab(host.invite)
    await tab.join()
    // Held until everybody is here, or a machine at rest finishes it before the last has joined.
    await pause(tab)
    tabs.push(tab)
  }
  expect(
    new Set((await Promise.all(tabs.map((tab) => tab.peek()))).map((p) => p?.peerId)).size,
  ).toBe(4)
  await connected(tabs, 2)
  expect((await studyStatus(host)).final).toBeLessThan(units)
  for (const tab of tabs) await press(tab, 'Resume')
  const seen = await allUntil(tabs, 'recorded', ({ study }) => study?.state === 'recorded')
  console.log(
    'direct links:',
    seen.map(directLinks),
    'computed by each:',
    seen.map(({ study }) => study?.mine),
  )
  for (const peek of seen) {
    expect(peek.study?.mine).toBeGreaterThanOrEqual(1)
    expect(directLinks(peek)).toBeGreaterThanOrEqual(2)
  }
  const { answer } = await studyStatus(host)
  expect(Math.abs(answer!.estimate - exactP)).toBeLessThan(
    5 * spreadOf(exactP, units * permutations),
  )
  expect(answer!.low).toBeLessThan(answer!.estimate)
  await expectCountedOnce(host)
  expect((await verifyProof(host, await exportProof(host))).answer.estimate).toBe(answer!.estimate)
})

test('in production one link is one voice, however many profiles open it', async ({
  relay,
  openTab,
  fastStudy,
}) => {
  const units = 12
  const args = ['--study', fastStudy({ units }), '--preset', 'production', '--worker', '0']
  const host = await relay({ args })
  const tabs = []
  for (let index = 0; index < 4; index++) {
    const tab = await openTab(host.invite)
    await tab.join()
    tabs.push(tab)
  }
  await allUntil(tabs, 'the relay and another', ({ links }) => links.length >= 2)
  const computed = await untilStudy(host, 'all units computed', (study) => study.waiting === 0)
  expect(computed.independence).toBe('roots')
  expect(computed).toMatchObject({ state: 'open', provisional: units, accepted: 0, final: 0 })
  await new Promise((resolve) => setTimeout(resolve, 8_000))
  const still = await studyStatus(host)
  expect(still).toMatchObject({ provisional: units, accepted: 0, final: 0 })
  expect(still.notice).toContain('all workers came by the same one')
  for (const tab of tabs) {
    expect((await tab.peek())?.study).toMatchObject({ done: 0, state: 'open' })
    const states = (await shownTiles(tab.page)).map(({ state }) => state)
    expect(new Set(states)).toEqual(new Set(['provisional']))
    await expect(tab.page.locator('[data-notice="one-voice"]')).toContainText(
      'Everyone here came by the same invitation',
    )
  }

  // Somebody who came by another link is a second voice.
  const invited = await host.command('invite', 'create', '--format', 'json')
  expect(invited.code, invited.err).toBe(0)
  const other = await openTab(JSON.parse(invited.out).data.link)
  await other.join()
  await other.until('recorded', ({ study }) => study?.state === 'recorded')
  expect(await studyStatus(host)).toMatchObject({ state: 'recorded', final: units })
  await expectCountedOnce(host)
})

test("a third party's study runs from its folder alone", async ({ relay, openTab, fastStudy }) => {
  const groups = [
    [180, 181, 182, 190, 195, 201, 178],
    [170, 172, 174, 181, 183, 169],
  ]
  const folder = fastStudy({
    units: 10,
    manifest: {
      title: 'Two made-up groups',
      question: 'Do thirteen made-up numbers differ?',
      params: { groups, permutations: 100_000 },
      dataOut: {
        hits: { type: 'int', min: 0, max: 100_000 },
        trials: { type: 'int', min: 100_000, max: 100_000 },
      },
      answer: { kind: 'estimate', label: 'chance' },
    },
  })
  const host = await relay({ args: ['--study', 'none', '--worker', '1'] })
  const local = await host.command('study', 'run', '--local', folder, '--format', 'json')
  expect(local.code, local.err).toBe(0)
  const { data } = JSON.parse(local.out)
  expect(data).toMatchObject({ title: 'Two made-up groups', signed: false, units: 10, ran: 10 })

  const opened = await host.command('study', 'open', folder, '--format', 'json')
  expect(opened.code, opened.err).toBe(0)
  expect(JSON.parse(opened.out).data).toMatchObject({ state: 'open', units: 10, final: 0 })

  const tab = await openTab(host.invite)
  await expect(tab.page.getByText('Do thirteen made-up numbers differ?')).toBeVisible()
  await tab.join()
  await tab.until('recorded', ({ study }) => study?.state === 'recorded')
  const { answer } = await studyStatus(host)
  // Two independent runs of a million shuffles each.
  const spread = Math.SQRT2 * spreadOf(data.answer.estimate, 1_000_000)
  expect(Math.abs(answer!.estimate - data.answer.estimate)).toBeLessThan(5 * spread)
  await verifyProof(host, await exportProof(host))
  await expectCountedOnce(host)
})

test('the penguins, in full, by four tabs', async ({ relay, openTab }) => {
  test.skip(process.env.FOLKMOOT_LONG !== '1', 'the full study takes minutes: FOLKMOOT_LONG=1')
  test.setTimeout(3_600_000)
  const host = await relay({ args: ['--worker', '1'] })
  const tabs = []
  for (let index = 0; index < 4; index++) {
    const tab = await openTab(host.invite)
    await tab.join()
    tabs.push(tab)
  }
  await connected(tabs, 2)
  const isRecorded = ({ study }: Peek) => study?.state === 'recorded'
  const seen = await allUntil(tabs, 'recorded', isRecorded, 3_300_000)
  for (const peek of seen) expect(peek.study?.mine).toBeGreaterThanOrEqual(1)
  const { answer, units } = await studyStatus(host)
  const spread = spreadOf(exactP, units * 4_000_000)
  console.log(
    `estimate ${answer!.estimate}, exact ${exactP}, ${(answer!.estimate - exactP) / spread} sigma`,
  )
  expect(Math.abs(answer!.estimate - exactP)).toBeLessThan(5 * spread)
  await expectCountedOnce(host)
  await verifyProof(host, await exportProof(host))
})
