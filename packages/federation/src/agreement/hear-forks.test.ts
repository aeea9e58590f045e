import { memoryStore, refuse, silentLogger, type Verdict } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { expect, it } from 'vitest'
import { hearForks } from './hear-forks.ts'

const [ann, ben, me] = ['ann', 'ben', 'me'] as [PeerId, PeerId, PeerId]
const bytes = (...values: number[]) => new Uint8Array(values)
const code = (verdict: Verdict) => (verdict.ok ? 'ok' : verdict.fault.code)

/** A ledger that answers what it is told to, and has stopped once it took something. */
function hearing() {
  let stopped = false
  const asked: Uint8Array[] = []
  const logged: string[] = []
  const answers: string[] = []
  const accept = async (entry: Uint8Array): Promise<Verdict> => {
    asked.push(entry)
    const answer = stopped ? 'consensus/halted' : (answers.shift() ?? 'ok')
    stopped ||= answer === 'ok'
    return answer === 'ok' ? { ok: true } : refuse(answer, 'as told')
  }
  const audit = {
    intent: async () => logged.push('intent'),
    outcome: async (_: number, { decision }: { decision: string }) => {
      logged.push(decision)
    },
  }
  let epoch = 1
  const ledger = { status: () => ({ epoch }) }
  const common = { accept, audit, me, logger: silentLogger, store: memoryStore(), ledger }
  const told = new Map<PeerId, number>()
  return {
    heard: (bytes: Uint8Array, from: PeerId) => hearForks(common as never, told, bytes, from),
    endEpoch: () => {
      epoch += 1
    },
    asked,
    logged,
    answers,
    store: common.store,
  }
}

it('passes proof on once and keeps it: whoever has stopped refuses it, and holds it against nobody', async () => {
  const { heard, logged, store } = hearing()
  expect(code(await heard(bytes(1), ann))).toBe('ok')
  expect(code(await heard(bytes(1), ann))).toBe('consensus/halted')
  expect(code(await heard(bytes(1), ben))).toBe('consensus/halted')
  await expect.poll(() => logged).toEqual(['intent', 'done'])
  expect(await store.get('agreement/fork')).toEqual(bytes(1))
})

it.each(['evidence', 'signature', 'certificate', 'proof'])(
  'listens no more to whoever said what is false (%s), and to others as before',
  async (fault) => {
    const { heard, asked, answers, logged } = hearing()
    answers.push(`consensus/${fault}`)
    expect(code(await heard(bytes(1), ann))).toBe(`consensus/${fault}`)
    expect(code(await heard(bytes(2), ann))).toBe('consensus/malformed')
    expect(asked).toEqual([bytes(1)])
    expect(logged).toEqual([])
    expect(code(await heard(bytes(2), ben))).toBe('ok')
  },
)

it.each(['malformed', 'busy', 'closed'])(
  'holds nothing against whoever is ahead or of another version (%s)',
  async (fault) => {
    const { heard, answers } = hearing()
    answers.push(`consensus/${fault}`)
    expect(code(await heard(bytes(1), ann))).toBe(`consensus/${fault}`)
    expect(code(await heard(bytes(2), ann))).toBe('ok')
  },
)

it('asks once in an epoch about voters that it does not know, and again in the next', async () => {
  const { heard, asked, answers, endEpoch } = hearing()
  answers.push('consensus/epoch')
  expect(code(await heard(bytes(1), ann))).toBe('consensus/epoch')
  expect(code(await heard(bytes(1), ann))).toBe('consensus/malformed')
  expect(asked).toHaveLength(1)
  endEpoch()
  expect(code(await heard(bytes(1), ann))).toBe('ok')
})
