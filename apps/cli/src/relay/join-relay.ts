/**
 * Members in the process of a test, joined to a relay that runs in one of its own.
 *
 * @module
 */
import { join } from 'node:path'
import { createPeer, type Peer } from '@folkmoot/federation'
import { nodePlatform } from '@folkmoot/federation/node'
import { decodeInviteFragment } from '@folkmoot/identity'
import type { Status } from '../admin-api.ts'
import type { SpawnedRelay } from './spawn-relay.ts'

export interface JoinInit {
  /** The member's state lies in a folder of its nickname in it. */
  readonly folder: string
  readonly nickname: string
  /** Multiaddrs; without any it is reached through the relay alone. */
  readonly listen?: readonly string[]
}

/** Joins by the relay's default invitation. */
export async function joinRelay(relay: SpawnedRelay, init: JoinInit): Promise<Peer> {
  const { folder, nickname, listen = [] } = init
  const { invite, page } = await relay.ready()
  const opened = decodeInviteFragment(invite)
  if (!opened.ok) throw new Error(opened.fault.message)
  const { addresses: relays } = await relay.admin<Status>('/v1/status')
  const charter = new Uint8Array(await (await fetch(`${page}/charter`)).arrayBuffer())
  const platform = await nodePlatform({ state: join(folder, nickname), listen })
  const invitation = { bytes: opened.invitation, seed: opened.seed }
  const role = { kind: 'member', relays, invitation } as const
  return createPeer({ platform, charter, role, nickname, announce: listen.length > 0 })
}
