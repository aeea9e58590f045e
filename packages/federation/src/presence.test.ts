import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterEach, describe, expect, it } from 'vitest'

let federation: LoopbackFederation
afterEach(() => federation.stop())

describe('presence', () => {
  // The relay refused their gossip while their keys were strangers' still.
  it('of members that joined at once reaches the relay and each other', {
    timeout: 120_000,
  }, async () => {
    federation = await startLoopbackFederation()
    const members = await Promise.all(Array.from({ length: 4 }, () => federation.join()))
    const all = [federation.founder(), ...members]
    await waitUntil('everyone hears of everyone', () =>
      all.every((peer) => peer.present().length === all.length),
    )
    for (const peer of all) {
      expect(new Set(peer.present().map((each) => each.peer))).toEqual(
        new Set(all.map(({ me }) => me)),
      )
    }
  })
})
