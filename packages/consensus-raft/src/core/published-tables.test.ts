/** The cases of etcd-io/raft's own tests (raft_paper_test.go, raft_test.go, log_test.go). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { publishedData } from '../../../testing/src/published-data.ts'
import type { RaftMessage } from '../message.ts'
import { type Driven, drive, elect, entry, member, members } from './drive.ts'
import { committedBy } from './quorum.ts'

interface At {
  index: number
  term: number
}
interface Append {
  prevTerm: number
  prevIndex: number
  ents: At[]
}
interface Tables {
  leader_sync_follower_log_figure7: {
    leader_log: At[]
    leader_term_loaded: number
    elected_term: number
    follower_logs: At[][]
  }
  leader_only_commits_current_term_s542_fig8: {
    log: At[]
    loaded_term: number
    cases: { ack_index_from_2: number; commit: number }[]
  }
  follower_check_append: {
    log: At[]
    commit: number
    term: number
    cases: { prevTerm: number; prevIndex: number; reject: boolean }[]
  }
  follower_append_entries: { initial_log: At[]; term: number; cases: (Append & { want: At[] })[] }
  voter_up_to_date: {
    request_term: number
    cases: { log: At[]; candLastTerm: number; candLastIndex: number; reject: boolean }[]
  }
  follower_vote_once: {
    term: number
    cases: { votedFor: number; candidate: number; reject: boolean }[]
  }
  election_in_one_round: {
    cases: { size: number; votes: Record<string, boolean>; state: string }[]
  }
  leader_acknowledge_commit: { cases: { size: number; acceptors: number[]; committed: boolean }[] }
  maybe_commit: { cases: { match: number[]; log: At[]; term: number; commit: number }[] }
  find_conflict: { log: At[]; cases: { ents: At[]; conflict: number }[] }
  is_up_to_date: {
    log: At[]
    cases: { candLastIndex: number; candLastTerm: number; ok: boolean }[]
  }
  log_maybe_append: {
    log: At[]
    commit: number
    cases: (Append & {
      leaderCommit: number
      lastNew: number
      accept: boolean
      commit: number
      mustFail: boolean
    })[]
  }
}

const folder = publishedData('consensus/raft-tables')
const tables = folder
  ? (JSON.parse(readFileSync(join(folder, 'raft-tables.json'), 'utf8')) as Tables)
  : undefined
let driven = 0

const entriesOf = (log: readonly At[]) =>
  log.filter(({ index }) => index > 0).map(({ index, term }) => entry(index, term))
const termOf = (entries: readonly At[], least: number) =>
  Math.max(least, ...entries.map(({ term }) => term))

/** The answer to an append from member 2, which is of the newest term that its entries name. */
function append(node: Driven, { prevIndex, prevTerm, ents }: Append, commit = 0) {
  const term = termOf(ents, node.core.peek().term)
  const entries = ents.map(({ index, term: of }) => entry(index, of))
  const message = { type: 'append', term, round: 1, commit, prevIndex, prevTerm, entries } as const
  const answer = node.message(member(2), message)[0]?.message
  return answer as Extract<RaftMessage, { type: 'appended' }> | undefined
}

/** A follower whose log is known to be committed up to an index. */
function follower(log: readonly At[], term: number, commit: number): Driven {
  const node = drive({ term, entries: entriesOf(log) })
  const last = log.at(-1)!
  append(node, { prevIndex: last.index, prevTerm: last.term, ents: [] }, commit)
  return node
}

function asksForVote(node: Driven, term: number, lastIndex: number, lastTerm: number): boolean {
  const request = { type: 'vote', term, pre: false, force: false, lastIndex, lastTerm } as const
  const [answer] = node.message(member(2), request)
  return answer?.message.type === 'voted' && answer.message.granted
}

