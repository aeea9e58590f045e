import { verifyAuditExport } from '@folkmoot/audit'
import { penguinsStudy } from '@folkmoot/example-penguins'
import { createChecker } from '@folkmoot/identity'
import { createNodeSandbox } from '@folkmoot/sandbox/node'
import { nodeVerifier } from '@folkmoot/storage/node'
import type { StudyId } from '@folkmoot/studies'
import { verifyBundle } from '@folkmoot/studies/bundle'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Peer } from '../peer.ts'

const checker = createChecker(nodeVerifier())
const units = 8

describe('a study between a relay and two members', () => {
  let federation: LoopbackFederation
  let members: Peer[]
  let study: StudyId
  let bundle: Uint8Array
  const everyone = () => [federation.founder(), ...members]

  beforeAll(async () => {
    federation = await startLoopbackFederation()
    members = await Promise.all([federation.join(), federation.join()])
    study = await federation.openStudy(await penguinsStudy({ units, permutationsPerUnit: 20_000 }))
    for (const member of members) {
      await waitUntil('the study is here', () => member.studies.room(study) !== undefined)
      expect(() => member.studies.contribute(study, 1)).toThrow(/agreed/)
      await member.consent(study, 'ab'.repeat(32), '1')
      member.studies.contribute(study, 1)
    }
  }, 180_000)
  afterAll(() => federation.stop())

  it('completes and is recorded on every ledger', { timeout: 180_000 }, async () => {
    for (const peer of everyone()) {
      await waitUntil(
        'all units are final',
        () => peer.ledger.state.state().study(study)?.final === units,
        150_000,
      )
      // What is final may be known before the last results have come.
      const acceptance = () => peer.studies.room(study)!.acceptance()
      await waitUntil('all results are here', () => acceptance().complete)
      expect(acceptance().acceptedCount).toBe(units)
    }
    const credits = federation.founder().ledger.state.state().credits
    // A quorum of two out of two: each member has one result in each unit, and nobody else has any.
    expect(Object.fromEntries(credits)).toEqual({
      [members[0]!.me]: units,
      [members[1]!.me]: units,
    })
  })

  it('gives every peer the same answer', async () => {
    for (const peer of everyone()) {
      await waitUntil('it was reduced', () => peer.studies.room(study)!.answer()?.done === units)
    }
    const answers = everyone().map((peer) => peer.studies.room(study)!.answer())
    expect(new Set(answers.map((answer) => answer?.estimate)).size).toBe(1)
    expect(answers[0]!.low).toBeLessThan(answers[0]!.high)
  })

  it('exports a bundle that verifies in a real sandbox, from the relay and from a member', async () => {
    const sandbox = createNodeSandbox()
    try {
      for (const peer of [federation.founder(), members[1]!]) {
        bundle = await peer.bundle(study)
        const verdict = await verifyBundle(bundle, {
          checker,
          run: (code, input, limits) => sandbox.run({ code, input, limits, share: 1 }).done,
          expectFed: federation.founder().fed,
          recompute: [0, units - 1],
        })
        expect(verdict).toMatchObject({
          ok: true,
          units,
          final: units,
          complete: true,
          results: 2 * units,
          workers: 2,
          recomputed: [0, units - 1],
        })
      }
    } finally {
      await sandbox.close()
    }
  })

  it('exports a bundle in which one altered byte is found', async () => {
    for (const at of [200, bundle.length >> 1, bundle.length - 40]) {
      const altered = bundle.slice()
      altered[at]! ^= 1
      const verdict = await verifyBundle(altered, {
        checker,
        run: async () => ({ ok: false, reason: 'never asked' }),
      })
      expect(verdict.ok, `byte ${at}`).toBe(false)
    }
  })

  it('leaves audit logs that verify, with the same hash on both sides', async () => {
    const hashes = await Promise.all(everyone().map(contentHashes))
    let shared = 0
    for (const [index, peer] of everyone().entries()) {
      const verdict = await verifyAuditExport(checker, await peer.audit.export())
      expect(verdict).toMatchObject({ ok: true, peer: peer.me, unsigned: 0 })
      for (const [envelope, hash] of hashes[index]!.out) {
        for (const other of hashes) {
          const theirs = other.in.get(envelope)
          if (theirs === undefined) continue
          expect(theirs).toBe(hash)
          shared += 1
        }
      }
    }
    // Every unit travelled as a record, each way that it was heard.
    expect(shared).toBeGreaterThan(2 * units)
  })

  it('logs the consent of whoever computed, and every unit that left', async () => {
    const [member] = members
    const actions = new Map<string, number>()
    for await (const { action, phase, decision } of member!.audit.query()) {
      const key = `${action} ${phase} ${decision}`
      actions.set(key, (actions.get(key) ?? 0) + 1)
    }
    expect(actions.get('consent outcome done')).toBe(1)
    expect(actions.get('unit outcome done')).toBeGreaterThanOrEqual(units)
  })
})

/** Content hashes of envelopes by id, as one peer's log holds them. */
async function contentHashes(peer: Peer) {
  const found = { in: new Map<string, string>(), out: new Map<string, string>() }
  for await (const { phase, direction, envelope, contentHash } of peer.audit.query()) {
    if (phase !== 'intent' || direction === 'local') continue
    if (envelope !== null && contentHash !== null) found[direction].set(envelope, contentHash)
  }
  return found
}
