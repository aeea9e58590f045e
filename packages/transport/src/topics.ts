/**
 * Topics over gossipsub: bounded, rate-limited, judged before they are forwarded.
 *
 * @module
 */
import { FederationError, type Metrics } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { type GossipSub, type GossipsubMessage, TopicValidatorResult } from '@libp2p/gossipsub'
import { TOPIC_SCORE } from './gossip-options.ts'
import { createRateLimit } from './rate-limit.ts'
import type { Standing, TopicOptions } from './transport.ts'

/** Messages one forwarder may bring per second, and in a burst; beyond that they are ignored. */
const FORWARDER_PER_SECOND = 100
const FORWARDER_BURST = 400

export interface Topics {
  publish(topic: string, bytes: Uint8Array): Promise<void>
  subscribe(topic: string, options: TopicOptions): () => void
}

export interface TopicsInit {
  readonly gossip: GossipSub
  readonly allow: (peer: PeerId) => Standing
  readonly metrics: Metrics
}

/** The parts of gossipsub's class that its interface leaves out. */
interface ScoredGossip {
  readonly score: { readonly params: { readonly topics: Record<string, unknown> } }
}

export function createTopics(init: TopicsInit): Topics {
  const { gossip, allow, metrics } = init
  const subscribed = new Map<string, TopicOptions>()
  const rate = createRateLimit(FORWARDER_PER_SECOND, FORWARDER_BURST)

  async function judge(
    options: TopicOptions,
    forwarder: PeerId,
    bytes: Uint8Array,
  ): Promise<TopicValidatorResult> {
    // What depends on our view is ignored, never rejected: honest forwarders must not pay for it.
    if (allow(forwarder) !== 'member') return TopicValidatorResult.Ignore
    if (bytes.byteLength > options.maxBytes) return TopicValidatorResult.Reject
    if (!rate.take(forwarder, Date.now())) return TopicValidatorResult.Ignore
    try {
      return (await options.validate(bytes, forwarder)) as TopicValidatorResult
    } catch {
      return TopicValidatorResult.Ignore
    }
  }

  gossip.addEventListener('gossipsub:message', (event: CustomEvent<GossipsubMessage>) => {
    const { msg, propagationSource } = event.detail
    subscribed.get(msg.topic)?.deliver(msg.data, propagationSource.toString() as PeerId)
  })

  return {
    async publish(topic, bytes) {
      const limit = subscribed.get(topic)?.maxBytes
      if (limit !== undefined && bytes.byteLength > limit) {
        throw new FederationError('transport/too-large', `${bytes.byteLength} bytes on ${topic}`)
      }
      await gossip.publish(topic, bytes)
      metrics.count('folkmoot_transport_published_total')
    },
    subscribe(topic, options) {
      subscribed.set(topic, options)
      // A topic without its own parameters costs a peer nothing, whatever it sends.
      const { topics } = (gossip as unknown as ScoredGossip).score.params
      topics[topic] = { ...TOPIC_SCORE }
      gossip.topicValidators.set(topic, async (forwarder, message) => {
        const verdict = await judge(options, forwarder.toString() as PeerId, message.data)
        metrics.count('folkmoot_transport_gossip_total', { verdict })
        return verdict
      })
      gossip.subscribe(topic)
      return () => {
        if (subscribed.get(topic) !== options) return
        subscribed.delete(topic)
        gossip.topicValidators.delete(topic)
        gossip.unsubscribe(topic)
      }
    },
  }
}
