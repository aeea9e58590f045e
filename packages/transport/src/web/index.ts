/**
 * The transport in a browser tab.
 *
 * @example
 * ```ts
 * import { createWebTransport } from '@folkmoot/transport/web'
 *
 * const transport = await createWebTransport({
 *   signer,
 *   relays: ['/dns4/relay.example/tcp/443/tls/ws/p2p/12D3KooW…'],
 *   webrtc: typeof RTCPeerConnection === 'function',
 *   gate: { allow: (peer) => (members.has(peer) ? 'member' : 'unknown') },
 *   randomness,
 * })
 * transport.setPeers([...members])
 * ```
 *
 * @module
 */
export { createWebTransport, type WebTransportInit } from './create-web-transport.ts'
