import { describe, expect, it } from 'vitest'
import { changeWords } from './change-words.ts'
import { decisionWords } from './decision-words.ts'

const nameOf = (peer: string) => `ada …${peer.slice(-4)}`
const peer = '12D3KooWH3uVF6wv47WnArKHk5p6cvgCJEb74UTmxztmQDc298L3' as never
type Change = Parameters<typeof changeWords>[0]
const say = (change: Change) => changeWords(change, 'some.kind', nameOf)

describe('a ballot', () => {
  it('says whose key, whose seat and why', () => {
    expect(say({ kind: 'member.revoke', peer, reason: 'asked to be removed' })).toMatchObject({
      title: 'Revoke the key of ada …98L3',
      lines: ['Reason given: “asked to be removed”'],
    })
    expect(say({ kind: 'voter.remove', peer, state: 'seated' }).title).toBe(
      'Take the seat of ada …98L3 away',
    )
    expect(say({ kind: 'voter.offer', peer, org: 'acme', seat: true }).title).toBe(
      'Offer ada …98L3 a seat, for acme',
    )
    expect(say({ kind: 'voter.offer', peer, org: '', seat: false }).title).toBe(
      'Ask ada …98L3 to stand by',
    )
  })

  it('says which study, by title or, where that cannot be read, by id', () => {
    const study = 'b7c1'.repeat(16)
    expect(say({ kind: 'study.open', study, title: 'Peptides of krill' }).title).toBe(
      'Open the study “Peptides of krill”',
    )
    expect(say({ kind: 'study.close', study, title: null }).title).toBe('Close the study b7c1b7c1')
  })

  it('says of each part of the charter what it would be and what it is', () => {
    const { lines, texts } = say({
      kind: 'charter.amend',
      changes: [
        { part: 'limit', name: 'members', before: 100, after: 500 },
        { part: 'limit', name: 'toString', before: null, after: 1_000 },
        { part: 'rule', action: 'study.open', before: 'founder', after: '2 of orgs' },
        { part: 'text', field: 'privacy', before: 'old', after: 'new' },
      ],
    })
    expect(lines).toEqual([
      'Members at most: 500 (now 100)',
      'The limit “toString”: 1,000 (now no limit set)',
      'Who approves “Open a study”: 2 organisations (now the founder)',
    ])
    expect(texts).toEqual([{ label: 'Privacy: another text', before: 'old', after: 'new' }])
  })

  it('names everyone who would decide instead of the founder', () => {
    const voters = [{ peer, org: 'acme' }]
    expect(say({ kind: 'engine.change', engine: 'bft', voters })).toMatchObject({
      title: 'Let 1 voter decide instead of the founder, by bft',
      lines: ['ada …98L3, for acme'],
    })
  })

  it('on what cannot be read says so', () => {
    expect(say(null).title).toContain('some.kind')
    expect(say(null).lines[0]).toContain('before you vote')
  })

  it('counts organisations where the rule does', () => {
    expect(decisionWords.asks('2 of orgs', { yes: 3, no: 1, orgs: 1 })).toBe(
      'Needs 2 organisations; so far 1 (3 yes, 1 no)',
    )
    expect(decisionWords.asks('member', { yes: 0, no: 1, orgs: 0 })).toBe(
      'Any member decides: 0 yes, 1 no',
    )
  })
})

describe('an offer', () => {
  it('says what one more voter does to the others', () => {
    const { size } = decisionWords.offer
    expect(size(2, 0)).toContain('nothing is decided while either is away')
    expect(size(2, 0)).toContain('founded anew')
    expect(size(3, 0)).toContain('all 3 are needed')
    expect(size(4, 1)).toBe('There would be 4 voters. One of the 4 may be away.')
    expect(size(7, 2)).toBe('There would be 7 voters. 2 of the 7 may be away.')
  })
})

describe('where votes weigh differently', () => {
  it('speaks of votes and not of voters', () => {
    expect(decisionWords.stalled(5, 6, true)).toBe(
      'Nothing can be decided now: 5 of the 6 votes that it takes are here.',
    )
    expect(decisionWords.committee(4, 8, 6, 2)).toContain('6 votes must agree. 2 votes may be away')
    expect(decisionWords.committee(4, 4, 3, 1)).toContain('One may be away')
  })
})
