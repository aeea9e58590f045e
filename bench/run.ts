/**
 * Runs benchmarks by name: `npm run bench -- envelope`, or `all`. Prints a table and appends the
 * figures to `bench/results/`. `--quick` is for developing one: a tenth of the work, nothing kept.
 *
 * @module
 */
import { buildAll } from '../scripts/build.ts'
import type { Benchmark, Effort } from './measure/benchmark.ts'
import type { Figure } from './measure/figure.ts'
import { commit, machine, recordResults } from './measure/record-results.ts'
import { resultsTable } from './measure/results-table.ts'

/** In the order of `all`: what a busy browser would disturb comes first. */
const benchmarks: Readonly<Record<string, () => Promise<{ benchmark: Benchmark }>>> = {
  envelope: () => import('./envelope/envelope.ts'),
  membership: () => import('./membership/membership.ts'),
  pipeline: () => import('./envelope/pipeline.ts'),
  audit: () => import('./audit/audit.ts'),
  bft: () => import('./agreement/bft.ts'),
  raft: () => import('./agreement/raft.ts'),
  growth: () => import('./agreement/growth.ts'),
  calls: () => import('./wires/calls.ts'),
  bulk: () => import('./wires/bulk.ts'),
  tabs: () => import('./wires/tabs.ts'),
  voters: () => import('./agreement/tabs.ts'),
  page: () => import('./page/page.ts'),
  sandbox: () => import('./useful/sandbox.ts'),
  useful: () => import('./useful/useful.ts'),
}

const quick = process.argv.includes('--quick')
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const names = wanted.includes('all') ? Object.keys(benchmarks) : wanted
const unknown = names.filter((name) => !Object.hasOwn(benchmarks, name))
if (names.length === 0 || unknown.length > 0) {
  console.error(`usage: npm run bench -- ${Object.keys(benchmarks).join('|')}|all [--quick]`)
  process.exit(2)
}

// The page and the studies that some of them run.
await buildAll()
const effort: Effort = quick ? { repetitions: 2, size: 0.1 } : { repetitions: 5, size: 1 }
const at = { commit: commit(), node: process.version }
const all: Figure[] = []
const failed: string[] = []
const begun = performance.now()
for (const name of names) {
  const { benchmark } = await benchmarks[name]!()
  const before = machine()
  const figures: Figure[] = []
  const started = performance.now()
  console.error(`${name}: ${benchmark.title}`)
  try {
    await benchmark.run(effort, (figure) => {
      figures.push(figure)
      console.error(`  ${figure.name} beside ${figure.beside?.name ?? 'nothing'}: done`)
    })
  } catch (error) {
    // One that fails does not take the figures of the others with it.
    failed.push(name)
    console.error(`  failed: ${error instanceof Error ? error.stack : error}`)
  }
  const seconds = Math.round((performance.now() - started) / 1_000)
  const run = { date: new Date().toISOString(), ...at, machine: before, quick, seconds }
  if (!quick && figures.length > 0) recordResults({ ...run, benchmark: name, figures })
  all.push(...figures)
}
const { cpu, cores, load } = machine()
const minutes = ((performance.now() - begun) / 60_000).toFixed(1)
console.log(resultsTable(all))
console.log(
  `\n${new Date().toISOString().slice(0, 10)}, commit ${at.commit}, Node ${at.node}, ${cores} cores (${cpu}), load ${load}, ${minutes} minutes`,
)
// Peers, browsers and sandboxes are stopped by now; what libp2p may still hold is not worth waiting.
process.exit(failed.length === 0 ? 0 : 1)
