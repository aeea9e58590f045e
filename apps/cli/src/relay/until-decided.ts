/**
 * What somebody who asks through the command is told while those who decide are too few: who is
 * missing, and after a while that nothing was decided yet. What was asked stays with the engine.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import { requiredWeight } from '@folkmoot/consensus'
import { type Peer, within } from '@folkmoot/federation'
import { nodeTimers } from '@folkmoot/storage/node'
import type { CliCode } from '../codes.ts'
import { shortId } from '../text-table.ts'

/** Far longer than a change of voters takes, and short for somebody at a terminal. */
const decidedWithinMs = 30_000

type Seen = Pick<Peer, 'me' | 'ledger' | 'present' | 'transport'>

/** Why nothing can be decided at present, as far as this peer sees; null where enough voters are here. */
export function missingVoters({ me, ledger, present, transport }: Seen): string | null {
  const set = ledger.voterSet()
  // A member of a Raft group knows whether it has a leader.
  if (set === null || set.engine === 'raft') return ledger.status().stalled ?? null
  const here = new Set<string>([me, ...transport.links().map(({ peer }) => peer)])
  for (const { peer, status } of present()) if (status === 'here') here.add(peer)
  const away = set.voters.filter(({ peer }) => !here.has(peer))
  const total = set.voters.reduce((sum, { weight }) => sum + weight, 0)
  const votes = total - away.reduce((sum, { weight }) => sum + weight, 0)
  const needed = requiredWeight(set)
  if (votes >= needed) return null
  const names = away.map(({ peer }) => shortId(peer)).join(', ')
  return `${votes} of the ${needed} votes that a decision takes are here; away: ${names}`
}

/**
 * Waits until what was asked is decided.
 *
 * @throws FederationError `cli/not-decided` after half a minute; whatever `asked` rejects with
 */
export async function untilDecided<T>(peer: Seen, asked: Promise<T>): Promise<T> {
  // Nobody may be left to hear how it ended.
  asked.catch(() => {})
  const answer = await within(
    nodeTimers,
    decidedWithinMs,
    asked.then((value) => ({ value })),
  )
  if (answer === undefined) throw notDecided(missingVoters(peer))
  return answer.value
}

/** How long who follows is given to hear of what was made final elsewhere. */
const heardWithinMs = 10_000

/** Does something that signs an operation, and waits until this copy of the ledger has it as well. */
export async function andHeard<T>(
  peer: Pick<Peer, 'me' | 'ledger'>,
  act: () => Promise<T>,
): Promise<T> {
  const sequence = () => peer.ledger.state.state().sequence(peer.me)
  const before = sequence()
  const answer = await act()
  if (sequence() > before) return answer
  await new Promise<void>((resolve) => {
    const stop = () => {
      clearTimeout(timer)
      unhear()
      resolve()
    }
    const timer = setTimeout(stop, heardWithinMs)
    const unhear = peer.ledger.onFinal(() => {
      if (sequence() > before) stop()
    })
  })
  return answer
}

function notDecided(missing: string | null): FederationError<CliCode> {
  const why = missing === null ? '' : ` (${missing})`
  const seconds = decidedWithinMs / 1000
  const message = `nothing was decided within ${seconds} s${why}: it may still be, once enough voters are back`
  return new FederationError('cli/not-decided', message, {
    hint: '`folkmoot status` says who is missing. Asked again it is a new operation: both may take effect',
  })
}
