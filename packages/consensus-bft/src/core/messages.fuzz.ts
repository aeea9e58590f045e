/**
 * Fuzz target: what voters, observers and strangers send. Whatever the bytes, the parsers answer,
 * what they accept is canonical, and a core that is told takes no harm.
 *
 * @module
 */
import { encode, equalBytes, sha256, utf8 } from '@folkmoot/codec'
import {
  type Certificate,
  NO_BLOCK,
  NO_PARENT,
  type Vote,
  type VoterSet,
} from '@folkmoot/consensus'
import { peerIdOf } from '@folkmoot/identity'
import { encodeOperations, parseOperations } from '../engine/operations-message.ts'
import { createCore } from './core.ts'
import { encodeMessage, type Message, parseMessage } from './messages.ts'

const hash = (text: string) => sha256(utf8(text))
const signature = new Uint8Array(64).fill(7)
const [block] = [hash('block')]

/** Keys that no one has: every signature is answered for below. */
const voters = ['a', 'b', 'c', 'd']
  .map((name) => ({
    peer: peerIdOf(hash(name)),
    voteKey: hash(`${name} votes`),
    org: '',
    weight: 1,
  }))
  .sort((x, y) => (x.peer < y.peer ? -1 : 1))
const set: VoterSet = { epoch: 1, engine: 'bft', voters, leaders: [0, 1, 2, 3] }
const [me, other] = [voters[0]!.peer, voters[1]!.peer]

const vote = (kind: Vote['kind'], view: number): Vote => {
  return { epoch: 1, kind, view, hash: kind === 'nullify' ? NO_BLOCK : block, voter: 1, signature }
}
const certificate = (kind: Certificate['kind'], view: number): Certificate => {
  const { hash } = vote(kind, view)
  const signatures = [signature, signature, signature]
  return { epoch: 1, kind, view, hash, bitmap: Uint8Array.of(7), signatures }
}

/** One of each kind. */
export const samples: readonly Message[] = [
  { type: 'vote', vote: vote('notarise', 1) },
  { type: 'vote', vote: vote('nullify', 2) },
  { type: 'proposal', proposal: encode([1]), vote: vote('notarise', 1) },
  { type: 'proposal', proposal: new Uint8Array(), vote: null },
  { type: 'certificate', certificate: certificate('finalise', 3) },
  {
    type: 'status',
    epoch: 1,
    finalView: 3,
    finalHeight: 2,
    currentView: 6,
    notarised: [4],
    nullified: [5],
  },
  {
    type: 'repair',
    certificates: [certificate('notarise', 4), certificate('nullify', 5)],
    votes: [vote('finalise', 4)],
  },
  { type: 'want', epoch: 1, id: block, above: 2 },
  { type: 'blocks', proposals: [encode([1]), encode([2])] },
  { type: 'entries', entries: [encode([1])] },
  { type: 'ready', epoch: 2, setHash: block, stateRoot: hash('state'), voter: 2, signature },
  { type: 'recall', epoch: 1 },
  { type: 'recalled', epoch: 1, votes: [vote('finalise', 4)] },
  { type: 'tip-request', nonce: 9 },
  { type: 'tip', nonce: 9, epoch: 1, view: 4, certificate: certificate('notarise', 4) },
  { type: 'tip', nonce: 9, epoch: 1, view: 0, certificate: null },
]

/** As they travel. */
export const sampleOperations = encodeOperations([
  { id: 'a', bytes: utf8('one'), deadlineMs: undefined },
  { id: 'b', bytes: utf8('two'), deadlineMs: 1_700_000_000_000 },
])

export const name = 'consensus-bft messages'

export const seeds: Uint8Array[] = [...samples.map(encodeMessage), ...sampleOperations]

export function run(bytes: Uint8Array): unknown {
  const parsed = parseMessage(bytes)
  if (parsed.ok && !equalBytes(encodeMessage(parsed.message), bytes)) {
    throw new Error('a message was accepted that is not canonical')
  }
  const operations = parseOperations(bytes)
  const again = operations && encodeOperations(operations)
  // More than one message carries comes back as several.
  if (again?.length === 1 && !equalBytes(again[0]!, bytes)) {
    throw new Error('operations were accepted that are not canonical')
  }
  if (operations && operations.length > 0) return 'operations'
  return parsed.ok ? `${parsed.message.type}: ${tell(bytes)}` : parsed
}

/**
 * A fresh core hears it twice, once with every signature right and once with every one wrong; answers
 * with the kinds of what it did.
 */
function tell(bytes: Uint8Array): string {
  const did = new Set<string>()
  for (const ok of [true, false]) {
    const start = { height: 0, id: NO_PARENT, time: 0, view: 0, certificate: undefined }
    const tip = { ...start, stateRoot: block, history: [], nextSet: null }
    const core = createCore({ instance: 'ab'.repeat(32), me, set, tip }, new Map())
    core.step({ type: 'start', at: 1 })
    const effects = [
      ...core.step({ type: 'message', from: other, bytes, at: 2 }),
      ...core.step({ type: 'message', from: other, bytes, at: 3 }),
    ]
    for (const effect of effects) {
      did.add(effect.type)
      if (effect.type !== 'verify') continue
      const answers = effect.items.map(() => ok)
      const then = core.step({ type: 'verified', token: effect.token, ok: answers, at: 4 })
      for (const { type } of then) did.add(type)
    }
  }
  return [...did].sort().join(' ')
}
