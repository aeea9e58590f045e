/**
 * The transport in Node.
 *
 * @example
 * ```ts
 * import { createNodeTransport } from '@folkmoot/transport/node'
 *
 * const transport = await createNodeTransport({
 *   signer,
 *   listen: ['/ip4/127.0.0.1/tcp/0/ws'],
 *   relay: {},
 *   gate: { allow: (peer) => (members.has(peer) ? 'member' : 'unknown') },
 *   randomness,
 * })
 * ```
 *
 * @module
 */
export { createNodeTransport, type NodeTransportInit } from './create-node-transport.ts'
