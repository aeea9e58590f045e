/**
 * Raft members in one process, over memory: their keys, disks and links.
 *
 * @module
 */
import {
  type AppendLog,
  type ConsensusDatabase,
  FederationError,
  memoryLog,
  memoryStore,
  type Timers,
} from '@folkmoot/base'
import { toHex } from '@folkmoot/codec'
import {
  type Application,
  type CharterFacts,
  encodeVoterSet,
  makeVoterSet,
  type VoterSet,
} from '@folkmoot/consensus'
import { createTextList, type TextList } from '@folkmoot/consensus/conformance'
import type { PeerId, Signer } from '@folkmoot/identity'
import { testChecker, testSigner } from '../../consensus/test/node-keys.ts'
import { createRaftLog, type RaftLog, type RaftLogInit } from '../src/engine/raft-log.ts'
import { createHub, type Hub } from './hub.ts'

export const instance = 'ab'.repeat(32)
export const { checker } = testChecker()

export const timers: Timers = {
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
  every: (periodMs, callback) => {
    const timer = setInterval(callback, periodMs)
    return () => clearInterval(timer)
  },
}

export function signersOf(count: number): Signer[] {
  const signers = Array.from({ length: count }, (_, i) => testSigner(i + 1))
  return signers.sort((a, b) => (a.peer < b.peer ? -1 : 1))
}

function setOf(epoch: number, signers: readonly Signer[]): VoterSet {
  const voters = signers.map(({ peer, publicKey }) => ({ peer, voteKey: publicKey, org: 'one' }))
  const made = makeVoterSet({ epoch, engine: 'raft', voters, crossOrg: false })
  if (!made.ok) throw new Error(made.fault.message)
  return made.set
}

export function factsOf(signers: readonly Signer[]): CharterFacts {
  return {
    instance,
    founder: signers[0]!.peer,
    crossOrg: false,
    firstSet: setOf(1, signers),
  }
}

/** A database in memory, which whoever opens it next takes over. */
export function createDisk(): { open(): ConsensusDatabase } {
  const store = memoryStore()
  let writer = 0
  return {
    open() {
      writer += 1
      const mine = writer
      return {
        ...store,
        write: async (operations) => {
          if (mine !== writer) throw new FederationError('storage/writer-replaced', 'replaced')
          await store.write(operations.filter((each) => each.type !== 'delete-key'))
        },
        createKey: () => Promise.reject(new Error('Raft makes no keys')),
        key: async () => undefined,
      }
    },
  }
}

export interface Member {
  readonly peer: PeerId
  readonly engine: RaftLog
  readonly application: TextList
}

export interface Group {
  readonly hub: Hub
  readonly facts: CharterFacts
  readonly members: Map<number, Member>
  readonly peers: readonly PeerId[]
  /** The operation by which these seats vote from an epoch on. */
  seats(epoch: number, seats: readonly number[]): string
  /** The next to open this seat finds nothing. */
  loseDatabase(seat: number): void
  open(
    seat: number,
    parts?: { log?: AppendLog; application?: Application } & Partial<RaftLogInit>,
  ): Promise<Member>
  close(): Promise<void>
}

let now = 1_000
const start = performance.now()
/** Real time, and never the same twice. */
export const clock = {
  now: () => {
    now = Math.max(now + 0.001, 1_000 + performance.now() - start)
    return now
  },
}

export function createGroup(voters = 3, seats = voters): Group {
  const signers = signersOf(seats)
  const facts = factsOf(signers.slice(0, voters))
  const hub = createHub()
  const disks = signers.map(createDisk)
  const logs = signers.map(() => memoryLog())
  const members = new Map<number, Member>()
  return {
    hub,
    facts,
    members,
    peers: signers.map(({ peer }) => peer),
    seats: (epoch, chosen) =>
      `set ${toHex(
        encodeVoterSet(
          setOf(
            epoch,
            chosen.map((seat) => signers[seat]!),
          ),
        ),
      )}`,
    loseDatabase: (seat) => {
      disks[seat] = createDisk()
    },
    async open(seat, parts = {}) {
      await members.get(seat)?.engine.close()
      const signer = signers[seat]!
      const application = (parts.application as TextList | undefined) ?? createTextList()
      if (parts.log) logs[seat] = parts.log
      const engine = await createRaftLog({
        facts,
        signer,
        checker,
        database: disks[seat]!.open(),
        network: parts.network ?? hub.attach(signer.peer),
        clock,
        timers,
        // The first seat is the most impatient, so that tests know who leads.
        config: { heartbeatMs: 15, electionMs: seat === 0 ? 200 : 500, rttMs: 5 },
        ...parts,
        application,
        log: logs[seat]!,
      })
      const member = { peer: signer.peer, engine, application }
      members.set(seat, member)
      return member
    },
    async close() {
      for (const { engine } of members.values()) await engine.close()
    },
  }
}
