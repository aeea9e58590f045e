/**
 * Leaders that sign what must not be in a block: false outcomes, a false place in the chain, and the
 * end of an epoch for voters that nobody decided on or that never said READY.
 *
 * @module
 */
import {
  END_EPOCH,
  encodeVoterSet,
  isVoid,
  makeReadyCertificate,
  makeVoterSet,
  type ParsedProposal,
  parseProposal,
  type VoterSet,
} from '@folkmoot/consensus'
import type { Message } from '@folkmoot/consensus-bft'
import type { Contents, Lies, Saying, Tongue } from './liar.ts'
import { nextVotersOf } from './text-state.ts'

/** A false block for the one that a message carries; undefined where there is nothing to lie about. */
export type FalseBlock = (tongue: Tongue, proposal: ParsedProposal) => Uint8Array | undefined

/** What goes out instead of a proposal, with the liar's vote for it. */
export function instead(
  tongue: Tongue,
  { to, message }: Saying,
  lie: FalseBlock,
): readonly Saying[] | undefined {
  if (message.type !== 'proposal') return undefined
  const honest = parseProposal(message.proposal)
  const proposal = honest.ok ? lie(tongue, honest.proposal) : undefined
  const made = proposal && parseProposal(proposal)
  if (!proposal || !made?.ok) return undefined
  const { id, parsed } = made.proposal
  const vote = tongue.vote('notarise', parsed.bft.view, id)
  return [{ to, message: { type: 'proposal', proposal, vote } satisfies Message }]
}

const remade =
  (change: (tongue: Tongue, proposal: ParsedProposal) => Contents | undefined): FalseBlock =>
  (tongue, proposal) => {
    const contents = change(tongue, proposal)
    return contents && tongue.remake(proposal, contents)
  }

/** Operations came to something else than the leader says. */
export const falseRefusal = remade((_tongue, { payload }) => {
  const [first, ...rest] = payload
  if (!first) return undefined
  const refusal = first.refusal === null ? 'text/no' : null
  return { payload: [{ ...first, refusal }, ...rest] }
})

const falseState = remade(({ random }) => ({ parsed: { stateRoot: random.bytes(32) } }))

/** One operation twice, with outcomes and state as they then are. */
const repeated = remade(({ chain, set: { epoch } }, { payload, parsed }) => {
  const [first] = payload
  if (!first || !chain.stateAfter(parsed.parentHash)) return undefined
  const done = chain.execute(parsed.parentHash, [...payload, first], { epoch })
  return { payload: done.payload, parsed: { stateRoot: done.state.root } }
})

/** No proof of an older decision would hold that rests on this block. */
export const falseHistory = remade(({ random }) => ({ parsed: { historyRoot: random.bytes(32) } }))

const falseHeight = remade((_tongue, { parsed }) => ({ parsed: { height: parsed.height + 1 } }))

/** Ends the epoch for these voters; READY of all of them is signed by the liar. */
function endingFor(
  tongue: Tongue,
  { parsed, justify }: ParsedProposal,
  next: VoterSet | undefined,
): Contents | undefined {
  const stateRoot = tongue.chain.stateAfter(parsed.parentHash)?.root
  if (!next || !stateRoot || isVoid(parsed)) return undefined
  const signature = tongue.ready(next, stateRoot)
  const signatures = new Map(next.voters.map((_, index) => [index, signature]))
  const ready = makeReadyCertificate(next, stateRoot, signatures)
  if (!ready) return undefined
  return {
    payload: [],
    parsed: { stateRoot, bft: { ...parsed.bft, flags: END_EPOCH } },
    justify: { ...justify, ready },
    nextSet: encodeVoterSet(next),
  }
}

/** The next voters are the liar alone. */
export const ownVoters = remade((tongue, proposal) => {
  const { set, seat } = tongue
  const { peer, voteKey, org } = set.voters[seat]!
  const voters = [{ peer, voteKey, org }]
  const made = makeVoterSet({ epoch: set.epoch + 1, voters, crossOrg: false })
  return endingFor(tongue, proposal, made.ok ? made.set : undefined)
})

/** The voters that were decided on, none of whom said READY. */
export const forgedReady = remade((tongue, proposal) => {
  const state = tongue.chain.stateAfter(proposal.parsed.parentHash)
  return endingFor(tongue, proposal, state && nextVotersOf(state))
})

/** Proposes blocks that are rightly signed and justified, and in which something is wrong. */
export function cheater(): Lies {
  const kinds = [falseRefusal, falseState, repeated, falseHistory, falseHeight]
  return {
    send(tongue, saying) {
      return tongue.random.chance(0.7)
        ? instead(tongue, saying, tongue.random.pick(kinds))
        : undefined
    },
  }
}

/** Wants to choose the next voters, and lets READY of its own be none. */
export function usurper(): Lies {
  return {
    send(tongue, saying) {
      const { random } = tongue
      const { to, message } = saying
      if (message.type === 'ready' && random.chance(0.5)) {
        return [{ to, message: { ...message, signature: random.bytes(64) } }]
      }
      return instead(tongue, saying, random.pick([ownVoters, forgedReady]))
    },
  }
}
