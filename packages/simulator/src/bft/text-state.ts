/**
 * The replicated state of a simulated federation: texts, who is to vote next, and their keys. Each
 * state is immutable and knows its root, so blocks that compete for one parent cost nothing.
 *
 * Operations are texts: `say …` and `no …` (refused), `seat PEER`, `unseat PEER`, `turn` (the same
 * voters with new keys), `key PEER EPOCH HEX`, and `lost PEER EPOCH HEX` from a voter whose present
 * key is gone. Keys follow the ledger's rules: a second one for an epoch means that the first is lost.
 *
 * @module
 */
import { encode, fromHex, fromUtf8, sha256, toHex } from '@folkmoot/codec'
import {
  encodeVoterSet,
  makeVoterSet,
  type Position,
  type RecordedOperation,
  type VoterSet,
} from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'

export interface TextState {
  /** 32 bytes over everything applied, in order. */
  readonly root: Uint8Array
  readonly epoch: number
  /** Who votes in `epoch`. */
  readonly members: readonly PeerId[]
  /** Who is to vote in the next one; undefined while nothing was decided. */
  readonly wanted: readonly PeerId[] | undefined
  /** Vote keys, by epoch and peer. */
  readonly keys: ReadonlyMap<string, string>
  /** Ids of all operations applied. */
  readonly ids: ReadonlySet<string>
}

export interface PlainOperation {
  readonly id: string
  readonly bytes: Uint8Array
}

const MIN_VOTERS = 4

export function firstState(set: VoterSet): TextState {
  return {
    root: sha256(encode(['first', set.epoch])),
    epoch: set.epoch,
    members: set.voters.map(({ peer }) => peer),
    wanted: undefined,
    keys: new Map(),
    ids: new Set(),
  }
}

/** The state after a block's operations, and what each came to. */
export function applyOperations(
  before: TextState,
  operations: readonly PlainOperation[],
  { epoch }: Pick<Position, 'epoch'>,
): { state: TextState; payload: readonly RecordedOperation[] } {
  if (operations.length === 0) return { state: before, payload: [] }
  const entered = epoch > before.epoch
  let { root } = before
  let members = entered ? (before.wanted ?? before.members) : before.members
  let wanted = entered ? undefined : before.wanted
  const keys = new Map(before.keys)
  const ids = new Set(before.ids)
  const payload = operations.map(({ id, bytes }): RecordedOperation => {
    const refusal = apply(fromUtf8(bytes))
    ids.add(id)
    root = sha256(encode([root, epoch, id, bytes, refusal]))
    return { id, bytes, refusal }
  })
  members = [...members]
  return { state: { root, epoch, members, wanted, keys, ids }, payload }

  function apply(text: string): string | null {
    const [verb, peer = '', forEpoch = '', key = ''] = text.split(' ')
    const next = wanted ?? members
    switch (verb) {
      case 'seat':
        if (next.includes(peer as PeerId)) return 'text/seated'
        wanted = [...next, peer as PeerId].sort()
        return null
      case 'unseat':
        if (!next.includes(peer as PeerId)) return 'text/not-seated'
        if (next.length <= MIN_VOTERS) return 'text/too-few'
        wanted = next.filter((each) => each !== peer)
        return null
      case 'turn':
        wanted = next
        return null
      case 'key':
      case 'lost': {
        if (Number(forEpoch) !== epoch + 1) return 'text/epoch'
        const name = `${forEpoch} ${peer}`
        const isLost = verb === 'lost' || keys.has(name)
        keys.set(name, key)
        if (isLost && members.includes(peer as PeerId)) wanted = next
        return null
      }
      case 'no':
        return 'text/no'
      default:
        return null
    }
  }
}

/** Sets are made from few members in many states, and their keys cost 2 ms each to check. */
const madeSets = new Map<string, { readonly set: VoterSet; readonly bytes: Uint8Array }>()

/** `Application.nextSet()` of this state. */
export function nextSetOf(state: TextState): Uint8Array | null {
  return makeNext(state)?.bytes ?? null
}

/** The same, read. */
export function nextVotersOf(state: TextState): VoterSet | undefined {
  return makeNext(state)?.set
}

function makeNext({ wanted, epoch, keys }: TextState) {
  if (wanted === undefined) return undefined
  const next = epoch + 1
  const held = wanted.map((peer) => [peer, keys.get(`${next} ${peer}`)] as const)
  if (held.some(([, key]) => key === undefined)) return undefined
  const name = `${next} ${held.map((pair) => pair.join(' ')).join(' ')}`
  const known = madeSets.get(name)
  if (known !== undefined) return known
  const voters = held.map(([peer, key]) => ({ peer, voteKey: fromHex(key!), org: peer }))
  const made = makeVoterSet({ epoch: next, voters, crossOrg: false })
  if (!made.ok) throw new Error(`a decided set is refused: ${made.fault.message}`)
  const ready = { set: made.set, bytes: encodeVoterSet(made.set) }
  madeSets.set(name, ready)
  return ready
}

export function keyOperation(
  verb: 'key' | 'lost',
  peer: PeerId,
  epoch: number,
  key: Uint8Array,
): string {
  return `${verb} ${peer} ${epoch} ${toHex(key)}`
}
