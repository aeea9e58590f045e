/**
 * A voter that the others leave behind: it has to fetch blocks while they go on, and not only once
 * they stop; and it has to ask them before it tells a reader that it knows everything.
 *
 * @module
 */
import { isA, type Schedule } from './stage.ts'

const VIEWS = 20
/** A fetch takes two messages, a view at least three. */
const MAX_BEHIND = 10

/** Views that follow each other faster than Δ leave no moment in which anything looks stuck. */
export const finalWithoutBlocks: Schedule = {
  mutant: 'fetch only on stall',
  breaks: 'liveness',
  // It leads none of them: a leader without its parent would be noticed.
  init: { leaders: [0, 1, 2] },
  play(stage) {
    const { federation, pass, submit, until, run } = stage
    const height = (address: string) => federation.at(address)!.chain.height
    pass((one) => one.to !== 'v3' || !isA('proposal')(one))
    let tries = 0
    for (; height('v0') < VIEWS && tries < 100 * VIEWS; tries += 1) {
      submit(`v${tries % 3}`)
      run(20)
    }
    until(`${VIEWS} views have passed`, () => height('v0') >= VIEWS)
    const behind = height('v0') - height('v3')
    if (behind <= MAX_BEHIND) return
    stage.wrong('liveness', `v3 followed ${VIEWS} views and is ${behind} blocks behind`)
  },
}

/** v3 is cut off and knows nothing of what the others decide. A reader asks it. */
export const readBehind: Schedule = {
  mutant: 'read without asking',
  breaks: 'reads',
  play({ federation, submit, until, run }) {
    const { world, at } = federation
    world.partition([['v0', 'v1', 'v2'], ['v3']])
    submit('v0')
    until('the others decide', () => at('v0')!.chain.height > 0)
    world.processes.get('v3')!.input({ type: 'barrier-asked' })
    run(1_000)
  },
}
