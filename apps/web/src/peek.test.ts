import { describe, expect, it } from 'vitest'
import { states } from './gallery/states.ts'
import { peek } from './peek.ts'

const view = (name: string) => {
  const found = states[name]
  if (!found) throw new Error(`no state ${name}`)
  return found.view
}

describe('window.folkmoot.peek()', () => {
  it('says what the page shows', () => {
    const seen = peek(view('joined'))
    expect(seen).toMatchObject({ joined: true, paused: null, leader: true })
    expect(seen.study).toMatchObject({ done: 48, total: 94, state: 'open', mine: 14 })
    expect(seen.links.map((link) => link.kind)).toContain('relayed')
    expect(seen.ledger).toMatchObject({ engine: 'bft', height: 17, voters: [expect.any(String)] })
  })

  it('says why it is paused', () => {
    expect(peek(view('joined-paused')).paused).toEqual({ reason: 'you-paused' })
  })

  it('is not joined before Join, nor as a visitor', () => {
    expect(peek(view('invited')).joined).toBe(false)
    expect(peek(view('finished-visitor')).joined).toBe(false)
  })

  it('cannot be changed, and changes nothing', () => {
    const shown = view('joined')
    const seen = peek(shown)
    expect(Object.isFrozen(seen.links)).toBe(true)
    expect(() => Object.assign(seen, { joined: false })).toThrow(TypeError)
    expect(Object.isFrozen(shown.links)).toBe(false)
  })
})
