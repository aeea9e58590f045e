/** A relay's process under strangers: joins by the thousand, noise, and connections that say nothing. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode, encode } from '@folkmoot/codec'
import {
  createChecker,
  createSigner,
  decodeInviteFragment,
  openInvitation,
  sealInvitation,
  sealRedemption,
} from '@folkmoot/identity'
import { nodeRandomness, nodeVerifier, signerFromSeed } from '@folkmoot/storage/node'
import { waitUntil } from '@folkmoot/testing'
import type { Transport } from '@folkmoot/transport'
import { createNodeTransport } from '@folkmoot/transport/node'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Status } from '../admin-api.ts'
import { verifyAudit } from '../verify-audit.ts'
import { type Spoken, spawnRelay, speak, writePenguins } from './spawn-relay.ts'

const member = join(
  import.meta.dirname,
  '../../../../packages/federation/test/work-until-killed.ts',
)
const attemptsEach = process.env.FOLKMOOT_LONG === '1' ? 5_000 : 500
const strangers = 4

let folder: string
let running: Spoken[]
let transports: Transport[]
let sockets: Socket[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  running = []
  transports = []
  sockets = []
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  for (const each of running) if (!each.exited()) each.kill('SIGKILL')
  await Promise.all(running.map((each) => each.exit))
  await Promise.all(transports.map((transport) => transport.stop()))
  await rm(folder, { recursive: true, force: true })
})

const seedOf = () => new Uint8Array(randomBytes(32))
async function strangerAt(address: string) {
  const raw = await signerFromSeed(seedOf())
  const transport = await createNodeTransport({
    signer: raw,
    listen: [],
    preset: 'test',
    gate: { allow: () => 'member' },
    randomness: nodeRandomness(),
  })
  transports.push(transport)
  // Its own noise may have used up what one address may open in a second.
  await waitUntil('it is connected', () =>
    transport.dial(address).then(
      () => true,
      () => false,
    ),
  )
  return { transport, signer: createSigner(raw) }
}

/** Resident memory of a process, in MiB. */
async function memoryOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1_024
}

it('serves members while strangers do their worst', { timeout: 600_000 }, async () => {
  const study = await writePenguins(join(folder, 'study'), {
    units: 6,
    permutationsPerUnit: 20_000,
  })
  // What a relay on the internet has: its limits are the ones that must hold.
  const relay = spawnRelay(join(folder, 'relay'), [
    ...['--preset', 'production', '--port', '0', '--tcp-port', '0', '--admin-port', '0'],
    ...['--study', study, '--worker', '1', '--worker-share', '1'],
  ])
  running.push(relay)
  const { invite, page, federation } = await relay.ready()
  const status = await relay.admin<Status>('/v1/status')
  const address = status.addresses.find((each) => !each.includes('/ws'))!
  const ports = status.addresses.map((each) => Number(/\/tcp\/(\d+)/.exec(each)![1]))
  const link = decodeInviteFragment(invite)
  if (!link.ok) throw new Error(link.fault.message)
  const opened = await openInvitation(createChecker(nodeVerifier()), link.invitation)
  if (!opened.ok) throw new Error(opened.fault.message)
  const before = await memoryOf(relay.pid)

  // Sockets that connect and say nothing, or noise.
  for (let at = 0; at < 60; at++) {
    const socket = connect(ports[at % ports.length]!, '127.0.0.1')
    socket.on('error', () => {})
    if (at % 3 === 1) socket.write(randomBytes(2_000))
    if (at % 3 === 2) socket.write('GET / HTTP/1.1\r\nhost: ')
    sockets.push(socket)
  }

  const answers = new Map<string, number>()
  const ask = async (transport: Transport, frame: Uint8Array): Promise<string> => {
    const relayId = address.split('/').at(-1) as never
    const stream = await transport.open(relayId, '/folkmoot/join/1')
    try {
      await stream.send(frame)
      for await (const bytes of stream.frames()) {
        const reply = decode(bytes)
        return reply.ok ? ((reply.value as { code?: string }).code ?? 'admitted') : 'unreadable'
      }
      return 'nothing'
    } finally {
      stream.abort(new Error('done'))
    }
  }
  const request = (redeem: unknown, change = {}) =>
    encode({
      v: 1,
      protocol: 1,
      nickname: 'x',
      role: 'member',
      now: Date.now(),
      redeem,
      ...change,
    })

  const attack = async () => {
    const { transport, signer } = await strangerAt(address)
    const key = createSigner(await signerFromSeed(seedOf()))
    const forged = await sealInvitation(signer, { ...opened.invitation, key: key.publicKey })
    const redemption = await sealRedemption(key, {
      invitation: opened.id,
      fed: federation,
      peer: signer.peer,
    })
    // A redemption that was made for somebody else: seen on the way, and tried again.
    const holder = createSigner(await signerFromSeed(link.seed))
    const seen = await sealRedemption(holder, {
      invitation: opened.id,
      fed: federation,
      peer: status.peerId as never,
    })
    const frames = [
      new Uint8Array(randomBytes(200)),
      new Uint8Array(0),
      request(null),
      request(null, { protocol: 99 }),
      request(null, { extra: 1 }),
      request({ invitation: new Uint8Array(randomBytes(300)), redemption }),
      request({ invitation: forged, redemption }),
      request({ invitation: link.invitation, redemption }),
      request({ invitation: link.invitation, redemption: seen }),
      request({ invitation: link.invitation, redemption: new Uint8Array(200) }),
    ]
    for (let at = 0; at < attemptsEach; at++) {
      const code = await ask(transport, frames[at % frames.length]!).catch(async (error) => {
        // Hung up on: a stranger comes again.
        await transport.dial(address).catch(() => {})
        return String(error.code ?? error)
      })
      answers.set(code, (answers.get(code) ?? 0) + 1)
    }
    // Streams that never say anything.
    for (const protocol of ['/folkmoot/join/1', '/folkmoot/call/1']) {
      await transport.open(address.split('/').at(-1) as never, protocol).catch(() => {})
    }
  }
  const attacking = Promise.all(Array.from({ length: strangers }, attack))

  // Meanwhile a volunteer comes, computes and sees the end.
  const worker = speak([process.execPath, member, join(folder, 'member'), invite, '1'])
  running.push(worker)
  await worker.line(({ event }) => event === 'ready')
  await waitUntil(
    'it has computed',
    () => worker.lines.some(({ event, mine }) => event === 'study' && mine === 6),
    300_000,
  )
  expect((await fetch(page)).status).toBe(200)
  await attacking

  expect(answers.get('admitted')).toBeUndefined()
  for (const code of answers.keys()) expect(code).toMatch(/^(federation|transport)\//)
  expect(answers.get('federation/invitation-forged')).toBeGreaterThan(0)
  expect(answers.get('federation/not-invited')).toBeGreaterThan(0)
  const after = await relay.admin<Status>('/v1/status')
  expect(after.members).toBe(2)
  expect(relay.exited()).toBe(false)
  const grown = (await memoryOf(relay.pid)) - before
  expect(grown).toBeLessThan(300)
  // Strangers fill no disk: their attempts are counted, not logged one by one.
  expect(after.audit.size).toBeLessThan(500)
  expect(await verifyAudit(await relay.bytes('/v1/audit/export'))).toMatchObject({ ok: true })
  console.log(
    `${strangers * attemptsEach} attempts to join: ${JSON.stringify(Object.fromEntries(answers))}; ${Math.round(grown)} MiB more, ${after.audit.size} entries in the log`,
  )
})
