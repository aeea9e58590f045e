/** A voter whose start of voting failed for a moment. */
import { startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { expect, it } from 'vitest'

it('a sole voter whose database could not be opened at first tries again by itself', {
  timeout: 120_000,
}, async () => {
  let failures = 0
  const federation = await startLoopbackFederation({
    relayPlatform: (platform) => ({
      ...platform,
      consensus: async () => {
        if (failures > 0) {
          failures -= 1
          throw new Error('too many open files')
        }
        return platform.consensus()
      },
    }),
  })
  try {
    await federation.stopFounder()
    failures = 2
    const founder = await federation.startFounder()
    expect(founder.ledger.decides()).toBe(false)
    await waitUntil('it decides again', () => founder.ledger.decides())
    const { height } = founder.ledger.status()
    await founder.invite({ uses: 1, validMs: 60_000, role: 'member', cohort: '', relays: [] })
    expect(founder.ledger.status().height).toBeGreaterThan(height)
  } finally {
    await federation.stop()
  }
})
