/**
 * Engines in one process that reach each other through a hub; messages arrive in a later turn.
 *
 * @module
 */
import {
  type AppendLog,
  type ConsensusDatabase,
  type KeyDeletion,
  memoryLog,
  memoryStore,
  type RawSigner,
  type StoreOperation,
  type Timers,
} from '@folkmoot/base'
import {
  type Application,
  type CharterFacts,
  type ConsensusNetwork,
  makeVoterSet,
  type VoterSet,
} from '@folkmoot/consensus'
import { createTextList } from '@folkmoot/consensus/conformance'
import type { PeerId } from '@folkmoot/identity'
import { testChecker, testRawSigner, testSigner } from '@folkmoot/identity/test-keys'
import { type BftLog, createBftLog, voteKeyName } from '../src/index.ts'

export const instance = 'ab'.repeat(32)
export const { checker } = testChecker()
export const clock = { now: () => Date.now() }

export const realTimers: Timers = {
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
  every: (periodMs, callback) => {
    const timer = setInterval(callback, periodMs)
    return () => clearInterval(timer)
  },
}

/** Seeds of vote keys, apart from those of identities. */
let nextSeed = 10_000

export function memoryDatabase(keys: ReadonlyMap<string, RawSigner> = new Map()) {
  const store = memoryStore()
  const signers = new Map(keys)
  const database: ConsensusDatabase = {
    get: (key) => store.get(key),
    write: async (operations: readonly (StoreOperation | KeyDeletion)[]) => {
      for (const operation of operations) {
        if (operation.type === 'delete-key') signers.delete(operation.name)
      }
      await store.write(operations.filter((o): o is StoreOperation => o.type !== 'delete-key'))
    },
    list: (range) => store.list(range),
    createKey: async (name) => {
      const known = signers.get(name)
      if (known) return known
      nextSeed += 1
      const made = testRawSigner(nextSeed)
      signers.set(name, made)
      return made
    },
    key: async (name) => signers.get(name),
    close: async () => {},
  }
  return database
}

export interface Place {
  readonly peer: PeerId
  readonly database: ConsensusDatabase
  readonly voteKey: Uint8Array
}

/** Places for peers of a federation; the first `voters` of them have seats. */
export class Hub {
  readonly places: Place[] = []
  readonly set: VoterSet
  readonly #listeners = new Map<PeerId, (from: PeerId, bytes: Uint8Array) => void>()
  readonly #connected = new Map<PeerId, (peer: PeerId) => void>()
  readonly cut = new Set<PeerId>()
  messages = 0
  /** Bytes of the largest message. */
  largest = 0
  delayMs = 0

  constructor(voters: number, observers = 0) {
    for (let i = 0; i < voters + observers; i++) {
      const key = testRawSigner(100 + i)
      const peer = testSigner(1 + i).peer
      const database = memoryDatabase(new Map([[voteKeyName(1), key]]))
      this.places.push({ peer, database, voteKey: key.publicKey })
    }
    const seats = this.places.slice(0, voters).map(({ peer, voteKey }) => {
      return { peer, voteKey, org: peer }
    })
    const made = makeVoterSet({ epoch: 1, voters: seats, crossOrg: false })
    if (!made.ok) throw new Error(made.fault.message)
    this.set = made.set
  }

  get facts(): CharterFacts {
    return { instance, founder: this.places[0]!.peer, crossOrg: false, firstSet: this.set }
  }

  network(peer: PeerId): ConsensusNetwork {
    const post = (to: PeerId, bytes: Uint8Array) => {
      if (this.cut.has(peer) || this.cut.has(to)) return
      this.messages += 1
      this.largest = Math.max(this.largest, bytes.length)
      const deliver = () => this.#listeners.get(to)?.(peer, bytes)
      if (this.delayMs > 0) setTimeout(deliver, this.delayMs)
      else setImmediate(deliver)
    }
    return {
      send: post,
      publish: (bytes) => {
        for (const { peer: to } of this.places) if (to !== peer) post(to, bytes)
      },
      onMessage: (listener) => {
        this.#listeners.set(peer, listener)
        for (const [other, connected] of this.#connected) if (other !== peer) connected(peer)
        return () => this.#listeners.delete(peer)
      },
      onConnected: (listener) => {
        this.#connected.set(peer, listener)
        return () => this.#connected.delete(peer)
      },
      connected: () => [...this.#listeners.keys()].filter((other) => other !== peer),
    }
  }

  open(
    place: number,
    parts: {
      log?: AppendLog
      application?: Application
      database?: ConsensusDatabase
      maxWaiting?: number
    } = {},
  ): Promise<BftLog> {
    const { peer, database } = this.places[place]!
    return createBftLog({
      facts: this.facts,
      me: peer,
      checker,
      application: createTextList(),
      log: memoryLog(),
      database,
      network: this.network(peer),
      clock,
      timers: realTimers,
      ...parts,
    })
  }
}
