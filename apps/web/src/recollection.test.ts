import { describe, expect, it } from 'vitest'
import { nothingRecalled, type Recollection, recollect } from './recollection.ts'
import type { AnswerView, Tile } from './view-model.ts'

const answer = (doneUnits: number): AnswerView => ({
  estimate: 0.5,
  low: 0.5 - 1 / doneUnits,
  high: 0.5 + 1 / doneUnits,
  doneUnits,
  label: 'p',
  facts: {},
})

const agreed = (unit: number): Tile => ({
  unit,
  state: 'final',
  mine: 'agreed',
  confirmedBy: ['…98L3'],
})

function run(answers: readonly (AnswerView | null)[]): Recollection {
  return answers.reduce<Recollection>(
    (memory, next) => recollect(memory, { answer: next, tiles: [] }),
    nothingRecalled,
  )
}

describe('what the page remembers', () => {
  it('is one point for each new answer, and the same object when nothing changed', () => {
    const memory = run([answer(1), answer(2)])
    expect(memory.course.map((point) => point.doneUnits)).toEqual([1, 2])
    expect(recollect(memory, { answer: answer(2), tiles: [] })).toBe(memory)
  })

  it('goes back with an answer that was rolled back, and forgets with none', () => {
    const units = run([answer(1), answer(2), answer(3), answer(2)]).course.map((p) => p.doneUnits)
    expect(units).toEqual([1, 2])
    expect(run([answer(1), null]).course).toEqual([])
  })

  it('stays bounded however long a study is, and keeps the latest answer', () => {
    const memory = run(Array.from({ length: 5000 }, (_, i) => answer(i + 1)))
    expect(memory.course.length).toBeLessThanOrEqual(240)
    expect(memory.course.at(-1)?.doneUnits).toBe(5000)
  })

  it('names the latest three confirmations, newest first', () => {
    let memory = recollect(nothingRecalled, { answer: null, tiles: [agreed(1), agreed(2)] })
    memory = recollect(memory, {
      answer: null,
      tiles: [agreed(1), agreed(2), agreed(3), agreed(4)],
    })
    expect(memory.confirmations.map((c) => c.unit)).toEqual([4, 3, 2])
  })
})
