/**
 * Builds a {@link Platform} from this browser's own stores.
 *
 * @module
 */
import { type Logger, silentLogger, silentMetrics } from '@folkmoot/base'
import { createWebSandbox } from '@folkmoot/sandbox/web'
import {
  openDatabase,
  signerFromSeed,
  webClock,
  webRandomness,
  webTimers,
  webVerifier,
} from '@folkmoot/storage/web'
import { createWebTransport } from '@folkmoot/transport/web'
import type { Platform } from '../platform.ts'

export interface WebPlatformInit {
  /** Name of the IndexedDB database; one per federation. */
  readonly database: string
  /** Where the sandbox's frame is served. */
  readonly frameUrl: string
  /** Whether this browser has WebRTC. */
  readonly webrtc: boolean
  /** URLs of STUN servers that the operator named; without any none is asked. */
  readonly stun: readonly string[]
  readonly logger?: Logger
  /** Called when the database was closed or deleted under us. */
  readonly onLost?: () => void
}

export interface WebPlatform extends Platform {
  /** Deletes key, logs, blocks and entries, for ever; after `close`. */
  readonly destroy: () => Promise<void>
}

/** @throws FederationError the codes of `openDatabase` */
export async function webPlatform(init: WebPlatformInit): Promise<WebPlatform> {
  const state = await openDatabase(
    init.database,
    init.onLost === undefined ? {} : { onLost: init.onLost },
  )
  const signer = await state.keys.signer()
  const sandbox = createWebSandbox({ frameUrl: init.frameUrl, preload: true })
  return {
    signer,
    signerFromSeed,
    verifier: await webVerifier(),
    randomness: webRandomness(),
    clock: webClock,
    timers: webTimers,
    logger: init.logger ?? silentLogger,
    metrics: silentMetrics,
    store: state.store,
    log: (name) => state.log(name),
    blocks: state.blocks,
    consensus: () => state.consensus(),
    engines: ['bft'],
    sandbox,
    transport: (request) =>
      createWebTransport({
        signer: request.signer,
        relays: request.relays,
        webrtc: init.webrtc,
        iceServers: init.stun.length === 0 ? [] : [{ urls: [...init.stun] }],
        preset: request.preset,
        gate: { allow: request.allow },
        randomness: request.randomness,
        log: request.log,
        metrics: request.metrics,
      }),
    close: async () => {
      await sandbox.close()
      await state.close()
    },
    destroy: () => state.destroy(),
  }
}
