import { describe, expect, it } from 'vitest'
import { missingFrom } from './environment.ts'
import { refusalCodes, refusalOf } from './refusals.ts'

const subtle = { importKey: async () => ({}) as CryptoKey }
const whole = {
  isSecureContext: true,
  crypto: { subtle },
  indexedDB: {},
  navigator: { locks: {} },
} as unknown as Parameters<typeof missingFrom>[0]

describe('a refusal', () => {
  it('always says what is wrong, why, and what to do', () => {
    for (const code of refusalCodes) {
      const refusal = refusalOf(code)
      expect(refusal.title.length, code).toBeGreaterThan(10)
      expect(refusal.explanation, code).toMatch(/\.$/)
      expect(refusal.remedy, code).toMatch(/\.$/)
    }
  })

  it('adds what is particular to the case', () => {
    expect(refusalOf('page/unexpected', 'The log is gone.').explanation).toMatch(/gone\.$/)
  })
})

describe('asking the browser', () => {
  it('finds nothing missing in a whole one', async () => {
    expect(await missingFrom(whole)).toBeNull()
  })

  it('names the first thing that is missing', async () => {
    const refuse = async () => {
      throw new Error('Unrecognized algorithm')
    }
    const cases = [
      [{ isSecureContext: false, crypto: {} }, 'page/insecure-context'],
      [{ crypto: {} }, 'page/no-ed25519'],
      [{ crypto: { subtle: { importKey: refuse } } }, 'page/no-ed25519'],
      [{ indexedDB: undefined }, 'page/no-indexeddb'],
      [{ navigator: {} }, 'page/no-web-locks'],
    ] as const
    for (const [lack, code] of cases) {
      const missing = await missingFrom({ ...whole, ...lack } as typeof whole)
      expect(missing?.code).toBe(code)
    }
  })
})
