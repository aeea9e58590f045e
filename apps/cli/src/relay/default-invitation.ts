/**
 * The invitation that a relay shows when it starts: kept over restarts as long as it is good.
 *
 * @module
 */
import type { KeyValueStore } from '@folkmoot/base'
import { bytesSchema, encode, exactBytes, hashSchema, parse } from '@folkmoot/codec'
import type { IssuedInvitation, Peer } from '@folkmoot/federation'
import { encodeInviteLink, type InvitationRole } from '@folkmoot/identity'
import * as v from 'valibot'

const storedSchema = v.strictObject({
  id: hashSchema,
  invitation: bytesSchema(8_192),
  seed: exactBytes(32),
  /** Where it says the relay is; another address needs another invitation. */
  relays: v.array(v.pipe(v.string(), v.maxLength(512))),
})
export type KeptInvitation = v.InferOutput<typeof storedSchema>

const defaultKey = 'relay/default-invitation'
const seedKey = (id: string) => `relay/invitation/${id}`

export interface InvitationTerms {
  readonly uses: number
  readonly validMs: number
  readonly role: InvitationRole
  readonly cohort: string
  readonly relays: readonly string[]
}

/** Signs one and keeps its seed, so that its link can be shown again. */
export async function makeInvitation(
  peer: Peer,
  store: KeyValueStore,
  terms: InvitationTerms,
): Promise<KeptInvitation> {
  return keepInvitation(store, terms, await peer.invite(terms))
}

export async function keepInvitation(
  store: KeyValueStore,
  terms: InvitationTerms,
  issued: IssuedInvitation,
): Promise<KeptInvitation> {
  const kept = {
    id: issued.id,
    invitation: issued.invitation,
    seed: issued.seed,
    relays: [...terms.relays],
  }
  await store.write([{ type: 'put', key: seedKey(issued.id), value: encode(kept) }])
  return kept
}

/** The invitation with this id, if its seed is kept here. */
export async function keptInvitation(
  store: KeyValueStore,
  id: string,
): Promise<KeptInvitation | undefined> {
  const bytes = await store.get(seedKey(id))
  if (bytes === undefined) return undefined
  const parsed = parse(storedSchema, bytes)
  return parsed.ok ? parsed.value : undefined
}

/** The default invitation: the last one while it can still be used, else a new one. */
export async function defaultInvitation(
  peer: Peer,
  store: KeyValueStore,
  terms: InvitationTerms,
  now: number,
): Promise<KeptInvitation> {
  const id = await store.get(defaultKey)
  const kept =
    id === undefined ? undefined : await keptInvitation(store, new TextDecoder().decode(id))
  if (kept !== undefined) {
    const state = peer.ledger.state.state().invitation(kept.id)
    const same = kept.relays.join() === terms.relays.join()
    if (state !== undefined && same && !state.revoked && state.left > 0 && state.expires > now) {
      return kept
    }
  }
  const made = await makeInvitation(peer, store, terms)
  await store.write([{ type: 'put', key: defaultKey, value: new TextEncoder().encode(made.id) }])
  return made
}

export function linkOf(page: string, kept: KeptInvitation): string {
  return encodeInviteLink({ page: `${page}/`, invitation: kept.invitation, seed: kept.seed })
}
