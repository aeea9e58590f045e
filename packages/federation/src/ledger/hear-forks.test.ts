import { refuse, type Verdict } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { expect, it } from 'vitest'
import { hearForks } from './hear-forks.ts'

const [ann, ben] = ['ann', 'ben'] as PeerId[]
const bytes = (...values: number[]) => new Uint8Array(values)
const code = (verdict: Verdict) => (verdict.ok ? 'ok' : verdict.fault.code)

/** A ledger that answers what it is told to, and has stopped once it took something. */
function hearing() {
  let evidence: Uint8Array | undefined
  const asked: Uint8Array[] = []
  const told: boolean[] = []
  const answers: string[] = []
  const ledger = {
    evidence: () => evidence,
    accept: async (entry: Uint8Array): Promise<Verdict<{ height: number }>> => {
      asked.push(entry)
      const answer = evidence ? 'consensus/halted' : (answers.shift() ?? 'ok')
      if (answer === 'ok' || answer === 'consensus/fork') evidence = entry
      return answer === 'ok' ? { ok: true, height: 1 } : refuse(answer, 'as told')
    },
  }
  return { ...hearForks({ ledger, forked: (heard) => told.push(heard) }), asked, told, answers }
}

it('passes proof on once: whoever has stopped refuses it, and costs nobody his voice', async () => {
  const { heard, told } = hearing()
  expect(code(await heard(bytes(1), ann!))).toBe('ok')
  expect(code(await heard(bytes(1), ann!))).toBe('consensus/halted')
  expect(code(await heard(bytes(1), ben!))).toBe('consensus/halted')
  expect(told).toEqual([true])
})

it.each(['evidence', 'signature', 'certificate', 'proof'])(
  'listens no more to whoever said what is false (%s), and to others as before',
  async (fault) => {
    const { heard, asked, answers, told } = hearing()
    answers.push(`consensus/${fault}`)
    expect(code(await heard(bytes(1), ann!))).toBe(`consensus/${fault}`)
    expect(code(await heard(bytes(2), ann!))).toBe('consensus/malformed')
    expect(asked).toEqual([bytes(1)])
    expect(told).toEqual([])
    expect(code(await heard(bytes(2), ben!))).toBe('ok')
    expect(told).toEqual([true])
  },
)

it.each(['epoch', 'malformed', 'busy', 'closed'])(
  'holds nothing against whoever is ahead or of another version (%s)',
  async (fault) => {
    const { heard, answers } = hearing()
    answers.push(`consensus/${fault}`)
    expect(code(await heard(bytes(1), ann!))).toBe(`consensus/${fault}`)
    expect(code(await heard(bytes(2), ann!))).toBe('ok')
  },
)

it('says that nobody has told it where this copy found the fork by itself', async () => {
  const { accept, answers, told } = hearing()
  answers.push('consensus/fork')
  expect(code(await accept(bytes(1)))).toBe('consensus/fork')
  expect(told).toEqual([false])
})
