/** Random sequences of operations, as honest and less honest members might send them. */
import { memoryLog } from '@folkmoot/base'
import { equalBytes, toHex } from '@folkmoot/codec'
import { createSoloLog } from '@folkmoot/consensus'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { testSigner } from '../test/node-keys.ts'
import { createWorld, DAY, START, type World } from '../test/world.ts'
import { createLedger, verifyFact } from './index.ts'

const people = [1, 2, 3, 4, 5].map(testSigner)
const keys = [100, 101, 102].map(testSigner)

const step = fc.record({
  kind: fc.constantFrom(
    'create',
    'create',
    'withdraw',
    'admit',
    'admit',
    'admit',
    'admit along',
    'admit along',
    'leave',
    'revoke',
    'open',
    'open',
    'close',
    'batch',
    'batch',
    'report',
    'checkpoint',
    'found',
    'stale',
    'expired',
  ),
  who: fc.constantFrom(0, 0, 0, 1, 2, 3, 4),
  whom: fc.nat(4),
  link: fc.nat(2),
  unit: fc.nat(5),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function cast(world: World) {
  const links = []
  for (const [i, key] of keys.entries()) {
    const by = i === 2 ? people[1]! : world.founder
    links.push(await world.invitation(by, key, { uses: i + 1, expires: expiryOf(i) }))
  }
  return { links, study: await world.manifest(people[1]!, { units: 5 }) }
}

/** The first link runs out while the sequence lasts. */
const expiryOf = (i: number) => START + (i === 0 ? 20_000 : DAY)

async function sealStep(world: World, props: Awaited<ReturnType<typeof cast>>, s: Step) {
  const who = people[s.who]!
  const whom = people[s.whom]!
  const link = props.links[s.link]!
  const { manifestId: study } = props.study
  const admission = async () => ({
    redemption: await world.redeem(link, whom),
    nickname: 'n',
    role: 'member' as const,
  })
  switch (s.kind) {
    case 'create':
      return world.seal(who, 'invitation.create', { invitation: link.bytes })
    case 'withdraw':
      return world.seal(who, 'invitation.revoke', { invitation: link.id })
    case 'admit':
      return world.seal(world.founder, 'member.admit', await admission())
    case 'admit along':
      return world.seal(who, 'member.admit', { ...(await admission()), invitation: link.bytes })
    case 'leave':
      return world.seal(who, 'member.leave', {})
    case 'revoke':
      return world.seal(who, 'member.revoke', { revocation: await world.revocation(who, whom) })
    case 'open':
      return world.seal(who, 'study.open', props.study)
    case 'close':
      return world.seal(who, 'study.close', { study })
    case 'batch': {
      const units = [s.unit, s.unit + 1]
      const root = new Uint8Array(32)
      const credits: [typeof whom.peer, number][] = [[whom.peer, 2]]
      return world.seal(world.founder, 'study.batch', { study, root, count: 2, units, credits })
    }
    case 'report':
      return world.seal(who, 'report', { study, reason: 'r' })
    case 'checkpoint':
      return world.seal(who, 'audit.checkpoint', {
        peer: who.peer,
        checkpoint: await world.checkpoint(s.who + 1, 'a'.repeat(32), s.unit),
      })
    case 'found':
      return world.seal(who, 'federation.found', { charter: world.charter.bytes })
    case 'stale':
      return world.seal(who, 'member.leave', {}, { sequence: 1 })
    default:
      return world.seal(who, 'member.leave', {}, { expiresHeight: 1 })
  }
}

it('keeps its promises over random sequences of operations', async () => {
  const counts = { accepted: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }),
      async (steps) => {
        const world = await createWorld({
          approval: { 'invitation.create': 'member', 'study.open': 'member' },
          limits: { members: 4 },
        })
        await world.found()
        const props = await cast(world)
        const bytes: Uint8Array[] = []
        for (const s of steps) bytes.push(await sealStep(world, props, s))

        const { fed, checker, founder } = world
        const parts = { instance: fed, signer: founder, checker }
        let now = START
        const clock = { now: () => (now += 1_000) }
        const log = memoryLog()
        const fresh = () => createLedger({ charterBytes: world.charter.bytes, checker })
        const ledger = fresh()
        const engine = await createSoloLog({ ...parts, clock, log, application: ledger })
        const founding = await world.seal(
          founder,
          'federation.found',
          {
            charter: world.charter.bytes,
          },
          { sequence: 1 },
        )
        await engine.submit(founding, { id: 'founding' })

        for (const [i, op] of bytes.entries()) {
          const before = toHex(ledger.root())
          const receipt = await engine.submit(op, { id: `${i}` }).catch(() => undefined)
          const accepted = receipt?.outcome.ok === true
          counts[accepted ? 'accepted' : 'refused'] += 1
          if (!accepted) expect(toHex(ledger.root())).toBe(before)
        }

        const state = ledger.state()
        for (const [id, { used, uses }] of state.invitations) {
          const users = [...state.members.values()].filter((m) => m.invitation === id)
          expect(used).toBeLessThanOrEqual(uses)
          expect(users.length).toBeLessThanOrEqual(used)
        }
        expect(state.members.size).toBeLessThanOrEqual(4)
        for (const [id, study] of state.studies) {
          const full = state.study(id)!
          const recorded = full.recorded.flatMap(({ units }) => units)
          expect(new Set(recorded).size).toBe(recorded.length)
          expect(recorded.length).toBe(study.final)
          expect(full.finalUnits).toEqual(new Set(recorded))
        }
        for (const [peer, member] of state.members) {
          expect(state.revoked.has(peer)).toBe(member.status === 'revoked')
          const key = `member/${peer}`
          const proven = verifyFact(ledger.root(), ledger.proveFact(key))
          expect(proven).toEqual({ ok: true, key, value: ledger.fact(key) })
        }

        const reopened = fresh()
        await createSoloLog({ ...parts, clock, log, application: reopened })
        const restored = fresh()
        await restored.restore(ledger.snapshot())
        expect(equalBytes(reopened.root(), ledger.root())).toBe(true)
        expect(equalBytes(restored.root(), ledger.root())).toBe(true)
        expect(restored.snapshot()).toEqual(ledger.snapshot())
      },
    ),
    { numRuns: 30 },
  )
  // The sequences must exercise both sides, or the properties above say little. About 130 are accepted.
  expect(counts.accepted).toBeGreaterThan(30)
  expect(counts.refused).toBeGreaterThan(30)
})
