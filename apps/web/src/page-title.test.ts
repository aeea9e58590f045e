import { expect, it } from 'vitest'
import { states } from './gallery/states.ts'
import { pageTitle } from './page-title.ts'

it('tells from another tab how far it has come, and whether it is paused', () => {
  const title = (name: string) => {
    const state = states[name]
    return state && pageTitle(state.view)
  }
  expect(title('loading')).toBe('Folkmoot')
  expect(title('joined')).toBe('48/94 · Folkmoot')
  expect(title('joined-paused')).toBe('Paused 48/94 · Folkmoot')
  expect(title('finished')).toBe('Finished · Folkmoot')
  expect(title('leaving')).toBe('Leaving · Folkmoot')
  expect(title('refused-no-invitation')).toBe('You need an invitation to join · Folkmoot')
})
