/**
 * One member in a process of its own: libp2p, a state folder with synced log and votes, an engine,
 * and a TCP port where clients hand in operations. Steered by its parent over IPC.
 *
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromHex, toHex } from '@folkmoot/codec'
import { makeVoterSet } from '@folkmoot/consensus'
import { createBftLog, voteKeyName } from '@folkmoot/consensus-bft'
import { createRaftLog } from '@folkmoot/consensus-raft'
import { createChecker, createSigner, type PeerId, peerIdOf, publicKeyOf } from '@folkmoot/identity'
import {
  nodeClock,
  nodeRandomness,
  nodeTimers,
  nodeVerifier,
  openKeyFile,
  openStateFolder,
} from '@folkmoot/storage/node'
import { createNodeTransport } from '@folkmoot/transport/node'
import { createHashChain } from './hash-chain.ts'
import { memberNetwork } from './member-network.ts'
import { readRequests } from './operation-line.ts'

/** What the parent is told first. */
export interface Here {
  readonly peer: string
  /** Hex. */
  readonly voteKey: string
  readonly address: string
}

export interface Go {
  readonly members: readonly Here[]
  /** Added to each message on its way, in ms. */
  readonly delayMs: number
  readonly engine: 'bft' | 'raft'
}

export interface Counts {
  readonly sent: number
  readonly verified: number
  readonly height: number
  /** Who leads the current view. */
  readonly leader: string
  /** Processor time of this process so far, in ms. */
  readonly cpuMs: number
}

export type Answer =
  | { readonly type: 'here'; readonly here: Here }
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'counts'; readonly counts: Counts }

const say = (answer: Answer) => process.send!(answer)
const folder = await mkdtemp(join(tmpdir(), 'folkmoot-agreement-'))
const state = await openStateFolder(folder)
const database = state.consensus()
const signer = await openKeyFile(join(folder, 'key.pem'))
const me = peerIdOf(signer.publicKey)
const { publicKey } = await database.createKey(voteKeyName(1))
const transport = await createNodeTransport({
  signer,
  listen: ['/ip4/127.0.0.1/tcp/0'],
  gate: { allow: () => 'member' },
  randomness: nodeRandomness(),
})
say({
  type: 'here',
  here: { peer: me, voteKey: toHex(publicKey), address: transport.addresses()[0]! },
})

const { members, delayMs, engine } = await new Promise<Go>((resolve) =>
  process.once('message', resolve),
)
const others = members.filter(({ peer }) => peer !== me)
for (const { peer, address } of others) if (me < peer) await transport.dial(address)
while (new Set(transport.links().map((link) => link.peer)).size < others.length) {
  await new Promise((resolve) => setTimeout(resolve, 20))
}

const made = makeVoterSet({
  epoch: 1,
  engine,
  crossOrg: false,
  voters: members.map(({ peer, voteKey }) => ({
    peer: peer as PeerId,
    org: peer,
    // Receipts of Raft are signed by the members' own keys.
    voteKey: engine === 'raft' ? publicKeyOf(peer as PeerId) : fromHex(voteKey),
  })),
})
if (!made.ok) throw new Error(made.fault.message)
const checker = createChecker(nodeVerifier())
let verified = 0
const network = memberNetwork(
  transport,
  others.map(({ peer }) => peer as PeerId),
  delayMs,
)
const common = {
  facts: {
    instance: '5a'.repeat(32),
    founder: members[0]!.peer as PeerId,
    crossOrg: false,
    firstSet: made.set,
  },
  checker: {
    verify: (...asked: Parameters<typeof checker.verify>) => {
      verified += 1
      return checker.verify(...asked)
    },
  },
  application: createHashChain(),
  log: await state.log('ledger'),
  database,
  network,
  clock: nodeClock,
  timers: nodeTimers,
}
const opened = await (engine === 'bft' ? openBft() : openRaft())
const { log } = opened

async function openBft() {
  const bft = await createBftLog({ ...common, me })
  return { log: bft, leader: () => bft.status().leader as string }
}

async function openRaft() {
  const raft = await createRaftLog({ ...common, signer: createSigner(signer) })
  return { log: raft, leader: () => raft.peek().leader ?? '' }
}

let submitted = 0
const server = createServer((socket: Socket) => {
  socket.setNoDelay(true)
  readRequests(socket, (operation, answer) => {
    submitted += 1
    log.submit(operation, { id: `${me.slice(-8)}-${submitted}` }).then(
      () => answer(true),
      () => answer(false),
    )
  })
})
server.listen(0, '127.0.0.1', () => {
  say({ type: 'ready', port: (server.address() as { port: number }).port })
})
process.on('message', () => {
  const { height } = log.status()
  const leader = opened.leader()
  const { user, system } = process.cpuUsage()
  const cpuMs = (user + system) / 1_000
  say({ type: 'counts', counts: { sent: network.sent, verified, height, leader, cpuMs } })
})
process.once('disconnect', () => {
  void (async () => {
    await log.close()
    await transport.stop()
    await state.close()
    await rm(folder, { recursive: true, force: true })
    process.exit(0)
  })()
})
