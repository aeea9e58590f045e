/** No action without its entry: what cannot be logged does not happen, on either side. */
import { type AppendLog, FederationError } from '@folkmoot/base'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { echo, openToMembers } from '../test/capabilities.ts'
import type { Peer } from './peer.ts'
import type { Platform } from './platform.ts'

let federation: LoopbackFederation
afterEach(() => federation.stop())

/** A machine whose audit log can be broken at will. */
function breakable() {
  const disk = { broken: false }
  const replace = (platform: Platform): Platform => ({
    ...platform,
    log: async (name) => {
      const log = await platform.log(name)
      if (name !== 'audit') return log
      return {
        get length() {
          return log.length
        },
        recovery: log.recovery,
        append: (records) =>
          disk.broken
            ? Promise.reject(new FederationError('storage/full', 'no space left on device'))
            : log.append(records),
        read: log.read,
        close: log.close,
      } satisfies AppendLog
    },
  })
  return { disk, replace }
}

function expose(peer: Peer): string[] {
  const ran: string[] = []
  peer.exchange.expose({
    capability: echo(),
    exposure: openToMembers,
    handler: async (output) => {
      ran.push(output)
      return { ok: true, output }
    },
  })
  return ran
}

describe('an action that cannot be logged', () => {
  it('does not leave where the caller’s store is broken, and leaves once it is mended', async () => {
    federation = await startLoopbackFederation()
    const { disk, replace } = breakable()
    const member = await federation.join({ replace })
    const ran = expose(federation.founder())
    disk.broken = true
    const relay = federation.founder().me
    expect(await member.call(relay, echo(), 'lost')).toMatchObject({
      ok: false,
      fault: { code: 'storage/full' },
    })
    await expect(member.consent('ab'.repeat(32), 'cd'.repeat(32), '1')).rejects.toMatchObject({
      code: 'storage/full',
    })
    disk.broken = false
    expect(await member.call(relay, echo(), 'kept')).toEqual({ ok: true, output: 'kept' })
    expect(ran).toEqual(['kept'])
    expect((await member.audit.verify()).ok).toBe(true)
  })

  it('does not run where the callee’s store is broken, and the peer serves on once it is mended', async () => {
    const { disk, replace } = breakable()
    federation = await startLoopbackFederation({ relayPlatform: replace })
    const member = await federation.join()
    const ran = expose(federation.founder())
    const relay = federation.founder().me
    disk.broken = true
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((word) => member.call(relay, echo(), word, { deadlineMs: 2_000 })),
    )
    for (const answer of answers) expect(answer.ok).toBe(false)
    expect(ran).toEqual([])
    // Nobody is admitted, and nothing becomes final, without an entry.
    const members = federation.founder().ledger.state.state().members.size
    const late = federation.join()
    late.catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(federation.founder().ledger.state.state().members.size).toBe(members)
    disk.broken = false
    expect(await member.call(relay, echo(), 'd')).toEqual({ ok: true, output: 'd' })
    await late
    expect(ran).toEqual(['d'])
    expect((await federation.founder().audit.verify()).ok).toBe(true)
  })

  it('does not happen over the quota, on either side', async () => {
    federation = await startLoopbackFederation({ auditQuotaBytes: 120_000 })
    const member = await federation.join({ auditQuotaBytes: 60_000 })
    const plenty = await federation.join()
    const ran = expose(federation.founder())
    const relay = federation.founder().me
    const spend = async (peer: Peer) => {
      for (const size of [1_500, 0]) {
        for (;;) {
          const word = 'x'.repeat(size)
          const answer = await peer.call(relay, echo(), word, { deadlineMs: 2_000 })
          if (answer.ok) continue
          if (size === 0) return answer.fault.code
          break
        }
      }
      return ''
    }
    expect(await spend(member)).toBe('audit/full')
    const before = ran.length
    expect(await member.call(relay, echo(), '')).toMatchObject({
      fault: { code: 'audit/full' },
    })
    expect(ran.length).toBe(before)
    // The relay has a quota too; then its handlers rest, and it still answers that it is there.
    await spend(plenty)
    await waitUntil('the relay is full', () => federation.founder().audit.full)
    const after = ran.length
    await plenty.call(relay, echo(), '', { deadlineMs: 1_000 })
    expect(ran.length).toBe(after)
    expect(plenty.relay().up).toBe(true)
    for (const peer of [member, plenty, federation.founder()]) {
      expect((await peer.audit.verify()).ok).toBe(true)
    }
  })
})
