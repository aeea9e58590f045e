/**
 * The admin paths about invitations: made by this relay's word where that is enough, else proposed.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { Peer, Platform } from '@folkmoot/federation'
import type { Context, Hono } from 'hono'
import type * as v from 'valibot'
import { type Invitation, type NewInvitation, newInvitationSchema } from '../admin-api.ts'
import type { CliCode } from '../codes.ts'
import { must, proposedBy } from './decisions-api.ts'
import { keepInvitation, keptInvitation, linkOf, makeInvitation } from './default-invitation.ts'
import { proposeInvitation } from './propose-bytes.ts'
import { untilDecided } from './until-decided.ts'

export interface InvitationsApi {
  readonly app: Hono
  readonly peer: Peer
  readonly platform: Platform
  readonly page: string
  readonly inviteRelays: readonly string[]
  readonly inviteUses: number
  readonly inviteMs: number
  readonly invitationsPerHour: number
  readonly data: (context: Context, value: unknown) => Response
  readonly body: <T>(context: Context, schema: v.GenericSchema<unknown, T>) => Promise<T>
}

const hourMs = 3_600_000

export function addInvitations(init: InvitationsApi): void {
  const { app, peer, data, body } = init
  const { store } = init.platform
  /** When invitations were made in the last hour. */
  const made: number[] = []

  const make = async (terms: NewInvitation, ask: boolean) => {
    const now = Date.now()
    while (made[0] !== undefined && made[0] < now - hourMs) made.shift()
    if (made.length >= init.invitationsPerHour) {
      throw new FederationError('policy/rate', 'no more invitations this hour')
    }
    made.push(now)
    const full = {
      uses: terms.uses ?? (terms.role === 'voter' ? 1 : init.inviteUses),
      validMs: terms.validMs ?? init.inviteMs,
      role: terms.role ?? 'member',
      cohort: terms.cohort ?? '',
      relays: init.inviteRelays,
    }
    if (!ask) return untilDecided(peer, makeInvitation(peer, store, full))
    const issued = await untilDecided(peer, proposeInvitation(peer, init.platform, full))
    return keepInvitation(store, full, issued)
  }

  app.get('/v1/invitations', async (context) => {
    const rows = [...peer.ledger.state.state().invitations.keys()].map((id) => invitation(id))
    return data(context, await Promise.all(rows))
  })
  app.post('/v1/invitations', async (context) => {
    const { id } = await make(await body(context, newInvitationSchema), false)
    return data(context, await invitation(id))
  })
  app.post('/v1/proposals/invitation', async (context) => {
    const terms = await body(context, newInvitationSchema)
    const { answer, proposal } = await proposedBy(peer, () => make(terms, true))
    return data(context, { proposal, link: linkOf(init.page, answer) })
  })
  app.post('/v1/invitations/:id/revoke', async (context) => {
    const id = context.req.param('id')
    must(await untilDecided(peer, peer.revokeInvitation(id)))
    return data(context, await invitation(id))
  })

  async function invitation(id: string): Promise<Invitation> {
    const state = peer.ledger.state.state().invitation(id)
    if (state === undefined) {
      throw new FederationError<CliCode>('cli/not-found', 'there is no such invitation')
    }
    const kept = await keptInvitation(store, id)
    const { role, cohort, uses, used, expires, inviter } = state
    return {
      id,
      role,
      cohort,
      uses,
      used,
      expires,
      inviter,
      state: state.revoked
        ? 'revoked'
        : expires <= Date.now()
          ? 'expired'
          : state.left === 0
            ? 'used-up'
            : 'valid',
      link: kept === undefined ? null : linkOf(init.page, kept),
    }
  }
}
