/**
 * A peer's platform in a browser tab: IndexedDB, a key that cannot be exported, a sandboxed frame,
 * WebSockets and WebRTC.
 *
 * @example
 * ```ts
 * import { createPeer } from '@folkmoot/federation'
 * import { webPlatform } from '@folkmoot/federation/web'
 *
 * const platform = await webPlatform({ database: 'folkmoot', frameUrl: '/sandbox.html', webrtc: true })
 * const peer = await createPeer({ platform, charter, role: { kind: 'member', relays } })
 * ```
 *
 * @module
 */
export { type WebPlatform, type WebPlatformInit, webPlatform } from './web-platform.ts'
