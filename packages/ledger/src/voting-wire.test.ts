/** One operation of each kind about voters and approval, and the states that they lead to, for ever. */
import { readFileSync } from 'node:fs'
import { fromHex, toHex } from '@folkmoot/codec'
import { describe, expect, it } from 'vitest'
import { testSigner } from '../test/node-keys.ts'
import { votingTools, votingWorld } from '../test/voting-world.ts'
import { wireFixture } from '../test/wire-fixture.ts'
import { createWorld, outcomeOf } from '../test/world.ts'
import { type Action, actionSchema, createLedger, operationSchema, peekOperation } from './index.ts'

const file = new URL('fixtures/voting-v1.json', import.meta.url)
const founderAlone = new URL('fixtures/ledger-v1.json', import.meta.url)

/** Everything that is recorded in a world, with what came of it. */
function recorder(world: Awaited<ReturnType<typeof createWorld>>) {
  const recorded: { epoch: number; bytes: string; outcome: string; root: string }[] = []
  const note = async (epoch: number, bytes: Uint8Array) => {
    const outcome = outcomeOf(await world.record(bytes))
    recorded.push({ epoch, bytes: toHex(bytes), outcome, root: toHex(world.ledger.root()) })
    return world.idOf(bytes)
  }
  return { recorded, note }
}

/** Four voters: offers, ballots, keys, an eviction, an epoch, an amendment. */
async function underVoters() {
  const moot = await votingWorld(4, { approval: { 'voter.remove': '2 of orgs' } })
  const { world, voters, registration, evidence } = moot
  const { seal } = world
  const [founder, ann, bob] = voters as [never, never, never]
  const five = await moot.admit(5)
  const six = await moot.admit(6)
  const { recorded, note } = recorder(world)
  const propose = (action: Action, by = founder) =>
    seal(by, 'propose', { action, expiresHeight: 90 })
  const offer = (peer: typeof five, seat: boolean): Action => ({
    kind: 'voter.offer',
    body: { peer, org: 'org 5', seat },
  })
  const remove: Action = { kind: 'voter.remove', body: { peer: testSigner(4).peer } }
  await note(1, await propose(offer(five, true)))
  await note(1, await propose(offer(six, false)))
  await note(1, await seal(testSigner(5), 'voter.accept', await registration(5, 2)))
  await note(1, await seal(testSigner(6), 'voter.accept', await registration(6, 2)))
  await note(1, await seal(testSigner(6), 'voter.resign', {}))
  const proposal = await note(1, await propose(remove, ann))
  await note(1, await seal(bob, 'ballot', { proposal, yes: false }))
  await note(1, await seal(bob, 'ballot', { proposal, yes: true }))
  await note(1, await seal(bob, 'evidence', await evidence(3, 1)))
  for (const seed of [1, 2]) {
    const lost = seed === 2 ? { lost: true } : {}
    await note(
      1,
      await seal(testSigner(seed), 'voter.key', { ...(await registration(seed, 2)), ...lost }),
    )
  }
  world.enter(2)
  await note(2, await propose({ kind: 'voter.rotate', body: {} }))
  await note(
    2,
    await propose({ kind: 'charter.amend', body: { approval: { 'study.open': 'member' } } }),
  )
  await note(2, await propose({ kind: 'study.open', body: await world.manifest(ann) }, ann))
  await note(2, await propose({ kind: 'study.close', body: { study: '0'.repeat(64) } }))
  const link = await world.invitation(founder, testSigner(101))
  await note(2, await propose({ kind: 'invitation.create', body: { invitation: link.bytes } }))
  await note(2, await propose({ kind: 'member.revoke', body: { peer: six, reason: 'r' } }))
  await note(2, await seal(founder, 'voter.overdue', { peer: five }))
  return { world, recorded }
}

async function fromSolo() {
  const world = await createWorld()
  await world.found()
  const { registration } = votingTools(world)
  const { recorded, note } = recorder(world)
  const { founder, seal } = world
  const voters = [{ peer: founder.peer, org: 'o' }]
  const action: Action = { kind: 'engine.change', body: { engine: 'bft', voters } }
  await note(0, await seal(founder, 'voter.key', await registration(1, 1)))
  await note(0, await seal(founder, 'propose', { action, expiresHeight: 90 }))
  return { world, recorded }
}

async function current() {
  const [bft, solo] = [await underVoters(), await fromSolo()]
  const stored = ({ world, recorded }: typeof bft) => ({
    charter: toHex(world.charter.bytes),
    operations: recorded,
    next: toHex(world.ledger.nextSet() ?? new Uint8Array()),
    snapshot: toHex(world.ledger.snapshot()),
  })
  return { bft: stored(bft), solo: stored(solo) }
}

describe('the wire of voters and approval', () => {
  it('has not drifted', async () => {
    const now = await current()
    expect(now).toEqual(wireFixture(file, now))
  })

  it('has, with that of a founder alone, a fixture of every kind of operation and action', async () => {
    const now = await current()
    const old = JSON.parse(readFileSync(founderAlone, 'utf8')) as {
      operations: { bytes: string }[]
    }
    const kinds = new Set<string>()
    const actions = new Set<string>()
    for (const { bytes } of [...old.operations, ...now.bft.operations, ...now.solo.operations]) {
      const peeked = peekOperation(fromHex(bytes))
      if (!peeked.ok) continue
      const { kind, body } = peeked.operation
      kinds.add(kind)
      if (kind === 'propose') actions.add(body.action.kind)
    }
    const all = operationSchema.options.map((option) => option.entries.kind.literal)
    expect([...kinds].sort()).toEqual([...all].sort())
    const every = actionSchema.options.map((option) => option.entries.kind.literal)
    expect([...actions].sort()).toEqual([...every].sort())
  })

  it('of an older snapshot restores', async () => {
    const now = wireFixture(file, await current())
    for (const [stored, fresh] of [
      [now.bft, await underVoters()],
      [now.solo, await fromSolo()],
    ] as const) {
      const charterBytes = fromHex(stored.charter)
      const ledger = createLedger({ charterBytes, checker: fresh.world.checker })
      await ledger.restore(fromHex(stored.snapshot))
      expect(toHex(ledger.root())).toBe(stored.operations.at(-1)!.root)
      expect(toHex(ledger.nextSet() ?? new Uint8Array())).toBe(stored.next)
    }
  })
})
