/**
 * The voters that the invitation names: who begins with the charter alone can be led by keys of
 * voters that have left since, if it reaches nobody else.
 *
 * @module
 */
import type { KeyValueStore } from '@folkmoot/base'
import type { CharterFacts } from '@folkmoot/consensus'
import { type Checker, type FederationId, openInvitation } from '@folkmoot/identity'

type Anchor = NonNullable<CharterFacts['anchor']>

export interface InvitedAnchorInit {
  readonly store: KeyValueStore
  readonly checker: Checker
  readonly fed: FederationId
  /** Whether nothing of the ledger is here yet: a later invitation changes nothing any more. */
  readonly isNew: boolean
  readonly invitation: Uint8Array | undefined
}

const key = 'join/invitation'

/** Undefined where no invitation led here, or one from before there were voters. */
export async function invitedAnchor(init: InvitedAnchorInit): Promise<Anchor | undefined> {
  const { store, checker, fed, invitation } = init
  const kept = await store.get(key)
  const bytes = kept ?? (init.isNew ? invitation : undefined)
  if (bytes === undefined) return undefined
  const opened = await openInvitation(checker, bytes)
  if (!opened.ok || opened.invitation.fed !== fed) return undefined
  if (kept === undefined) await store.write([{ type: 'put', key, value: bytes }])
  const { anchor } = opened.invitation
  return anchor.epoch > 0 ? anchor : undefined
}
