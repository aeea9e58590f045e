/**
 * `npm run campaign`: many seeds of simulated trouble for the agreement engines.
 *
 * Options: `--seeds N` (default 200), `--from S` (default 1), `--only NAME` (repeatable), `--lanes N`
 * (default 2), `--minutes M` (begin nothing after that; fails where less than a quarter is done by
 * then). `--mutate` breaks each rule in turn, prints what noticed it, and fails unless every mutant
 * is caught. `--replay SEED` prints one run of one campaign for a person. `--mutant NAME` breaks a
 * rule in any of these.
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  addTallies,
  type Campaign,
  type CampaignTally,
  campaigns,
  catches,
  emptyTally,
  tooSlow,
} from '../packages/simulator/src/index.ts'
import { type Job, runLanes } from './campaign/lanes.ts'
import { mutate, table } from './campaign/mutate.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true },
    lanes: { type: 'string', default: '2' },
    minutes: { type: 'string', default: '600' },
    mutate: { type: 'boolean', default: false },
    replay: { type: 'string' },
    mutant: { type: 'string' },
    report: { type: 'string' },
  },
})

const chosen = campaigns.filter(({ name }) => values.only?.includes(name) ?? true)
if (chosen.length === 0) {
  console.error(`--only takes ${campaigns.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const seeds = Number(values.seeds)
const from = Number(values.from)
const begun = performance.now()
const inTime = () => performance.now() - begun < Number(values.minutes) * 60_000
/** A campaign cut short shows something only where it came this far. */
const LEAST_SHARE = 1 / 4
/** Seeds a worker takes at once. */
const CHUNK = 5

function chunks(campaign: string, mutant?: string): Job[] {
  const jobs: Job[] = []
  for (let at = from; at < from + seeds; at += CHUNK) {
    const count = Math.min(CHUNK, from + seeds - at)
    jobs.push({ campaign, from: at, count, ...(mutant === undefined ? {} : { mutant }) })
  }
  return jobs
}

async function replay(campaign: Campaign, seed: number): Promise<number> {
  const options = values.mutant === undefined ? {} : { mutant: values.mutant }
  const run = await campaign.run(seed, { keep: true, ...options })
  for (const line of run.lines) console.log(line)
  console.log(`\n${campaign.name}, seed ${seed}: trace ${run.hash}`)
  console.log(countsLine(run.counts))
  for (const text of run.violations) console.log(`VIOLATION: ${text}`)
  return run.violations.length === 0 ? 0 : 1
}

function countsLine(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count.toLocaleString('en')} ${name}`)
    .join(', ')
}

async function search(): Promise<number> {
  const tallies = new Map<string, CampaignTally>()
  const spent = new Map<string, number>()
  // Turn by turn, so that a run cut short has tried every campaign.
  const perCampaign = chosen.map(({ name }) => chunks(name, values.mutant))
  const jobs = perCampaign[0]!.flatMap((_, at) => perCampaign.map((list) => list[at]!))
  await runLanes(
    Number(values.lanes),
    jobs,
    ({ campaign }, tally, ms) => {
      tallies.set(campaign, addTallies(tallies.get(campaign) ?? emptyTally, tally))
      spent.set(campaign, (spent.get(campaign) ?? 0) + ms)
      for (const { seed, text } of tally.violations) {
        console.error(`${campaign}, seed ${seed}: ${text}`)
      }
    },
    inTime,
  )
  let failed = 0
  for (const { name, title } of chosen) {
    const tally = tallies.get(name) ?? emptyTally
    const slow = tooSlow(tally)
    if (slow !== undefined) console.error(`${name}: ${slow}`)
    const isEnough = tally.seeds >= seeds * LEAST_SHARE
    if (!isEnough) console.error(`${name}: ${tally.seeds} seeds in the time given are too few`)
    const passed = tally.violations.length === 0 && isEnough && slow === undefined
    if (!passed) failed += 1
    const seconds = ((spent.get(name) ?? 0) / 1_000).toFixed(1)
    const verdict = passed ? 'ok' : 'FAILED'
    console.log(`${verdict}: ${name} (${title})`)
    const facts = countsLine(tally.counts)
    console.log(
      `    ${tally.seeds} of ${seeds} seeds, ${facts}, ${tally.violations.length} violations, ${seconds} s`,
    )
  }
  if (values.report !== undefined) {
    const counts = { passed: chosen.length - failed, failed }
    writeFileSync(values.report, JSON.stringify(counts))
  }
  console.log(`${((performance.now() - begun) / 1_000).toFixed(0)} s in all`)
  return failed === 0 ? 0 : 1
}

async function tryMutants(): Promise<number> {
  const wanted = catches.filter(({ campaign, mutant }) => {
    const isChosen = chosen.some(({ name }) => name === campaign)
    return isChosen && (values.mutant === undefined || values.mutant === mutant)
  })
  const results = await mutate(Number(values.lanes), wanted, inTime)
  const missed = results.filter(({ isCaught }) => !isCaught).length
  console.log(table(results))
  const seconds = ((performance.now() - begun) / 1_000).toFixed(0)
  console.log(`${results.length - missed} of ${results.length} mutants caught in ${seconds} s`)
  if (values.report !== undefined) {
    const counts = { passed: results.length - missed, failed: missed }
    writeFileSync(values.report, JSON.stringify(counts))
  }
  return missed === 0 && results.length > 0 ? 0 : 1
}

if (values.replay !== undefined) {
  if (chosen.length > 1) {
    console.error('--replay SEED needs --only NAME: a seed belongs to one campaign')
    process.exit(2)
  }
  process.exitCode = await replay(chosen[0]!, Number(values.replay))
} else process.exitCode = await (values.mutate ? tryMutants() : search())
