/**
 * A voter that hears every vote and gets no block: it has to fetch them while the others go on, and
 * not only once they stop.
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