describe.skipIf(tables === undefined)('the published tables of etcd', () => {
  const t = tables!
  const each = <Case>(cases: readonly Case[] | undefined, check: (one: Case) => void) => {
    for (const one of cases ?? []) {
      driven += 1
      check(one)
    }
  }

  it('paper, figure 7: a leader brings every follower to its own log', () => {
    const table = t.leader_sync_follower_log_figure7
    each(table.follower_logs, (log) => {
      const leader = drive({ term: table.leader_term_loaded, entries: entriesOf(table.leader_log) })
      const other = drive({ me: 2, term: table.leader_term_loaded - 1, entries: entriesOf(log) })
      let wire = elect(leader, [member(3)])
      expect(leader.core.peek()).toMatchObject({ role: 'leader', term: table.elected_term })
      wire.push(...leader.input({ type: 'propose', data: [new Uint8Array([1])] }))
      for (let i = 0; i < 20 && wire.length > 0; i++) {
        const there = wire.filter(({ to }) => to === member(2))
        const back = there.flatMap(({ message }) => other.message(member(1), message))
        wire = back.flatMap(({ message }) => leader.message(member(2), message))
      }
      expect(other.log()).toEqual(leader.log())
      expect(other.log().length).toBe(table.leader_log.length - 1 + 2)
    })
  })

  it('paper, figure 8 and section 5.4.2: a leader commits entries of its own term only', () => {
    const table = t.leader_only_commits_current_term_s542_fig8
    each(table.cases, ({ ack_index_from_2: index, commit }) => {
      const { log, loaded_term } = table
      const leader = drive({ founders: members(2), term: loaded_term, entries: entriesOf(log) })
      elect(leader, [member(2)])
      leader.input({ type: 'propose', data: [new Uint8Array([1])] })
      const at = { term: loaded_term + 1, round: 1, hintIndex: 0, hintTerm: 0 }
      leader.message(member(2), { type: 'appended', ok: true, index, ...at })
      expect(leader.core.peek().commit).toBe(commit)
    })
  })

  it('section 5.3: a follower refuses what does not continue its log', () => {
    const { log, commit, term, cases } = t.follower_check_append
    each(cases, ({ prevTerm, prevIndex, reject }) => {
      const node = follower(log, term, commit)
      expect(append(node, { prevIndex, prevTerm, ents: [] })?.ok).toBe(!reject)
    })
  })

  it('section 5.3: a follower drops what contradicts the leader, and nothing else', () => {
    const { initial_log, term, cases } = t.follower_append_entries
    each(cases, ({ want, ...given }) => {
      const node = drive({ term, entries: entriesOf(initial_log) })
      append(node, given)
      expect(node.log()).toEqual(want)
    })
  })

  it('section 5.4.1: a voter refuses a candidate whose log is older than its own', () => {
    const { request_term, cases } = t.voter_up_to_date
    each(cases, ({ log, candLastIndex, candLastTerm, reject }) => {
      const node = drive({ term: 1, entries: entriesOf(log) })
      expect(asksForVote(node, request_term, candLastIndex, candLastTerm)).toBe(!reject)
    })
  })

  it('section 5.2: a member gives one vote in a term', () => {
    const { term, cases } = t.follower_vote_once
    each(cases, ({ votedFor, candidate, reject }) => {
      const node = drive({ term, votedFor: votedFor === 0 ? null : member(votedFor) })
      const vote = {
        type: 'vote',
        term,
        pre: false,
        force: false,
        lastIndex: 0,
        lastTerm: 0,
      } as const
      const [answer] = node.message(member(candidate), vote)
      expect(answer?.message).toMatchObject({ type: 'voted', granted: !reject })
    })
  })

  it('section 5.2: an election ends as the votes of one round say', () => {
    each(t.election_in_one_round.cases, ({ size, votes, state }) => {
      const node = drive({ founders: members(size) })
      if (size > 1) {
        node.expire()
        // The question before the vote is answered by all, so that the table speaks of the vote.
        for (let i = 2; i <= size; i++) {
          node.message(member(i), { type: 'voted', term: 1, pre: true, granted: true })
        }
      }
      for (const [from, granted] of Object.entries(votes)) {
        node.message(member(Number(from)), { type: 'voted', term: 1, pre: false, granted })
      }
      expect(node.core.peek()).toMatchObject({ role: state, term: 1 })
    })
  })

  it('section 5.3: an entry is committed as soon as a majority holds it', () => {
    each(t.leader_acknowledge_commit.cases, ({ size, acceptors, committed }) => {
      const others = members(size).voters.slice(1)
      const node = drive({ founders: members(size) })
      if (size > 1) elect(node, others)
      const ack = {
        type: 'appended',
        term: 1,
        round: 1,
        ok: true,
        hintIndex: 0,
        hintTerm: 0,
      } as const
      for (const from of others) node.message(from, { ...ack, index: 1 })
      const before = node.core.peek().commit
      node.input({ type: 'propose', data: [new Uint8Array([1])] })
      for (const from of acceptors) node.message(member(from), { ...ack, index: before + 1 })
      expect(node.core.peek().commit > before).toBe(committed)
    })
  })

  it('section 5.4.2: what is committed follows from who holds what, and from its term', () => {
    each(t.maybe_commit.cases, ({ match, log, term, commit }) => {
      const termAt = (index: number) => log.find((at) => at.index === index)?.term
      expect(committedBy(match, 0, term, termAt)).toBe(commit)
    })
  })

  it('section 5.3: a conflict is the first entry that differs, or is new', () => {
    const { log, cases } = t.find_conflict
    each(cases, ({ ents, conflict }) => {
      const node = drive({ term: 5, entries: entriesOf(log) })
      const first = ents[0]?.index ?? 1
      const prevTerm = log.find(({ index }) => index === first - 1)?.term ?? 0
      const before = new Map(node.disk)
      append(node, { prevIndex: first - 1, prevTerm, ents })
      const written = node
        .log()
        .filter(({ index }) => {
          const key = [...node.disk.keys()].find((each) =>
            each.endsWith(`/${String(index).padStart(16, '0')}`),
          )!
          return node.disk.get(key) !== before.get(key)
        })
        .map(({ index }) => index)
      expect(Math.min(...written, Number.POSITIVE_INFINITY)).toBe(
        conflict || Number.POSITIVE_INFINITY,
      )
    })
  })

  it('section 5.4.1: the later term wins, then the longer log', () => {
    const { log, cases } = t.is_up_to_date
    each(cases, ({ candLastIndex, candLastTerm, ok }) => {
      const node = drive({ term: 3, entries: entriesOf(log) })
      expect(asksForVote(node, 5, candLastIndex, candLastTerm)).toBe(ok)
    })
  })

  it('section 5.3: an append is taken whole, commits no further than it reaches, and never undoes a commit', () => {
    const { log, commit: committed, cases } = t.log_maybe_append
    each(cases, ({ leaderCommit, lastNew, accept, commit, mustFail, ...given }) => {
      const node = follower(log, 3, committed)
      const answer = append(node, given, leaderCommit)
      if (mustFail) {
        expect(node.own.at(-1)).toMatchObject({
          type: 'halted',
          fault: { code: 'consensus-raft/conflict' },
        })
        return
      }
      expect(answer?.ok).toBe(accept)
      if (accept) expect(answer?.index).toBe(lastNew)
      expect(node.core.peek().commit).toBe(commit)
    })
  })

  it('were all driven: 105 cases', () => {
    expect(driven).toBe(105)
  })
})
