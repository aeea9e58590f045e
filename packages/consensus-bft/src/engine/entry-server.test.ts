/** Who gets entries when, by hand. */
import type { PeerId } from '@folkmoot/identity'
import { testSigner } from '@folkmoot/identity/test-keys'
import { describe, expect, it } from 'vitest'
import { parseMessage } from '../core/messages.ts'
import { EntryServer } from './entry-server.ts'

const KIB = 1024
const peers: readonly PeerId[] = Array.from({ length: 10 }, (_, i) => testSigner(1 + i).peer)
const [a, b] = peers as [PeerId, PeerId]

/** A log of entries of one size; what is sent, and the pauses that are asked for. */
function place(entryBytes: number) {
  const sent: { readonly to: PeerId; readonly bytes: number }[] = []
  const pauses: { readonly delayMs: number; readonly end: () => void }[] = []
  const reads: number[] = []
  const server = new EntryServer({
    read: async (from) => {
      reads.push(from)
      return Array.from({ length: 20 }, () => new Uint8Array(entryBytes))
    },
    send: (to, message) => {
      expect(parseMessage(message).ok).toBe(true)
      sent.push({ to, bytes: message.length })
    },
    timers: {
      after: (delayMs, end) => {
        pauses.push({ delayMs, end })
        return () => {}
      },
      every: () => () => {},
    },
    failed: (cause) => {
      throw cause
    },
  })
  return { server, sent, pauses, reads }
}

const turns = () => new Promise((resolve) => setImmediate(resolve))

describe('whoever is behind', () => {
  it('is answered at once, with as much as a message holds', async () => {
    const { server, sent } = place(100 * KIB)
    server.ask(a, 1)
    await turns()
    expect(sent.map(({ to }) => to)).toEqual([a])
    expect(sent[0]!.bytes).toBeLessThanOrEqual(1_000 * KIB)
    expect(sent[0]!.bytes).toBeGreaterThan(800 * KIB)
  })

  it('waits for its turn, and of its questions the newest counts', async () => {
    const { server, sent, pauses, reads } = place(100 * KIB)
    for (let i = 1; i <= 50; i++) server.ask(a, i)
    server.ask(b, 7)
    for (let i = 0; i < 6; i++) {
      server.ask(a, 100 + i)
      await turns()
      pauses.shift()?.end()
    }
    expect(sent.slice(0, 4).map(({ to }) => to)).toEqual([a, a, b, a])
    expect(reads.slice(0, 3)).toEqual([1, 101, 7])
  })

  it('gets no more bytes than time has passed for, whoever else asks', async () => {
    const { server, sent, pauses } = place(100 * KIB)
    for (const peer of peers) server.ask(peer, 1)
    let waited = 0
    for (const i of peers.keys()) {
      await turns()
      expect(sent.length).toBe(i + 1)
      const pause = pauses.shift()!
      waited += pause.delayMs
      pause.end()
    }
    const bytes = sent.reduce((sum, each) => sum + each.bytes, 0)
    expect(bytes / waited).toBeLessThanOrEqual(16 * KIB)
  })

  it('hears nothing after the end', async () => {
    const { server, sent, pauses } = place(100 * KIB)
    server.ask(a, 1)
    server.ask(b, 1)
    await turns()
    server.stop()
    pauses.shift()!.end()
    await turns()
    expect(sent.length).toBe(1)
  })
})
