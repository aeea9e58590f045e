/**
 * Many Node members in one process, all behind the address of this machine: each with a key, a
 * state folder and a transport of its own.
 *
 *   node crowd-process.ts <invitation link> <count> <folder>
 *
 * Says one JSON line when all have joined, then what each of them knows, once a second. A line on
 * stdin: `announce` makes each say something new about itself, `leave <n>` stops one of them.
 *
 * @module
 */
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createPeer, type Peer } from '@folkmoot/federation'
import { nodePlatform } from '@folkmoot/federation/node'
import { createChecker, decodeInviteFragment, openInvitation } from '@folkmoot/identity'
import { nodeVerifier } from '@folkmoot/storage/node'

/** What one member of the crowd says of itself. */
export interface CrowdMember {
  readonly me: string
  /** Whom it hears of and how; itself included. */
  readonly present: Readonly<Record<string, { readonly status: string; readonly worker: boolean }>>
  /** Results that it holds of the newest study. */
  readonly results: number
  readonly height: number
  readonly linked: boolean
}

const [link = '', count = '1', folder = ''] = process.argv.slice(2)

async function start(): Promise<Peer[]> {
  const decoded = decodeInviteFragment(link)
  if (!decoded.ok) throw new Error(decoded.fault.message)
  const { invitation: bytes, seed } = decoded
  const opened = await openInvitation(createChecker(nodeVerifier()), bytes)
  if (!opened.ok) throw new Error(opened.fault.message)
  const answer = await fetch(new URL('/charter', link))
  const charter = new Uint8Array(await answer.arrayBuffer())
  // All at once, as a class opens a link.
  return Promise.all(
    Array.from({ length: Number(count) }, async (_, at) =>
      createPeer({
        platform: await nodePlatform({
          state: join(folder, `member-${at}`),
          listen: ['/ip4/127.0.0.1/tcp/0'],
          sandbox: false,
        }),
        charter,
        nickname: `node-${at}`,
        role: {
          kind: 'member',
          relays: opened.invitation.relays,
          invitation: { bytes, seed },
        },
      }),
    ),
  )
}

function describe(peer: Peer): CrowdMember {
  const room = peer.studies.rooms().at(-1)
  return {
    me: peer.me,
    present: Object.fromEntries(
      peer.present().map(({ peer: id, status, worker }) => [id, { status, worker }]),
    ),
    results: room?.results.size ?? 0,
    height: peer.ledger.status().height,
    linked: peer.relay().up,
  }
}

const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`)

const peers = await start()
let working = false
say({ joined: peers.map(({ me }) => me) })
const timer = setInterval(() => say({ members: peers.map(describe) }), 1_000)

for await (const line of createInterface({ input: process.stdin })) {
  const [order, argument] = line.split(' ')
  if (order === 'announce') {
    working = !working
    for (const peer of peers) peer.setWorking(working)
  }
  if (order === 'leave') await peers.splice(Number(argument), 1)[0]?.stop()
}
clearInterval(timer)
await Promise.all(peers.map((peer) => peer.stop()))
