/**
 * A real federation on loopback in a few lines: real keys, real libp2p, real state folders, no mock.
 *
 * @module
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FederationError, type Logger } from '@folkmoot/base'
import { contentIdOf } from '@folkmoot/codec'
import { createPeer, firstVoteKey, type Peer, type Platform } from '@folkmoot/federation'
import { type NodePlatformInit, nodePlatform } from '@folkmoot/federation/node'
import { type Charter, createSigner, sealCharter } from '@folkmoot/identity'
import { openKeyFile } from '@folkmoot/storage/node'
import { type Manifest, type StudyId, sealManifest } from '@folkmoot/studies'
import { loopbackCharter } from './loopback-charter.ts'

export interface LoopbackInit {
  /** Default `bft`, with the founder as its first voter. */
  readonly engine?: 'solo' | 'bft' | 'raft'
  /** Default `test`. */
  readonly preset?: Charter['preset']
  /** Uses of the one invitation that members share; default 100. */
  readonly uses?: number
  /** Of the relay; default as of any peer. */
  readonly auditQuotaBytes?: number
  /** Replaces parts of the relay's machine, such as its stores. */
  readonly relayPlatform?: (platform: Platform) => Platform
  readonly logger?: Logger
}

export interface MemberInit {
  /** Keeps its state there and over `stop`; default a new folder that goes with the federation. */
  readonly state?: string
  readonly nickname?: string
  readonly invitation?: { readonly bytes: Uint8Array; readonly seed: Uint8Array } | null
  readonly platform?: Partial<NodePlatformInit>
  /** Where to look for the relay; default its TCP addresses. */
  readonly relays?: readonly string[]
  readonly auditQuotaBytes?: number
  /** Replaces parts of the machine, such as its clock. */
  readonly replace?: (platform: Platform) => Platform
}

/** A study's own fields; what only a federation can add is added at opening. */
export interface StudyInit {
  readonly fields: Omit<Manifest, 'fed' | 'code' | 'reduce' | 'expires'>
  readonly unit: Uint8Array
  readonly reduce: Uint8Array
}

export interface LoopbackFederation {
  /** The founder; it changes when the relay is restarted. */
  founder(): Peer
  readonly folder: string
  readonly invitation: {
    readonly id: string
    readonly bytes: Uint8Array
    readonly seed: Uint8Array
  }
  /** Dialable addresses of the relay. */
  relays(): readonly string[]
  join(init?: MemberInit): Promise<Peer>
  openStudy(study: StudyInit): Promise<StudyId>
  stopFounder(): Promise<void>
  /** Starts the founder again on its old state and ports. */
  startFounder(): Promise<Peer>
  /** Stops every peer that is still running and deletes all state. */
  stop(): Promise<void>
}

/** Starts a relay on free ports. */
export async function startLoopbackFederation(
  init: LoopbackInit = {},
): Promise<LoopbackFederation> {
  const folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  const founderState = join(folder, 'founder')
  const peers = new Set<Peer>()
  const logger = init.logger === undefined ? {} : { logger: init.logger }
  let listen = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws']
  let count = 0
  let founder!: Peer

  const charter = await (async () => {
    await mkdir(founderState, { recursive: true, mode: 0o700 })
    const platform = await nodePlatform({ state: founderState, listen: [], sandbox: false })
    try {
      const signer = createSigner(platform.signer)
      const key = init.engine === 'solo' ? undefined : await firstVoteKey(platform)
      return await sealCharter(
        signer,
        loopbackCharter(signer.peer, init.preset ?? 'test', key, init.engine),
      )
    } finally {
      await platform.close()
    }
  })()

  const startFounder = async (): Promise<Peer> => {
    const platform = await nodePlatform({ state: founderState, listen, relay: {}, ...logger })
    const started = await createPeer({
      platform: init.relayPlatform?.(platform) ?? platform,
      ...quota(init.auditQuotaBytes),
      charter: charter.bytes,
      role: { kind: 'founder' },
      nickname: 'relay',
    })
    founder = started
    peers.add(started)
    // The ports stay the same over a restart, as those of a real relay do.
    listen = started.transport
      .addresses()
      .filter((address) => !address.includes('p2p-circuit'))
      .map((address) => address.replace(/\/p2p\/.*$/, ''))
    return started
  }
  await startFounder()
  const relays = () =>
    founder.transport.addresses().filter((address) => !address.includes('p2p-circuit'))
  let known = relays()
  const issued = await founder.invite({
    uses: init.uses ?? 100,
    validMs: 3_600_000,
    role: 'member',
    cohort: 'test',
    relays: known,
  })
  const invitation = { id: issued.id, bytes: issued.invitation, seed: issued.seed }

  return {
    founder: () => founder,
    folder,
    invitation,
    relays: () => known,
    join: async (member = {}) => {
      count += 1
      const platform = await nodePlatform({
        state: member.state ?? join(folder, `member-${count}`),
        listen: ['/ip4/127.0.0.1/tcp/0'],
        ...logger,
        ...member.platform,
      })
      const used = member.invitation === undefined ? invitation : member.invitation
      const peer = await createPeer({
        platform: member.replace?.(platform) ?? platform,
        ...quota(member.auditQuotaBytes),
        charter: charter.bytes,
        role: {
          kind: 'member',
          relays: member.relays ?? known.filter((address) => !address.includes('/ws')),
          ...(used === null ? {} : { invitation: used }),
        },
        nickname: member.nickname ?? `member ${count}`,
      })
      peers.add(peer)
      return peer
    },
    openStudy: async ({ fields, unit, reduce }) => {
      const signer = createSigner(await openKeyFile(join(founderState, 'key.pem')))
      const manifest = await sealManifest(signer, {
        ...fields,
        fed: charter.fed,
        code: contentIdOf(unit, 'raw'),
        reduce: contentIdOf(reduce, 'raw'),
        expires: Date.now() + 3_600_000,
      })
      const opened = await founder.openStudy(manifest, [unit, reduce])
      if (!opened.ok) throw new FederationError(opened.fault.code, opened.fault.message)
      return opened.study as StudyId
    },
    stopFounder: async () => {
      known = relays()
      peers.delete(founder)
      await founder.stop()
    },
    startFounder,
    stop: async () => {
      await Promise.all([...peers].map((peer) => peer.stop()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function quota(bytes: number | undefined) {
  return bytes === undefined ? {} : { auditQuotaBytes: bytes }
}
