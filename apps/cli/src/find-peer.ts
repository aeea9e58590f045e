/**
 * Peers as people name them to the command.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import { parsePeerId } from '@folkmoot/identity'
import * as v from 'valibot'
import { type Peer, peerSchema } from './admin-api.ts'
import type { CliCode } from './codes.ts'
import type { CommandContext } from './command-context.ts'

/** A member by its whole id, or by an unambiguous end, as the lists show it. @throws FederationError `cli/not-found` */
export async function findPeer({ admin }: CommandContext, given: string): Promise<Peer> {
  const all = await (await admin()).get('/v1/peers', v.array(peerSchema))
  const found = all.filter(({ peer }) => peer === given || peer.endsWith(given))
  if (found.length === 1) return found[0]!
  throw new FederationError<CliCode>(
    'cli/not-found',
    found.length === 0
      ? `there is no peer ${given}`
      : `${given} names ${found.length} peers: write more of the id`,
  )
}

/** The whole id; one that is whole already may be of a peer that never joined. */
export async function peerIdOf(context: CommandContext, given: string): Promise<string> {
  return parsePeerId(given).ok ? given : (await findPeer(context, given)).peer
}
