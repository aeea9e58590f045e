/**
 * `folkmoot relay`: page, rendezvous, circuit relay, ledger, and a worker of its own.
 *
 * @module
 */
import type { Command } from 'commander'
import { act, type Runner, withSettings } from '../command-context.ts'
import type { Config } from '../config/resolve-config.ts'
import type { Output } from '../output.ts'
import { createStopSignals, type StopSignals } from '../stop-signals.ts'

/** What the relay is given; it resolves to the exit code when it has stopped. */
export interface RelayRun {
  readonly config: Config
  readonly output: Output
  readonly signals: StopSignals
}

export function addRelay(program: Command, runner: Runner): void {
  const command = program.command('relay').description('run a relay with the page and a worker')
  act(runner, withSettings(command), async ({ config, output }) => {
    const resolved = config()
    const { runRelay } = await import('../relay/run-relay.ts')
    const signals = createStopSignals()
    try {
      return await runRelay({ config: resolved, output, signals })
    } finally {
      signals.dispose()
    }
  })
}
