/**
 * Finds the port to take: the one asked for, or the next free one where it was a default.
 *
 * @module
 */
import { createServer } from 'node:net'
import { FederationError } from '@folkmoot/base'
import type { CliCode } from '../codes.ts'

/** How many ports after a default one are tried. */
const spare = 9

export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}

/**
 * @param strict the port was named by a person, so another one would surprise
 * @param except ports that were found and are not taken yet
 * @throws FederationError `cli/port`
 */
export async function freePort(
  host: string,
  port: number,
  strict: boolean,
  except: readonly number[] = [],
): Promise<number> {
  if (port === 0) return 0
  const last = strict ? port : port + spare
  for (let candidate = port; candidate <= last; candidate++) {
    if (!except.includes(candidate) && (await isFree(host, candidate))) return candidate
  }
  throw new FederationError<CliCode>(
    'cli/port',
    strict ? `port ${port} on ${host} is taken` : `ports ${port} to ${last} on ${host} are taken`,
    { hint: 'name another one' },
  )
}
