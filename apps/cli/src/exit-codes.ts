/**
 * What the command's exit code says, and which failure leads to which.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'

export const exitCodes = {
  done: 0,
  unexpected: 1,
  usage: 2,
  configuration: 3,
  state: 4,
  unreachable: 5,
  denied: 6,
  verification: 7,
  /** What was checked holds, and more is known to exist that was not shown. */
  incomplete: 8,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Longest prefix first, so that an exact code wins over its package. */
const byPrefix: ReadonlyArray<readonly [prefix: string, code: ExitCode]> = [
  ['cli/usage', exitCodes.usage],
  ['cli/bad-request', exitCodes.usage],
  ['cli/not-found', exitCodes.usage],
  ['cli/config', exitCodes.configuration],
  ['cli/study-package', exitCodes.configuration],
  ['cli/port', exitCodes.configuration],
  ['cli/join', exitCodes.unreachable],
  ['cli/page-missing', exitCodes.configuration],
  ['cli/file', exitCodes.state],
  ['cli/backup', exitCodes.state],
  ['cli/refound', exitCodes.state],
  ['storage/', exitCodes.state],
  ['cli/relay-', exitCodes.unreachable],
  ['cli/not-decided', exitCodes.unreachable],
  ['transport/', exitCodes.unreachable],
  ['studies/bundle-build', exitCodes.unreachable],
  ['cli/unauthorised', exitCodes.denied],
  ['policy/', exitCodes.denied],
  ['join/', exitCodes.denied],
  ['federation/join', exitCodes.denied],
  ['federation/invitation', exitCodes.denied],
  ['federation/not-', exitCodes.denied],
  ['federation/no-', exitCodes.denied],
  ['federation/engine', exitCodes.denied],
  ['federation/not-decided', exitCodes.unreachable],
  ['federation/behind-invitation', exitCodes.unreachable],
  ['federation/revoked', exitCodes.denied],
  ['audit/full', exitCodes.state],
  ['audit/export-older', exitCodes.incomplete],
  ['audit/other-log', exitCodes.incomplete],
  ['ledger/', exitCodes.denied],
  ['calls/deadline', exitCodes.unreachable],
  ['calls/lost', exitCodes.unreachable],
  // Whoever decides is away or has too much to do.
  ['consensus/busy', exitCodes.unreachable],
  ['consensus/closed', exitCodes.unreachable],
  ['consensus/deadline', exitCodes.unreachable],
  ['consensus/no-answer', exitCodes.unreachable],
  ['consensus-raft/membership-busy', exitCodes.unreachable],
  ['consensus-raft/no-leader', exitCodes.unreachable],
  ['consensus-raft/not-proposed', exitCodes.unreachable],
  // This relay's own copy, or its disk.
  ['consensus/corrupt-log', exitCodes.state],
  ['consensus/halted', exitCodes.state],
  ['consensus/storage-failed', exitCodes.state],
  ['consensus-bft/amnesia', exitCodes.state],
  ['consensus-bft/corrupt-votes', exitCodes.state],
  ['consensus-raft/amnesia', exitCodes.state],
  ['consensus-raft/corrupt-state', exitCodes.state],
  ['consensus/fork', exitCodes.verification],
  ['consensus-bft/fork', exitCodes.verification],
]

/** A check of somebody else's bytes that did not succeed; ends with 7, or 8 where nothing in them is wrong. */
export class VerificationFailure extends FederationError {}

/** The exit code for anything thrown. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof FederationError)) return exitCodes.unexpected
  const found = byPrefix
    .filter(([prefix]) => error.code.startsWith(prefix))
    .toSorted(([a], [b]) => b.length - a.length)[0]?.[1]
  if (error instanceof VerificationFailure) {
    return found === exitCodes.incomplete ? found : exitCodes.verification
  }
  return found ?? exitCodes.unexpected
}
