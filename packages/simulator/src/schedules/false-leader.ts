/**
 * A leader whose block is rightly signed and rests on what it must, and is false: what it says came
 * of its operations, where it stands in the chain, and whom it lets decide next.
 *
 * @module
 */

import {
  type FalseBlock,
  falseHistory,
  falseRefusal,
  forgedReady,
  instead,
  ownVoters,
} from '../bft/false-blocks.ts'
import type { FederationInit } from '../bft/federation.ts'
import { liar } from '../bft/liar.ts'
import { nextVotersOf } from '../bft/text-state.ts'
import { isA, type Schedule } from './stage.ts'

/** v0 tells this lie in each block for which it can. */
const lying = (lie: FalseBlock): Pick<FederationInit, 'liars'> => ({
  liars: new Map([
    [0, (init) => liar({ send: (tongue, saying) => instead(tongue, saying, lie) })(init)],
  ]),
})

/** Ends an epoch for others where voters were decided on: their log has somebody to go on with. */
const othersThanDecided: FalseBlock = (tongue, proposal) => {
  const state = tongue.chain.stateAfter(proposal.parsed.parentHash)
  return state && nextVotersOf(state) ? ownVoters(tongue, proposal) : undefined
}

/** v0 leads view 1. */
const first: Schedule['play'] = ({ submit, until, sent, run }) => {
  submit('v1')
  until('v0 shows its block', () => sent('v0', 'proposal'))
  run(300)
}

/** The voters turn their keys over; nobody hears READY until v0 has led. */
const ending: Schedule['play'] = ({ federation, pass, submit, run }) => {
  // Time for keys to be registered.
  run(400)
  pass((one) => !isA('ready')(one))
  federation.submit('v1', 'turn it')
  for (let block = 0; block < 6; block += 1) {
    submit('v1')
    run(400)
  }
}

export const falseOutcome: Schedule = {
  mutant: 'payload unchecked',
  // The log that is to take the block in does not.
  breaks: 'halt',
  init: lying(falseRefusal),
  play: first,
}

export const falseParent: Schedule = {
  mutant: 'parent unchecked',
  breaks: 'validity',
  init: lying(falseHistory),
  play: first,
}

export const falseVoters: Schedule = {
  mutant: 'end block unchecked',
  breaks: 'set change',
  init: { ...lying(othersThanDecided), wantsSeats: true },
  play: ending,
}

export const falseReady: Schedule = {
  mutant: 'READY unchecked',
  breaks: 'validity',
  init: { ...lying(forgedReady), wantsSeats: true },
  play: ending,
}
