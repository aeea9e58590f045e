/**
 * Where one view could have two outcomes: a block that not everyone has, a leader with two blocks,
 * a federation in two halves.
 *
 * @module
 */
import { type ParsedProposal, parseProposal } from '@folkmoot/consensus'
import type { Message } from '@folkmoot/consensus-bft'
import type { PeerId } from '@folkmoot/identity'
import type { FederationInit } from '../bft/federation.ts'
import { type Lies, liar, type Saying, type Tongue } from '../bft/liar.ts'
import type { VoterInit } from '../bft/voter.ts'
import { isA, isVote, type Schedule, viewOf } from './stage.ts'

/**
 * Only v0 learns that view 1 is final. v1, which leads view 2, knows that its block is notarised and
 * does not have it: it must not build beside it, on what was before.
 */
export const skipWithoutCertificate: Schedule = {
  mutant: 'skip check removed',
  breaks: 'agreement',
  play(stage) {
    const { federation, pass, submit, until, said } = stage
    const { at } = federation
    pass((one) => {
      if (one.message === undefined) return true
      if (viewOf(one.message) !== 1) return false
      if (isA('proposal')(one)) return one.to !== 'v1'
      return isVote('notarise')(one) || (isVote('finalise')(one) && one.to === 'v0')
    })
    submit('v0')
    until('view 1 is final at v0', () => at('v0')!.chain.height === 1)
    until('v2 and v3 have said F', () => ['v2', 'v3'].every((v) => said(v, 'finalise', 1)))
    // v0 is gone, and so is the only place where the block is known to be final.
    pass(({ from, to, message }) => {
      if (from === 'v0' || to === 'v0') return false
      return to !== 'v1' || !isA('blocks', 'entries')({ from, to, message })
    })
    stage.introduce('v1', 'v2')
    until('v1 knows that view 1 is notarised', () => at('v1')!.view().view >= 2)
    stage.run(1_500)
  },
}

/** The federation falls in two halves of two, each of which goes on asking its clients in. */
export const halves: Schedule = {
  mutant: 'quorum 2f',
  breaks: 'agreement',
  play(stage) {
    const { world } = stage.federation
    world.partition([
      ['v0', 'v1'],
      ['v2', 'v3'],
    ])
    for (const address of ['v0', 'v2', 'v1', 'v3']) stage.submit(address)
    stage.run(8_000)
  },
}

/** v0 shows its other block to each who has just voted for the first, with its vote for both. */
export const twoBlocks: Schedule = {
  mutant: 'double notarise',
  breaks: 'equivocation',
  init: leadingLiar(() => {
    let other: Proposal | undefined
    return {
      lie(_tongue, to, first, second) {
        other = second
        return [{ to, message: first }]
      },
      hear(_tongue, from, message) {
        const isAnswer = message.type === 'vote' && message.vote.kind === 'notarise'
        return isAnswer && other ? [{ to: [from], message: other }] : []
      },
    }
  }),
  play({ pass, submit, until, said, run }) {
    // In a view that is final already nothing is signed, whatever the rule.
    pass((one) => !isVote('finalise')(one))
    submit('v1')
    until('everybody has voted for a block', () =>
      ['v1', 'v2', 'v3'].every((v) => said(v, 'notarise', 1)),
    )
    run(200)
  },
}

/** v0 shows v3 another block than the others, whose certificate v3 hears of once it has voted. */
export const otherBlock: Schedule = {
  mutant: 'F without own N',
  breaks: 'equivocation',
  init: leadingLiar(() => ({
    lie: (_tongue, to, first, second) => [
      { to: to.slice(0, 2), message: first },
      { to: to.slice(2), message: second },
    ],
  })),
  play(stage) {
    const { pass, submit, until, said } = stage
    pass((one) => {
      if (one.message === undefined) return true
      if (viewOf(one.message) !== 1) return false
      return isA('proposal')(one) || (isVote('notarise')(one) && one.to !== 'v3')
    })
    submit('v1')
    until('v3 has voted for its block', () => said('v3', 'notarise', 1))
    until('v1 has finalised the other', () => said('v1', 'finalise', 1))
    pass(isA('status', 'repair'))
    stage.introduce('v3', 'v1')
    stage.run(500)
  },
}

type Proposal = Extract<Message, { type: 'proposal' }>

interface Leading extends Pick<Lies, 'hear'> {
  /** What goes out instead of the block of view 1, given a second one. */
  lie(tongue: Tongue, to: readonly PeerId[], first: Proposal, second: Proposal): readonly Saying[]
}

/** v0 lies about its block of view 1, in each federation anew. */
function leadingLiar(leading: () => Leading): Pick<FederationInit, 'liars'> {
  const lies = (): Lies => {
    const { lie, hear } = leading()
    return {
      ...(hear ? { hear } : {}),
      send(tongue, { to, message }) {
        if (message.type !== 'proposal') return undefined
        const proposal = proposalOf(message)
        if (proposal?.parsed.bft.view !== 1) return undefined
        const bytes = tongue.twin(proposal)
        const twin = parseProposal(bytes)
        if (!twin.ok) return undefined
        const vote = tongue.vote('notarise', 1, twin.proposal.id)
        return lie(tongue, to, message, { type: 'proposal', proposal: bytes, vote })
      },
    }
  }
  return { liars: new Map([[0, (init: VoterInit) => liar(lies())(init)]]) }
}

function proposalOf({ proposal }: Proposal): ParsedProposal | undefined {
  const parsed = parseProposal(proposal)
  return parsed.ok ? parsed.proposal : undefined
}
