/**
 * `npm start` computes with one worker of its own, where neither flag nor environment nor file says
 * anything about it.
 *
 * @module
 */
import { parseArgs } from 'node:util'
import { resolveConfig } from '../apps/cli/src/config/resolve-config.ts'

/** What to put before the arguments of `folkmoot relay`; a flag alone would overrule the file. */
export function usualWorker(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: { state: text, config: text, worker: text },
    strict: false,
  })
  const flags = Object.fromEntries(
    Object.entries(values).filter(([name]) => ['state', 'config', 'worker'].includes(name)),
  )
  try {
    const { explained } = resolveConfig({ flags, environment })
    const worker = explained.find(({ name }) => name === 'worker')
    return worker?.source.startsWith('preset') ? ['--worker', '1'] : []
  } catch {
    // The relay says what is wrong with them.
    return []
  }
}
