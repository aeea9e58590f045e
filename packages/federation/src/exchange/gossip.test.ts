import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { echo, openToMembers } from '../../test/capabilities.ts'
import type { AnyCapability, Capability } from '../capability.ts'
import type { Peer } from '../peer.ts'
import { studyResult } from '../services.ts'

const topic = 'test/news'
const news = echo({ name: 'test.news' }) as AnyCapability as Capability<string, null>

describe('gossip', () => {
  let federation: LoopbackFederation
  let ann: Peer
  let bob: Peer
  const heard: string[] = []
  const relay = () => federation.founder()

  beforeAll(async () => {
    federation = await startLoopbackFederation()
    ;[ann, bob] = (await Promise.all([federation.join(), federation.join()])) as [Peer, Peer]
    for (const peer of [ann, bob, relay()]) {
      peer.exchange.hear(
        topic,
        news,
        async (word) => {
          if (peer === relay()) heard.push(word)
          return { ok: true }
        },
        (word) =>
          word.startsWith('not')
            ? { ok: false, fault: { code: 'test/unwanted', message: 'no' } }
            : { ok: true },
      )
    }
    await waitUntil('gossip arrives', async () => {
      await ann.exchange.tell(topic, news, 'hello', 60_000)
      return heard.length > 0
    })
  })
  afterAll(() => federation.stop())

  const last = async (word: string) => {
    await waitUntil('the last word arrives', async () => {
      await bob.exchange.tell(topic, news, word, 60_000)
      return heard.includes(word)
    })
  }

  it('takes no place of a capability that can be called', async () => {
    const few = echo({ name: 'test.few' })
    relay().exchange.expose({
      capability: few,
      exposure: { ...openToMembers, maxConcurrent: 2 },
      handler: async (output) => ({ ok: true, output }),
    })
    for (let at = 0; at < 5; at++) {
      await ann.exchange.tell(topic, few as AnyCapability as typeof news, `${at}`, 60_000)
    }
    await last('after the misnamed')
    expect(await bob.call(relay().me, few, 'free')).toEqual({ ok: true, output: 'free' })
  })

  it('answers a call of what is told, not asked, as if it did not exist', async () => {
    const answers = []
    for (const name of [studyResult.name, 'test.never-there']) {
      answers.push(await ann.call(relay().me, echo({ name }), 'hello'))
    }
    expect(answers[0]).toEqual({
      ok: false,
      fault: { code: 'policy/not-exposed', message: 'not exposed to you' },
    })
    expect(answers[1]).toEqual(answers[0])
  })

  it('is logged by its hash, and not at all where its listener wants none of it', async () => {
    await ann.exchange.tell(topic, news, 'not wanted', 60_000)
    await last('after the unwanted')
    expect(heard).not.toContain('not wanted')
    for await (const entry of relay().audit.query()) {
      if (entry.capability !== news.name || entry.action === 'refusal') continue
      if (entry.phase !== 'intent') continue
      expect(entry.contentHash).not.toBeNull()
      expect(entry.content).toBeUndefined()
    }
  })

  it('is bounded for each author, and others are heard all the same', async () => {
    const before = heard.length
    await Promise.all(
      Array.from({ length: 1_000 }, (_, at) => ann.exchange.tell(topic, news, `${at}`, 60_000)),
    )
    await last('after the flood')
    expect(heard.length - before).toBeLessThan(900)
  })
})
