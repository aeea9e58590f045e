/** Checkpoints of audit logs on the ledger: that they come, that they hold, and that they end. */
import { compareAuditExport } from '@folkmoot/audit'
import { memoryLog } from '@folkmoot/base'
import { createChecker, type PeerId } from '@folkmoot/identity'
import { peekOperation } from '@folkmoot/ledger'
import { nodeVerifier } from '@folkmoot/storage/node'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterEach, expect, it } from 'vitest'
import type { Peer } from '../peer.ts'
import type { Platform } from '../platform.ts'
import { anchorAlongMs } from './anchor-checkpoints.ts'

let federation: LoopbackFederation
afterEach(() => federation?.stop())

/** An hour of waiting for the next checkpoint passes in 3.6 s; everything shorter is as long as ever. */
const fast = (platform: Platform): Platform => ({
  ...platform,
  timers: {
    ...platform.timers,
    after: (ms, run) => platform.timers.after(ms >= anchorAlongMs ? ms / 1_000 : ms, run),
  },
})
const aloneMs = 3_600

const checkpointOf = (seenBy: Peer, of: PeerId) => seenBy.ledger.state.state().checkpoints.get(of)

/** Something that crosses no boundary, and is logged. */
const act = (peer: Peer) => peer.consent('ab'.repeat(32), 'cd'.repeat(32), '1')

async function seat(founder: Peer, member: Peer) {
  const offer = { peer: member.me, org: '', seat: true }
  expect((await founder.agreement.propose({ kind: 'voter.offer', body: offer })).ok).toBe(true)
  const { state } = member.ledger
  await waitUntil('the offer', () => state.state().voting.roles.get(member.me)?.state === 'offered')
  expect((await member.agreement.accept()).ok).toBe(true)
  await waitUntil('it votes', () => member.ledger.decides(), 120_000)
}

/** Checkpoints among the operations that are final. */
async function anchored(peer: Peer): Promise<number> {
  let count = 0
  for (let at = 1; at <= peer.ledger.status().height; at++) {
    for (const { bytes } of (await peer.ledger.entryAt(at))?.ops ?? []) {
      const peeked = peekOperation(bytes)
      if (peeked.ok && peeked.operation.kind === 'audit.checkpoint') count++
    }
  }
  return count
}

it.each(['solo', 'bft', 'raft'] as const)(
  'under %s each member’s checkpoint comes to the ledger, grows with the log, and is of that log',
  { timeout: 120_000 },
  async (engine) => {
    federation = await startLoopbackFederation({ engine, relayPlatform: fast })
    const founder = federation.founder()
    const member = await federation.join({ replace: fast })
    await act(member)
    for (const peer of [founder, member]) {
      await waitUntil('its checkpoint', () => checkpointOf(founder, peer.me) !== undefined, 60_000)
    }
    const first = checkpointOf(founder, member.me)!
    expect(first.log).toBe(member.audit.logId)
    await act(member)
    const grown = () => checkpointOf(founder, member.me)!.size > first.size
    await waitUntil('a larger one', grown, 60_000)
    const anchors = [first, checkpointOf(founder, member.me)!]
    const checker = createChecker(nodeVerifier())
    const { size } = checkpointOf(founder, member.me)!
    expect(await compareAuditExport(checker, await member.audit.export(), anchors)).toMatchObject({
      ok: true,
      anchored: { matching: 2, size },
    })
    const others = [checkpointOf(founder, founder.me)!]
    expect(await compareAuditExport(checker, await founder.audit.export(), others)).toMatchObject({
      ok: true,
      anchored: { matching: 1 },
    })
  },
)

it('ends where nothing but anchoring has happened: peers do not wake each other', {
  timeout: 400_000,
}, async () => {
  federation = await startLoopbackFederation({ relayPlatform: fast })
  const founder = federation.founder()
  const voter = await federation.join({ replace: fast })
  await seat(founder, voter)
  // Not before: however long that took, its six of an hour are for what follows.
  const member = await federation.join({ replace: fast })
  for (const peer of [founder, voter, member]) {
    await act(peer)
    await waitUntil('its checkpoint', () => checkpointOf(founder, peer.me) !== undefined, 60_000)
  }
  const pause = () => new Promise((resolve) => setTimeout(resolve, 4 * aloneMs))
  const untilSilent = () =>
    waitUntil(
      'four hours without a checkpoint',
      async () => {
        const before = await anchored(founder)
        await pause()
        return (await anchored(founder)) === before
      },
      120_000,
    )
  await untilSilent()
  const silent = await anchored(founder)
  // Handing it in leaves entries with the member and with the voter that it asks.
  const { size } = checkpointOf(founder, member.me)!
  await act(member)
  await waitUntil('the next one', () => checkpointOf(founder, member.me)!.size > size, 60_000)
  await untilSilent()
  expect(await anchored(founder)).toBe(silent + 1)
})

it('does not anchor a log that was written anew, and whoever compares it notices', {
  timeout: 120_000,
}, async () => {
  const logged: unknown[] = []
  federation = await startLoopbackFederation({
    relayPlatform: fast,
    logger: { log: (level, message, fields) => void logged.push({ level, message, ...fields }) },
  })
  const founder = federation.founder()
  const state = `${federation.folder}/rewritten`
  const member = await federation.join({ state, replace: fast })
  await act(member)
  await waitUntil('its checkpoint', () => checkpointOf(founder, member.me) !== undefined, 60_000)
  const anchor = checkpointOf(founder, member.me)!
  await member.stop()

  const again = await federation.join({
    state,
    invitation: null,
    replace: (platform) => ({
      ...fast(platform),
      log: async (name) => {
        const log = await platform.log(name)
        if (name !== 'audit') return log
        for (const [key] of await platform.store.list({ prefix: `audit/${anchor.log}/` })) {
          if (!/(latest|usage|checkpoint\/\d+)$/.test(key)) continue
          await platform.store.write([{ type: 'delete', key }])
        }
        return memoryLog(await log.read(0, anchor.size - 1))
      },
    }),
  })
  expect(again.audit.logId).toBe(anchor.log)
  for (let n = 0; n < anchor.size; n++) await act(again)
  expect(await again.audit.verify()).toMatchObject({ ok: true })
  const noticed = () =>
    logged.some((entry) => JSON.stringify(entry).includes('is not the one whose'))
  await waitUntil('it is noticed', noticed, 60_000)
  expect(checkpointOf(founder, member.me)).toEqual(anchor)
  const checker = createChecker(nodeVerifier())
  const compared = await compareAuditExport(checker, await again.audit.export(), [anchor])
  expect(compared).toMatchObject({ fault: { code: 'audit/anchor' } })
})
