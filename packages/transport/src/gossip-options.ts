/**
 * gossipsub as this federation runs it: unsigned messages (each record carries its own envelope
 * signature), ids from content, and scores that a classroom survives.
 *
 * @module
 */
import { sha256 } from '@folkmoot/codec'
import type { GossipsubOpts } from '@libp2p/gossipsub'
import type { TransportLimits } from './presets.ts'

/** Far above any topic's bound: a frame over it makes gossipsub forget its sender. */
export const MAX_GOSSIP_FRAME = 4 * 1024 * 1024

/**
 * Six rejected messages: 0.5 × −20 × 6² = −360 before decay, well under the graylist. libp2p's
 * default time-in-mesh bonus (3600) would hide every penalty, and its mesh-delivery penalties
 * punish quiet topics.
 */
export const TOPIC_SCORE = {
  topicWeight: 0.5,
  timeInMeshWeight: 0.1,
  timeInMeshQuantum: 1_000,
  timeInMeshCap: 10,
  firstMessageDeliveriesWeight: 0.1,
  firstMessageDeliveriesDecay: 0.5,
  firstMessageDeliveriesCap: 10,
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.5,
  meshMessageDeliveriesCap: 100,
  meshMessageDeliveriesThreshold: 20,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 5_000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.5,
  invalidMessageDeliveriesWeight: -20,
  invalidMessageDeliveriesDecay: 0.9,
} as const

export function gossipOptions(limits: TransportLimits): Partial<GossipsubOpts> {
  return {
    globalSignaturePolicy: 'StrictNoSign',
    msgIdFn: (message) => sha256(message.data),
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    emitSelf: false,
    // A relayed tab must hear gossip too; its circuit is sized for it.
    runOnLimitedConnection: true,
    fallbackToFloodsub: false,
    doPX: false,
    floodPublish: true,
    heartbeatInterval: limits.heartbeatMs,
    maxInboundDataLength: MAX_GOSSIP_FRAME,
    maxOutboundBufferSize: 2 * MAX_GOSSIP_FRAME,
    scoreParams: {
      IPColocationFactorWeight: limits.colocationWeight,
      IPColocationFactorThreshold: 32,
    },
    scoreThresholds: {
      gossipThreshold: -40,
      publishThreshold: -80,
      graylistThreshold: -100,
      acceptPXThreshold: 10,
      opportunisticGraftThreshold: 1,
    },
  }
}
