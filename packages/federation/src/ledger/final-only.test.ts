/** Whoever reads the shared state sees what is final and durable, under each engine. */
import type { AppendLog } from '@folkmoot/base'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterEach, expect, it } from 'vitest'
import type { Platform } from '../platform.ts'

let federation: LoopbackFederation
let letGo = () => {}
afterEach(async () => {
  letGo()
  await federation.stop()
})

/** A machine whose ledger takes its time: each append waits until the disk is let go. */
function slowDisk() {
  const disk = { waiting: 0, free: Promise.resolve() }
  const replace = (platform: Platform): Platform => ({
    ...platform,
    log: async (name) => {
      const log = await platform.log(name)
      if (name !== 'ledger') return log
      return {
        get length() {
          return log.length
        },
        recovery: log.recovery,
        append: async (records) => {
          disk.waiting += 1
          await disk.free
          disk.waiting -= 1
          return log.append(records)
        },
        read: log.read,
        close: log.close,
      } satisfies AppendLog
    },
  })
  return { disk, replace }
}

it.each(['solo', 'bft', 'raft'] as const)(
  'what %s has executed and not yet written is in no view of it',
  async (engine) => {
    const { disk, replace } = slowDisk()
    federation = await startLoopbackFederation({ engine, relayPlatform: replace })
    const founder = federation.founder()
    const { height } = founder.ledger.status()
    const known = founder.ledger.state.state().invitations.size
    disk.free = new Promise((resolve) => {
      letGo = resolve
    })
    const invited = founder.invite({
      uses: 1,
      validMs: 60_000,
      role: 'member',
      cohort: 'test',
      relays: federation.relays(),
    })
    await waitUntil('the entry is on its way to the disk', () => disk.waiting > 0)
    expect(founder.ledger.status().height).toBe(height)
    expect(founder.ledger.state.state().invitations.size).toBe(known)
    const seen: number[] = []
    founder.ledger.onFinal(() => seen.push(founder.ledger.state.state().invitations.size))
    letGo()
    await invited
    expect(seen[0]).toBe(known + 1)
    expect(founder.ledger.status().height).toBe(height + 1)
  },
)
