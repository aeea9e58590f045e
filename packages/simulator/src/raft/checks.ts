/**
 * The promises of Raft (paper, figure 3), watched while members run.
 *
 * @module
 */
import { sha256, toHex } from '@folkmoot/codec'
import type { RaftEntry } from '@folkmoot/consensus-raft'
import { broken, type Property } from '../campaigns/campaign.ts'
import type { RaftMachine } from './program.ts'

export interface RaftChecks {
  readonly violations: readonly string[]
  /** Highest index known to be committed. */
  readonly committed: number
  wrong(property: Property, text: string): void
  leads(machine: RaftMachine, id: string, term: number): void
  applied(entry: RaftEntry): void
  /** Compares the logs of all who run. */
  match(machines: readonly RaftMachine[]): void
}

export function createRaftChecks(): RaftChecks {
  const violations: string[] = []
  const leaders = new Map<number, string>()
  const decided = new Map<number, { term: number; hash: string }>()
  let committed = 0
  const wrong = (property: Property, text: string) => {
    if (violations.length < 20) violations.push(broken(property, text))
  }
  return {
    violations,
    get committed() {
      return committed
    },
    wrong,
    leads({ core }, id, term) {
      const known = leaders.get(term)
      if (known !== undefined && known !== id) {
        wrong('election safety', `two leaders in term ${term}`)
      }
      leaders.set(term, id)
      const { base, termAt } = core.peek()
      for (const [index, { term: of }] of decided) {
        if (index >= base.index && of < term && termAt(index) !== of) {
          wrong('leader completeness', `the leader of term ${term} lacks entry ${index}`)
        }
      }
    },
    applied({ index, term, kind, data }) {
      const hash = `${kind} ${toHex(sha256(data))}`
      const known = decided.get(index)
      if (known && (known.term !== term || known.hash !== hash)) {
        wrong('state-machine safety', `two entries were applied at ${index}`)
      }
      decided.set(index, { term, hash })
      committed = Math.max(committed, index)
    },
    match(machines) {
      const views = machines.map(({ core }) => core.peek())
      for (const [i, a] of views.entries()) {
        for (const b of views.slice(i + 1)) {
          const last = Math.min(a.lastIndex, b.lastIndex)
          const first = Math.max(a.base.index, b.base.index)
          let agree = false
          for (let index = last; index >= first; index -= 1) {
            const same = a.termAt(index) === b.termAt(index)
            if (agree && !same) {
              wrong('log matching', `two logs part below entry ${index + 1}`)
            }
            agree ||= same
          }
        }
      }
    },
  }
}
