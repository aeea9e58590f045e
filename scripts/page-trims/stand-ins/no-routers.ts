/**
 * Stands in for libp2p's peer routing, content routing and random walk, which ask the routers of a
 * public network (a DHT). A federation has none: its tabs know each other through the ledger and
 * their relay. Each answers as the original does without a router.
 *
 * @module
 */
interface Routing {
  readonly routers?: readonly unknown[]
}

function noRouters(name: string): Error {
  const error = new Error('No routers available')
  error.name = name
  return error
}

function refuseRouters(routing: Routing): void {
  if (routing.routers !== undefined && routing.routers.length > 0) {
    throw new Error('routers are left out of the page')
  }
}

export class DefaultPeerRouting {
  constructor(_components: unknown, routing: Routing = {}) {
    refuseRouters(routing)
  }

  async findPeer(): Promise<never> {
    throw noRouters('NoPeerRoutersError')
  }

  // biome-ignore lint/correctness/useYield: it fails on the first step, as the original does.
  async *getClosestPeers(): AsyncGenerator<never> {
    throw noRouters('NoPeerRoutersError')
  }
}

export class CompoundContentRouting {
  constructor(_components: unknown, routing: Routing) {
    refuseRouters(routing)
  }

  // biome-ignore lint/correctness/useYield: it fails on the first step, as the original does.
  async *findProviders(): AsyncGenerator<never> {
    throw noRouters('NoContentRoutersError')
  }

  async provide(): Promise<never> {
    throw noRouters('NoContentRoutersError')
  }

  async cancelReprovide(): Promise<never> {
    throw noRouters('NoContentRoutersError')
  }

  /** Nobody to hand it to, which the original does not take for a failure. */
  async put(): Promise<void> {}

  get(): Promise<never> {
    return Promise.any([])
  }
}

export class RandomWalk extends EventTarget {
  // biome-ignore lint/correctness/useYield: it fails on the first step, as the original does.
  async *walk(): AsyncGenerator<never> {
    throw noRouters('NoPeerRoutersError')
  }
}
