/**
 * A peer's platform in Node: a state folder that one process locks, node:crypto, worker threads,
 * TCP and WebSockets.
 *
 * @example
 * ```ts
 * import { createPeer } from '@folkmoot/federation'
 * import { nodePlatform } from '@folkmoot/federation/node'
 *
 * const platform = await nodePlatform({ state: './state', listen: ['/ip4/127.0.0.1/tcp/0'] })
 * const peer = await createPeer({ platform, charter, role: { kind: 'member', relays } })
 * ```
 *
 * @module
 */
export { type NodePlatformInit, nodePlatform } from './node-platform.ts'
