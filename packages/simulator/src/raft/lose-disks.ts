/**
 * Members of a Raft group whose disk is lost, of any group a minority at most. As the engine does
 * (ADR 0070), such a member takes no part until the others have let go of it, and then joins anew.
 *
 * @module
 */
import {
  type Membership,
  majorityOf,
  parseMembership,
  type RaftEntry,
} from '@folkmoot/consensus-raft'
import type { PeerId } from '@folkmoot/identity'
import type { Random } from '../kernel/random.ts'
import type { RaftMachine, RaftWorld } from './program.ts'

export interface RaftLosses {
  /** Disks lost, and members that joined anew. */
  readonly counts: { lost: number; rejoined: number }
  /** Who lost its disk, and is not let go of yet. */
  readonly barred: ReadonlySet<PeerId>
  /** Whether the ledger would name it: an engine hears only those, and whom its own log names. */
  names(peer: PeerId): boolean
  /** The ledger gives a seat before the leader adds its member, and takes it before it lets go. */
  seat(peer: PeerId, isSeated: boolean): void
  /** Whether it starts as somebody new rather than as a founder. */
  joins(peer: PeerId): boolean
  /** A disk goes, where the group must bear it. */
  strike(): void
  /** Somebody has applied an entry. */
  applied(entry: RaftEntry): void
}

export function createRaftLosses(
  world: () => RaftWorld,
  founders: Membership,
  random: Random,
): RaftLosses {
  const barred = new Set<PeerId>()
  const gone = new Set<PeerId>()
  const seated = new Set<PeerId>()
  const counts = { lost: 0, rejoined: 0 }
  /** Index of the newest change of members that was applied anywhere. */
  let newest = 0
  let members = founders

  const running = () =>
    [...world().processes.values()].flatMap(({ id, machine }) =>
      machine && !barred.has(id) ? [machine as RaftMachine] : [],
    )

  /** Whether every group that anybody believes in keeps a majority of disks. */
  function isBearable(victim: PeerId): boolean {
    const down = [...world().processes.values()].some(({ up }) => !up)
    return (
      !down &&
      running().every(({ core }) => {
        const { members: believed, changing } = core.peek()
        const { voters } = believed
        const lost = voters.filter((peer) => peer === victim || barred.has(peer))
        // A change under way takes a majority of those before it as well.
        return !changing && voters.length - lost.length >= majorityOf(voters)
      })
    )
  }

  return {
    counts,
    barred,
    names: (peer) => [...members.voters, ...members.learners, ...seated].includes(peer),
    seat: (peer, isSeated) => (isSeated ? seated.add(peer) : seated.delete(peer)),
    joins: (peer) => gone.has(peer),
    strike() {
      const process = random.pick([...world().processes.values()])
      const { id } = process
      // Who is no member has nothing to forget that counts.
      if (barred.has(id) || !members.voters.includes(id) || !isBearable(id)) return
      process.crash('loses its disk')
      process.disk.replace({})
      barred.add(id)
      gone.add(id)
      counts.lost += 1
    },
    applied({ index, kind, data }) {
      if (kind !== 'members' || index <= newest) return
      newest = index
      members = parseMembership(data) ?? members
      for (const peer of [...barred]) {
        if (members.voters.includes(peer) || members.learners.includes(peer)) continue
        barred.delete(peer)
        counts.rejoined += 1
        const process = [...world().processes.values()].find(({ id }) => id === peer)!
        // Starts again, now as a program that takes part.
        process.crash('is let go of')
      }
    },
  }
}
