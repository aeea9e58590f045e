import { describe, expect, it } from 'vitest'
import { consentTerms, consentText } from './consent.ts'
import { emptyView } from './empty-view.ts'
import { federation, study } from './gallery/sample-study.ts'

const view = { ...emptyView('https://relay'), study, federation }

describe('what a volunteer agrees to', () => {
  it('names Runs, Leaves, Never leaves, Stop and Limits, in this order', () => {
    const terms = consentTerms(view).map(({ term }) => term)
    expect(terms).toEqual(['Runs', 'Leaves', 'Never leaves', 'Stop', 'Limits'])
  })

  it('changes when anything that matters changes', () => {
    const text = consentText(view)
    expect(consentText({ ...view, stunServers: ['stun.example'] })).not.toBe(text)
    expect(consentText({ ...view, study: { ...study, leaves: ['more'] } })).not.toBe(text)
    expect(consentText({ ...view, study: { ...study, question: 'Another?' } })).not.toBe(text)
  })

  it('is empty without a study', () => {
    expect(consentTerms(emptyView('https://relay'))).toEqual([])
  })
})
