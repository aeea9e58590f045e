/** What is kept of blocks that were executed and are not final. */
import { sha256, utf8 } from '@folkmoot/codec'
import { NO_PARENT } from '@folkmoot/consensus'
import { createTextList } from '@folkmoot/consensus/conformance'
import { describe, expect, it } from 'vitest'
import { Executor } from './executor.ts'

const idOf = (text: string) => sha256(utf8(text))

describe('an executor', () => {
  it('forgets blocks that others were final in place of, empty ones too', async () => {
    const executor = new Executor(createTextList(), NO_PARENT)
    const lost = idOf('an empty block of a view that failed')
    executor.name(lost, NO_PARENT, 1, undefined)
    expect(executor.idsAbove(lost)).toEqual(new Set())
    let parent: Uint8Array = NO_PARENT
    for (const height of [1, 2]) {
      const text = `op-${height}`
      const operations = [{ id: text, bytes: utf8(text) }]
      const position = { height, time: 0, epoch: 1 }
      const built = await executor.execute(text, parent, position, operations)
      const id = idOf(`block ${height}`)
      executor.name(id, parent, height, text)
      const final = await executor.finalise(id, position, built.payload, built.stateRoot)
      final!.mark.release()
      executor.tidy(height)
      parent = id
    }
    // It hangs loose once it is forgotten; an empty block above the tip does not.
    expect(executor.idsAbove(lost)).toBeUndefined()
    executor.name(idOf('next'), parent, 3, undefined)
    executor.tidy(2)
    expect(executor.idsAbove(idOf('next'))).toEqual(new Set())
  })
})
