import type { PeerId } from '@folkmoot/identity'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyMesh, type MeshConfig, meshDefaults, stepMesh, wantedPeers } from './mesh-plan.ts'
import type { LinkKind } from './transport.ts'

const id = (n: number) => `12D3peer${String(n).padStart(4, '0')}` as PeerId

/** Tabs that dial each other in simulated time; `works` says whether a dial succeeds. */
function simulate(
  count: number,
  ms: number,
  works: (from: number, to: number, at: number) => boolean,
) {
  const tabs = Array.from({ length: count }, (_, n) => {
    const config: MeshConfig = { ...meshDefaults, self: id(n) }
    const peers = Array.from({ length: count }, (_, m) => id(m)).filter((p) => p !== id(n))
    const waiting = new Set(peers.filter((peer) => id(n) < peer))
    const start = stepMesh(config, emptyMesh, { type: 'peers', peers, waiting }, () => 0.5)
    return { config, state: start.state, links: new Map<PeerId, LinkKind>(), dials: 0 }
  })
  let seed = 1
  const dice = () => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed / 2_147_483_647
  }
  const pending: { at: number; from: number; to: number }[] = []
  let crossed = 0
  for (let at = 0; at < ms; at += 100) {
    for (let i = pending.length - 1; i >= 0; i--) {
      const dial = pending[i]!
      if (dial.at > at) continue
      pending.splice(i, 1)
      const from = tabs[dial.from]!
      const ok = works(dial.from, dial.to, at)
      if (ok) {
        if (from.links.get(id(dial.to)) === 'direct') crossed += 1
        from.links.set(id(dial.to), 'direct')
        tabs[dial.to]!.links.set(id(dial.from), 'direct')
      }
      const input = { type: 'dialled', peer: id(dial.to), ok, at } as const
      from.state = stepMesh(from.config, from.state, input, dice).state
    }
    tabs.forEach((tab, n) => {
      const step = stepMesh(tab.config, tab.state, { type: 'tick', at, links: tab.links }, dice)
      tab.state = step.state
      for (const { peer } of step.effects) {
        tab.dials += 1
        const to = Number(peer.slice(8))
        pending.push({ at: at + 900, from: n, to })
        // The circuit under the negotiation is there at once, for both ends.
        for (const [one, other] of [
          [n, to],
          [to, n],
        ] as const) {
          const { links } = tabs[one]!
          if (!links.has(id(other))) links.set(id(other), 'relayed')
        }
      }
    })
  }
  return { tabs, crossed }
}

describe('the mesh plan', () => {
  it('links every pair of a small federation, and the two ends hardly ever cross', () => {
    const { tabs, crossed } = simulate(6, 10_000, () => true)
    for (const tab of tabs) expect([...tab.links.values()]).toEqual(Array(5).fill('direct'))
    expect(crossed).toBeLessThanOrEqual(1)
  })

  it('gives everyone of a large one at least six links and at most the cap, in one piece', () => {
    const { tabs } = simulate(60, 20_000, () => true)
    for (const tab of tabs) {
      expect(tab.links.size).toBeGreaterThanOrEqual(6)
      expect(tab.links.size).toBeLessThanOrEqual(20)
    }
    const reached = new Set([id(0)])
    for (const peer of reached) {
      for (const next of tabs[Number(peer.slice(8))]!.links.keys()) reached.add(next)
    }
    expect(reached.size).toBe(60)
  })

  it('finds the few that it can reach directly among many that it cannot', () => {
    const { tabs } = simulate(40, 120_000, (from, to) => from < 4 && to < 4)
    for (const tab of tabs.slice(0, 4)) {
      const direct = [...tab.links].filter(([, kind]) => kind === 'direct').map(([peer]) => peer)
      expect(direct.length).toBe(3)
    }
  })

  it('falls back to the one that waits when the other cannot dial', () => {
    const { tabs } = simulate(2, 30_000, (from) => from === 1)
    expect(tabs[0]!.links.get(id(1))).toBe('direct')
  })

  it('retries with back-off, and at once after a nudge', () => {
    const { tabs } = simulate(2, 120_000, () => false)
    expect(tabs[0]!.dials).toBeGreaterThan(3)
    expect(tabs[0]!.dials).toBeLessThan(12)
    const { config, state } = tabs[0]!
    const nudged = stepMesh(config, state, { type: 'nudge' }, () => 0).state
    const links = new Map()
    const due = stepMesh(config, nudged, { type: 'tick', at: 120_000, links }, () => 0)
    expect(due.effects).toEqual([{ type: 'dial', peer: id(1) }])
  })

  it('dials at once whoever waits for it, whatever their ids, and gives way to the others', () => {
    const config = { ...meshDefaults, self: id(1) }
    const peers = [id(0), id(2)]
    const waiting = new Set([id(0)])
    const { state } = stepMesh(config, emptyMesh, { type: 'peers', peers, waiting }, () => 0)
    const links = new Map()
    const first = stepMesh(config, state, { type: 'tick', at: 5_000, links }, () => 0)
    expect(first.effects).toEqual([{ type: 'dial', peer: id(0) }])
    const at = 5_000 + config.secondMs
    const early = stepMesh(config, first.state, { type: 'tick', at: at - 1, links }, () => 0)
    expect(early.effects).toEqual([])
    const second = stepMesh(config, early.state, { type: 'tick', at, links }, () => 0)
    expect(second.effects).toEqual([{ type: 'dial', peer: id(2) }])
  })

  it('wants each other alike on both ends, and never servers', () => {
    const knowing = (n: number, count: number) => {
      const peers = Array.from({ length: count }, (_, m) => id(m))
      const config = { ...meshDefaults, self: id(n) }
      const waiting = new Set<PeerId>()
      return stepMesh(config, emptyMesh, { type: 'peers', peers, waiting }, () => 0).state
    }
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), (count) => {
        const wants = (n: number) => wantedPeers({ degree: 7 }, knowing(n, count), new Map())
        for (let n = 0; n < count; n++) {
          for (const p of wants(n)) expect(wants(Number(p.slice(8)))).toContain(id(n))
        }
      }),
    )
    const server = new Map([[id(1), 'websocket' as const]])
    expect(wantedPeers(meshDefaults, knowing(0, 3), server)).toEqual([id(2)])
  })
})
