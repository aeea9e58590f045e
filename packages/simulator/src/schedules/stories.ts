/**
 * The runs in which voters die: one with every kind of vote in it, and the end of an epoch.
 *
 * @module
 */
import { parseMessage } from '@folkmoot/consensus-bft'
import type { Story } from './crash-sweep.ts'
import { viewOf } from './stage.ts'

/** Two operations are decided; between them a view is skipped, whose block nobody gets. */
export const deciding: Story = {
  wantsSeats: false,
  play({ world, honest, submit }) {
    const run = (ms: number) => world.run(world.events.now + ms)
    world.network.setFilter((_from, _to, bytes) => {
      const parsed = parseMessage(bytes)
      const isLost = parsed.ok && parsed.message.type === 'proposal' && viewOf(parsed.message) === 2
      return !isLost
    })
    run(100)
    submit(honest[0]!, 'say one')
    run(200)
    submit(honest[3]!, 'say two')
    run(1_500)
  },
}

/** Keys are registered and turned over: READY, the last block of an epoch, the first of the next. */
export const turning: Story = {
  wantsSeats: true,
  play({ world, honest, submit }) {
    const run = (ms: number) => world.run(world.events.now + ms)
    run(400)
    submit(honest[0]!, 'turn it')
    run(1_500)
  },
}
