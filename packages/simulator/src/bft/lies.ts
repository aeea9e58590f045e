/**
 * The liars of the campaigns, by name.
 *
 * @module
 */
import { NO_BLOCK, type ParsedProposal, parseProposal, type Vote } from '@folkmoot/consensus'
import type { Message } from '@folkmoot/consensus-bft'
import type { PeerId } from '@folkmoot/identity'
import type { Random } from '../kernel/random.ts'
import { cheater, usurper } from './false-blocks.ts'
import { type Lies, once, type Saying, type Tongue } from './liar.ts'

const some = (random: Random, peers: readonly PeerId[]) => peers.filter(() => random.chance(0.5))

function proposalIn(message: Message): ParsedProposal | undefined {
  if (message.type !== 'proposal') return undefined
  const parsed = parseProposal(message.proposal)
  return parsed.ok ? parsed.proposal : undefined
}

const votes = (to: readonly PeerId[], ...all: Vote[]): Saying[] =>
  all.map((vote) => ({ to, message: { type: 'vote', vote } }))

/** Two blocks in every view that it leads, one for each half, with its vote for both. */
function equivocator(): Lies {
  return {
    send(tongue, { to, message }) {
      const proposal = proposalIn(message)
      if (proposal === undefined || message.type !== 'proposal') return undefined
      const bytes = tongue.twin(proposal)
      const second = parseProposal(bytes)
      if (!second.ok) return undefined
      const { view } = proposal.parsed.bft
      const vote = tongue.vote('notarise', view, second.proposal.id)
      const half = some(tongue.random, to)
      const rest = to.filter((peer) => !half.includes(peer))
      const both = tongue.random.chance(0.3) ? to : rest
      return [
        { to: half, message },
        { to: both, message: { type: 'proposal', proposal: bytes, vote } },
      ]
    },
  }
}

/** Signs everything about every view: N for each block, S, and F for blocks real and made up. */
function conflicter(): Lies {
  const fresh = once()
  const about = (tongue: Tongue, view: number, hash: Uint8Array): readonly Saying[] => {
    if (!fresh(tongue.set.epoch, view, hash)) return []
    const { random, others, set } = tongue
    // One block made up for each view: others of its kind repeat it, and a new one at every
    // hearing would have them answer one another for ever.
    const madeUp = fresh(set.epoch, view, 'made up')
      ? votes(some(random, others), tongue.vote('notarise', view, random.bytes(32)))
      : []
    return [
      ...votes(some(random, others), tongue.vote('notarise', view, hash)),
      ...votes(some(random, others), tongue.vote('finalise', view, hash)),
      ...votes(some(random, others), tongue.vote('nullify', view, NO_BLOCK)),
      ...madeUp,
    ]
  }
  return {
    hear(tongue, _from, message) {
      const proposal = proposalIn(message)
      if (proposal) return about(tongue, proposal.parsed.bft.view, proposal.id)
      if (message.type !== 'vote' || message.vote.kind === 'nullify') return []
      return about(tongue, message.vote.view, message.vote.hash)
    },
  }
}

/** Skips every view, the next ones as well, and approves of nothing. */
function nuller(): Lies {
  const fresh = once()
  return {
    send: (_tongue, { message }) =>
      message.type === 'vote' && message.vote.kind !== 'nullify' ? [] : undefined,
    hear(tongue, _from, message) {
      const view = proposalIn(message)?.parsed.bft.view
      if (view === undefined || !fresh(tongue.set.epoch, view)) return []
      const skips = [0, 1, 2].map((ahead) => tongue.vote('nullify', view + ahead, NO_BLOCK))
      return votes(tongue.others, ...skips)
    },
  }
}

/** Lives in the past: repeats old messages, and proposes on parents that it must not use. */
function outdated(): Lies {
  const heard: Message[] = []
  return {
    send(tongue, { to, message }) {
      const proposal = proposalIn(message)
      if (message.type !== 'proposal' || proposal === undefined) return undefined
      const old = heard.flatMap((each) => proposalIn(each) ?? [])
      if (old.length < 2 || tongue.random.chance(0.3)) return undefined
      const { parsed, justify } = tongue.random.pick(old)
      const { view, flags } = proposal.parsed.bft
      const { parentView } = parsed.bft
      const bft = { ...parsed.bft, view, flags, parentView }
      const stale = { ...proposal, justify }
      const change = {
        ...parsed,
        bft,
        time: proposal.parsed.time,
        payloadHash: proposal.parsed.payloadHash,
      }
      return [
        { to, message: { type: 'proposal', proposal: tongue.twin(stale, change), vote: null } },
      ]
    },
    hear(tongue, _from, message) {
      if (heard.length < 400) heard.push(message)
      if (!tongue.random.chance(0.1)) return []
      return [{ to: some(tongue.random, tongue.others), message: tongue.random.pick(heard) }]
    },
  }
}

/** Shows its blocks to a few, its votes to one, and never gives a block or a certificate away. */
function withholder(): Lies {
  return {
    send(tongue, { to, message }) {
      const { random } = tongue
      switch (message.type) {
        case 'proposal':
          return [{ to: random.shuffled(to).slice(0, random.between(0, to.length)), message }]
        case 'vote':
          return [{ to: [random.pick(to)], message }]
        case 'blocks':
        case 'entries':
        case 'repair':
        case 'certificate':
          return []
        default:
          return undefined
      }
    },
  }
}

/** Speaks for others: votes under their numbers, blocks in views that it does not lead. */
function impersonator(): Lies {
  const fresh = once()
  return {
    hear(tongue, _from, message) {
      const { set, others, random } = tongue
      if (message.type === 'vote' && fresh(set.epoch, message.vote.view, message.vote.kind)) {
        const { kind, view, hash } = message.vote
        const forged = set.voters.map((_, seat) => tongue.vote(kind, view, hash, seat))
        const skips = set.voters.map((_, seat) => tongue.vote('nullify', view, NO_BLOCK, seat))
        const bitmap = new Uint8Array(Math.ceil(set.voters.length / 8)).fill(0xff)
        if (set.voters.length % 8 > 0) {
          bitmap[bitmap.length - 1] = 2 ** (set.voters.length % 8) - 1
        }
        const { epoch } = set
        const signatures = forged.map(({ signature }) => signature)
        const certificate = { kind, epoch, view, hash, bitmap, signatures }
        return [
          ...votes(others, ...forged, ...skips),
          { to: some(random, others), message: { type: 'certificate', certificate } },
        ]
      }
      const proposal = proposalIn(message)
      // One a view: others of its kind answer a made up block with one of their own, and three of
      // them would soon say nothing else.
      if (proposal === undefined || !fresh(set.epoch, proposal.parsed.bft.view, 'block')) return []
      const made = { type: 'proposal', proposal: tongue.twin(proposal), vote: null } as const
      return [{ to: others, message: made }]
    },
  }
}

/** Each makes a liar with a memory of its own. */
export const liars: Readonly<Record<string, () => Lies>> = {
  equivocator,
  conflicter,
  nuller,
  outdated,
  withholder,
  impersonator,
  cheater,
  usurper,
}
