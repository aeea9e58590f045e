/**
 * Which module is replaced by which file of `stand-ins/`; each file says why that is safe.
 *
 * @module
 */
export interface StandIn {
  /** In `stand-ins/`. */
  readonly file: string
  /** Its export that replaces the module's default export. */
  readonly default?: string
}

const keys = '@libp2p/crypto/dist/src/keys'
const foreignKey = { file: 'foreign-key.ts' }
const noRouters = { file: 'no-routers.ts' }
const noMappings = { file: 'no-mappings.ts' }
const noFounder = { file: 'no-founder.ts' }

/** By path inside `node_modules` or inside this repository. */
export const standIns: Readonly<Record<string, StandIn>> = {
  '@libp2p/logger/dist/src/index.js': { file: 'logger.ts' },
  [`${keys}/rsa/der.js`]: foreignKey,
  [`${keys}/rsa/index.browser.js`]: foreignKey,
  [`${keys}/rsa/utils.js`]: foreignKey,
  [`${keys}/ecdsa/ecdsa.js`]: foreignKey,
  [`${keys}/ecdsa/index.js`]: foreignKey,
  [`${keys}/ecdsa/utils.js`]: foreignKey,
  [`${keys}/secp256k1/index.browser.js`]: foreignKey,
  [`${keys}/secp256k1/utils.js`]: foreignKey,
  '@libp2p/circuit-relay-v2/dist/src/transport/discovery.js': { file: 'no-discovery.ts' },
  '@libp2p/utils/dist/src/filters/scalable-cuckoo-filter.js': { file: 'seen-set.ts' },
  'libp2p/dist/src/connection-manager/resolvers/dnsaddr.js': { file: 'no-dns.ts' },
  'libp2p/dist/src/content-routing.js': noRouters,
  'libp2p/dist/src/peer-routing.js': noRouters,
  'libp2p/dist/src/random-walk.js': noRouters,
  'libp2p/dist/src/address-manager/dns-mappings.js': noMappings,
  'libp2p/dist/src/address-manager/ip-mappings.js': noMappings,
  '@libp2p/noise/dist/src/logger.js': { file: 'no-key-log.ts' },
  'mortice/dist/src/browser.js': { file: 'no-workers.ts', default: 'listenToNobody' },
  'multiformats/dist/src/bases/base256emoji.js': { file: 'no-emoji.ts' },
  'protons-runtime/dist/src/index.js': { file: 'small-protobuf.ts' },
  'p-retry/index.js': { file: 'try-once.ts', default: 'tryOnce' },
  'denque/index.js': { file: 'plain-queue.ts', default: 'PlainQueue' },
  '@multiformats/multiaddr-to-uri/dist/src/index.js': { file: 'web-socket-uri.ts' },
  '@chainsafe/netmask/dist/src/index.js': { file: 'global-unicast.ts' },
  'netmask/dist/netmask.js': { file: 'ip4-range.ts' },
  'packages/consensus/src/solo/leader.ts': noFounder,
  'packages/federation/src/join/admit-members.ts': noFounder,
  'packages/federation/src/ledger/found-once.ts': noFounder,
  'packages/federation/src/studies/keep-study-blocks.ts': noFounder,
  'packages/federation/src/agreement/raft-engine.ts': { file: 'no-raft.ts' },
}
