/**
 * Builds a {@link Platform} from a state folder.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { type Logger, type Metrics, silentLogger, silentMetrics } from '@folkmoot/base'
import { createNodeSandbox } from '@folkmoot/sandbox/node'
import {
  nodeClock,
  nodeRandomness,
  nodeTimers,
  nodeVerifier,
  openKeyFile,
  openStateFolder,
  signerFromSeed,
} from '@folkmoot/storage/node'
import type { RelayLimits } from '@folkmoot/transport'
import { createNodeTransport } from '@folkmoot/transport/node'
import type { Platform } from '../platform.ts'

export interface NodePlatformInit {
  /** The state folder; made with mode 0700 where it is absent. */
  readonly state: string
  /** Multiaddrs to listen on; port 0 takes a free one. */
  readonly listen: readonly string[]
  /** What to tell others instead of the listening addresses, behind a proxy. */
  readonly announce?: readonly string[]
  /** A reverse proxy stands before the WebSocket ports and says whom it speaks for. */
  readonly behindProxy?: boolean
  /** Present where this peer serves as a circuit relay; what it leaves out is the preset's. */
  readonly relay?: RelayLimits
  /** Size at which the block store is full; default 2 GiB. */
  readonly blockQuotaBytes?: number
  /** Run other people's code here; default true. */
  readonly sandbox?: boolean
  readonly logger?: Logger
  readonly metrics?: Metrics
  /** Answers plain HTTP on the WebSocket ports, so that page and relay share one. */
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void
}

/** @throws FederationError the codes of `openStateFolder` and `openKeyFile` */
export async function nodePlatform(init: NodePlatformInit): Promise<Platform> {
  const { blockQuotaBytes: quotaBytes } = init
  const folder = await openStateFolder(
    init.state,
    quotaBytes === undefined ? {} : { blocks: { quotaBytes } },
  )
  try {
    const signer = await openKeyFile(join(init.state, 'key.pem'))
    const sandbox = init.sandbox === false ? null : createNodeSandbox()
    const logger = init.logger ?? silentLogger
    const metrics = init.metrics ?? silentMetrics
    return {
      signer,
      signerFromSeed,
      verifier: nodeVerifier(),
      randomness: nodeRandomness(),
      clock: nodeClock,
      timers: nodeTimers,
      logger,
      metrics,
      store: folder.store,
      log: (name) => folder.log(name),
      blocks: folder.blocks,
      consensus: async () => folder.consensus(),
      engines: ['bft', 'raft'],
      sandbox,
      transport: (request) =>
        createNodeTransport({
          signer: request.signer,
          listen: init.listen,
          ...(init.announce === undefined ? {} : { announce: init.announce }),
          ...(init.relay === undefined ? {} : { relay: init.relay }),
          behindProxy: init.behindProxy === true,
          ...(init.onRequest === undefined ? {} : { onRequest: init.onRequest }),
          relays: request.relays,
          preset: request.preset,
          gate: { allow: request.allow },
          randomness: request.randomness,
          log: request.log,
          metrics: request.metrics,
        }),
      close: async () => {
        await sandbox?.close()
        await folder.close()
      },
    }
  } catch (error) {
    await folder.close()
    throw error
  }
}
