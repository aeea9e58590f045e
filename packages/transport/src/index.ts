/**
 * The network as the rest of Folkmoot sees it. The nodes are in `/node` and `/web`.
 *
 * @example
 * ```ts
 * import { createBlockExchange, openSessions } from '@folkmoot/transport'
 *
 * const sessions = openSessions({ transport, hello: () => receipt, onHello, onFrame })
 * await sessions.send(peer, envelope)
 * const blocks = createBlockExchange({ transport, blocks: store })
 * const code = await blocks.get(id, [tab, relay], AbortSignal.timeout(10_000))
 * ```
 *
 * @module
 */
export {
  type BlockExchange,
  type BlockExchangeInit,
  createBlockExchange,
} from './block-exchange.ts'
export {
  type CallSession,
  openSessions,
  type Sessions,
  type SessionsInit,
} from './call-session.ts'
export type { TransportCode } from './codes.ts'
export {
  createFrameDecoder,
  DEFAULT_MAX_FRAME,
  encodeFrame,
  type FrameDecoder,
} from './frame-codec.ts'
export {
  type RelayLimits,
  resolveLimits,
  type TransportLimits,
  type TransportPreset,
} from './presets.ts'
export { peerOfAddress } from './relay-keeper.ts'
export { CALL_PROTOCOL, SYNC_PROTOCOL } from './stream-gate.ts'
export type {
  FrameStream,
  HandleOptions,
  Link,
  LinkKind,
  Standing,
  TopicOptions,
  Transport,
} from './transport.ts'
