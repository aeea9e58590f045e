/**
 * What a voter must not forget when it dies, or when it gives up on a view and the view comes back.
 *
 * @module
 */
import { NOTARISED_PREFIX } from '@folkmoot/consensus-bft'
import { isA, isVote, type Schedule, viewOf } from './stage.ts'

/** Lets a voter that starts again have its log confirmed, and no more. */
const recalling = isA('recall', 'recalled')

/**
 * v3 times out in view 1 because no votes reach it, and hears of the quorum for the block afterwards:
 * the certificate comes back when its S has long been said.
 */
export const finaliseAfterSkip: Schedule = {
  mutant: 'F after S',
  breaks: 'equivocation',
  play(stage) {
    const { pass, submit, until, said } = stage
    pass((one) => {
      if (one.message === undefined) return true
      if (viewOf(one.message) !== 1) return false
      return isA('proposal')(one) || (isVote('notarise')(one) && one.to !== 'v3')
    })
    submit('v0')
    until('v3 gives up on view 1', () => said('v3', 'nullify', 1))
    pass(isA('status', 'repair'))
    stage.introduce('v3', 'v1')
    until('v3 is past view 1', () => stage.federation.at('v3')!.view().view > 1)
    stage.run(500)
  },
}

/**
 * v3 says F for view 1 and dies. Its votes are on its disk, the certificate N is not, as on one that
 * an older version wrote: it stands in view 1 once more, nobody tells it anything, and the time for
 * the view runs out.
 */
export const skipAfterFinalise: Schedule = {
  mutant: 'S after F',
  breaks: 'equivocation',
  play(stage) {
    const { federation, pass, submit, until, said } = stage
    pass(
      (one) => one.message === undefined || (viewOf(one.message) === 1 && !isVote('finalise')(one)),
    )
    submit('v0')
    until('v3 finalises view 1', () => said('v3', 'finalise', 1))
    pass(recalling)
    const v3 = federation.world.processes.get('v3')!
    v3.crash('the script says so')
    const { durable, ...rest } = v3.disk.image()
    const kept = [...durable].filter(([key]) => !key.startsWith(NOTARISED_PREFIX))
    v3.disk.replace({ ...rest, durable: new Map(kept) })
    until('v3 votes again', () => federation.at('v3')?.view().isVoting === true)
    // 3Δ is 750 ms: by then it would have given up on a view in which it said nothing.
    stage.run(2_000)
  },
}

/**
 * v0 loses its database and not its key, as one that is restored from a copy does. Two know of its
 * block and its vote: whichever two it asks, it hears of them, and must not lead the view again.
 */
export const voteAfterLoss: Schedule = {
  mutant: 'vote without asking',
  breaks: 'equivocation',
  play(stage) {
    const { federation, pass, submit, until, said } = stage
    const v0 = federation.world.processes.get('v0')!
    pass((one) => isA('proposal')(one) && one.to !== 'v3')
    submit('v0')
    until('v1 and v2 have voted', () => ['v1', 'v2'].every((v) => said(v, 'notarise', 1)))
    pass(recalling)
    v0.crash('the script says so')
    v0.disk.replace({ keys: v0.disk.keys })
    until('v0 starts again', () => federation.at('v0') !== undefined)
    stage.run(100)
    submit('v0')
    stage.run(500)
    stage.stopped('v0')
  },
}

/**
 * v0 dies between showing its block to the network and writing it down. Nobody got it, so nobody
 * can remind it; what it builds after the restart, from other operations, is another block.
 */
export const sendBeforeSync: Schedule = {
  mutant: 'send before sync',
  breaks: 'equivocation',
  play(stage) {
    const { federation, pass, dies, submit, until } = stage
    pass(recalling)
    dies(({ address, before }) => address === 'v0' && before === 'persist')
    submit('v0')
    until('v0 dies with its first block', () => federation.at('v0') === undefined)
    dies()
    until('v0 votes again', () => federation.at('v0')?.view().isVoting === true)
    stage.run(50)
    submit('v0')
    until('v0 leads view 1', () => stage.sent('v0', 'proposal'))
    stage.run(100)
  },
}
