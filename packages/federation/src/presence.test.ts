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

  it('of a member that is revoked ends everywhere with the revocation', {
    timeout: 120_000,
  }, async () => {
    federation = await startLoopbackFederation()
    const [ann, bob] = await Promise.all([federation.join(), federation.join()])
    const all = [federation.founder(), ann, bob]
    await waitUntil('everyone hears of everyone', () =>
      all.every((peer) => peer.present().length === 3),
    )
    await federation.founder().revokePeer(bob.me, 'test')
    for (const peer of [federation.founder(), ann]) {
      // Whoever only falls silent stays listed as gone.
      await waitUntil('it is off the list', () =>
        peer.present().every(({ peer: who }) => who !== bob.me),
      )
    }
  })

  it('is not waited for: a newcomer is told by its relay whom it may link with', {
    timeout: 120_000,
  }, async () => {
    federation = await startLoopbackFederation()
    const ann = await federation.join()
    const { me } = federation.founder()
    await waitUntil('the relay hears of ann', () => federation.founder().present().length === 2)
    const dialled: (readonly string[])[] = []
    const bob = await federation.join({
      replace: (platform) => ({
        ...platform,
        transport: async (request) => {
          const transport = await platform.transport(request)
          return {
            ...transport,
            peer: transport.peer,
            setPeers: (peers) => dialled.push(peers),
            // Deaf to gossip, as a tab is until its mesh has formed.
            subscribe: () => () => {},
          }
        },
      }),
    })
    await waitUntil('bob knows whom to dial', () => dialled.some((peers) => peers.includes(ann.me)))
    expect(bob.present().map(({ peer }) => peer)).toEqual([bob.me])
    expect(dialled.flat()).not.toContain(me)
  })
})
