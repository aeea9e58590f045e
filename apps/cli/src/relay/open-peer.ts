/**
 * Opens a relay's peer on ports that are free: found first, taken a moment later, and found anew
 * where another program, such as a relay that starts at the same time, was faster.
 *
 * @module
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errorCode, type Logger } from '@folkmoot/base'
import { createPeer, type Peer, type Platform } from '@folkmoot/federation'
import { nodePlatform } from '@folkmoot/federation/node'
import type { Config } from '../config/resolve-config.ts'
import type { Output } from '../output.ts'
import { foundFederation } from './found-federation.ts'
import { freePort } from './free-port.ts'
import { type JoinedFederation, joinFederation } from './join-federation.ts'
import { announcedAddresses } from './reachable-at.ts'
import type { createRelayMetrics } from './relay-metrics.ts'

export interface OpenPeerInit {
  readonly config: Config
  readonly output: Output
  readonly logger: Logger
  readonly metrics: ReturnType<typeof createRelayMetrics>
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void
}

export interface OpenedPeer {
  readonly peer: Peer
  readonly platform: Platform
  /** Null where this relay founded its federation. */
  readonly joined: JoinedFederation | null
  /** Of the page. */
  readonly port: number
}

/** How often ports are found anew: as many as relays may start at once without one giving up. */
const maxTries = 10

/** A person named the port, so another one would surprise. */
function isNamed(config: Config, name: string): boolean {
  return config.explained.some((each) => each.name === name && !each.source.startsWith('preset'))
}

/** @throws FederationError `cli/port`, `transport/listen`, and whatever opening the peer throws */
export async function openPeer(init: OpenPeerInit): Promise<OpenedPeer> {
  const { config } = init
  for (let tries = 1; ; tries++) {
    const port = await freePort(config.host, config.port, isNamed(config, 'port'))
    const strict = isNamed(config, 'tcpPort')
    const tcpPort = await freePort(config.host, config.tcpPort, strict, [port])
    try {
      const opened = await openOn(init, port, tcpPort)
      tellTaken(init.output, 'page', config.port, port)
      tellTaken(init.output, 'libp2p', config.tcpPort, tcpPort)
      return { ...opened, port }
    } catch (error) {
      if (errorCode(error) !== 'transport/listen' || tries === maxTries) throw error
    }
  }
}

/** Listens on loopback; returns the port. @throws FederationError `cli/port` */
export async function listenForAdmin(
  admin: Server,
  { config, output }: Pick<OpenPeerInit, 'config' | 'output'>,
): Promise<number> {
  const host = '127.0.0.1'
  for (let tries = 1; ; tries++) {
    const port = await freePort(host, config.adminPort, isNamed(config, 'adminPort'))
    try {
      await new Promise<void>((resolve, reject) => {
        admin.once('error', reject)
        admin.listen(port, host, () => {
          admin.off('error', reject)
          resolve()
        })
      })
      tellTaken(output, 'admin', config.adminPort, port)
      return (admin.address() as AddressInfo).port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tries === maxTries) throw error
    }
  }
}

function tellTaken(output: Output, what: string, wanted: number, port: number): void {
  if (wanted !== port) output.note(`port ${wanted} is taken: ${what} is on ${port}`)
}

async function openOn(
  { config, logger, metrics, onRequest }: OpenPeerInit,
  port: number,
  tcpPort: number,
): Promise<Omit<OpenedPeer, 'port'>> {
  const announce = announcedAddresses(config)
  const platform = await nodePlatform({
    state: config.state,
    listen: [`/ip4/${config.host}/tcp/${port}/ws`, `/ip4/${config.host}/tcp/${tcpPort}`],
    ...(announce === null ? {} : { announce }),
    behindProxy: config.public.startsWith('https:'),
    relay: {
      maxReservations: config.maxReservations,
      circuitBytes: config.circuitBytes,
      circuitMs: config.circuitMs,
    },
    blockQuotaBytes: config.blockQuotaBytes,
    logger,
    metrics,
    onRequest,
  })
  try {
    const joined = await joinFederation(platform, config)
    const peer = await createPeer({
      platform,
      charter: joined?.charter ?? (await foundFederation(platform, config)),
      role: joined?.role ?? { kind: 'founder' },
      nickname: config.nickname,
      announce: true,
      auditQuotaBytes: config.auditQuotaBytes,
    })
    return { peer, platform, joined }
  } catch (error) {
    await platform.close()
    throw error
  }
}
