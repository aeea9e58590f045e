/**
 * Stands in for the search for relays in `@libp2p/circuit-relay-v2`, which begins when a node
 * listens on `/p2p-circuit`, on whatever relay there is. A tab reserves on the relays of its
 * invitation only; the relay keeper asks for those by name.
 *
 * @module
 */
export class RelayDiscovery extends EventTarget {
  start(): void {}

  stop(): void {}

  startDiscovery(): never {
    throw new Error('the search for relays is left out of the page')
  }

  stopDiscovery(): void {}
}
