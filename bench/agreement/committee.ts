/**
 * Starts members in processes of their own and hands operations to them.
 *
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Answer, Counts, Go, Here } from './member-process.ts'
import { dialOperations, type OperationLine } from './operation-line.ts'

export interface Committee {
  /** One line to each member. */
  readonly lines: readonly OperationLine[]
  counts(): Promise<readonly Counts[]>
  /** The line to whoever leads now. */
  leaderLine(): Promise<OperationLine>
  stop(): Promise<void>
}

async function heard<Type extends Answer['type']>(
  child: ChildProcess,
  type: Type,
): Promise<Extract<Answer, { type: Type }>> {
  for (;;) {
    const [answer] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`a member ended with ${code}`)
      }),
    ])) as [Answer]
    if (answer.type === type) return answer as Extract<Answer, { type: Type }>
  }
}

export async function startCommittee(
  size: number,
  delayMs = 0,
  engine: Go['engine'] = 'bft',
): Promise<Committee> {
  const children = Array.from({ length: size }, () =>
    fork(join(import.meta.dirname, 'member-process.ts'), {
      execArgv: process.env.FOLKMOOT_BENCH_PROFILE ? ['--cpu-prof'] : [],
    }),
  )
  const heres = await Promise.all(children.map((child) => heard(child, 'here')))
  const members: Here[] = heres.map(({ here }) => here)
  const ready = children.map((child) => heard(child, 'ready'))
  for (const child of children) child.send({ members, delayMs, engine } satisfies Go)
  const ports = await Promise.all(ready)
  const lines = await Promise.all(ports.map(({ port }) => dialOperations(port)))
  const countsOf = async (child: ChildProcess): Promise<Counts> => {
    const answer = heard(child, 'counts')
    child.send('counts')
    return (await answer).counts
  }
  return {
    lines,
    counts: () => Promise.all(children.map(countsOf)),
    leaderLine: async () => {
      const { leader } = await countsOf(children[0]!)
      return lines[members.findIndex(({ peer }) => peer === leader)]!
    },
    stop: async () => {
      for (const line of lines) line.close()
      await Promise.all(
        children.map(async (child) => {
          const ended = once(child, 'exit')
          child.disconnect()
          await ended
        }),
      )
    },
  }
}
