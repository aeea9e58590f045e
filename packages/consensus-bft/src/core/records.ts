/**
 * Names of what a voter keeps in its database. All of it goes when the epoch ends; votes and blocks
 * go as soon as something above them is final.
 *
 * @module
 */
import { toHex } from '@folkmoot/codec'
import type { Crossed, VoteKind, VoteStatement } from '@folkmoot/consensus'

const VIEW_DIGITS = 16

export const VOTE_KINDS: readonly VoteKind[] = ['notarise', 'nullify', 'finalise']

/** Everything of the core. */
export const RECORDS_PREFIX = 'bft/'
export const VOTES_PREFIX = 'bft/vote/'
export const BLOCKS_PREFIX = 'bft/block/'
/** Certificates N that votes F of ours rest on. */
export const NOTARISED_PREFIX = 'bft/notarised/'
/** The epoch that the other records belong to, as decimal text. */
export const EPOCH_KEY = 'bft/epoch'
/** Encoded certificate F of the newest final block; tidied up late, so it may lag behind the log. */
export const FINAL_KEY = 'bft/final'

/** One place per view and kind: a second vote there would replace the first, which no rule allows. */
export function voteKey({ view, kind }: Pick<VoteStatement, 'view' | 'kind'>): string {
  return `${VOTES_PREFIX}${digits(view)}/${kind}`
}

export function blockKey({ view, id }: { readonly view: number; readonly id: Uint8Array }): string {
  return `${BLOCKS_PREFIX}${digits(view)}/${toHex(id)}`
}

/** A certificate F of a block that does not descend from what was final here: the voter stays stopped. */
export const FORK_KEY = 'bft/fork'

/** The certificate N that our F of this view rests on. */
export function notarisedKey(view: number): string {
  return `${NOTARISED_PREFIX}${digits(view)}`
}

/** Newest views of which it is remembered how they were crossed: with four voters 1 MB at most. */
const CROSSINGS_KEPT = 4_096

/** A prime: views begin at 1 in each epoch, and those of the last ones must not share their places. */
const EPOCHS_APART = 1_021

/**
 * Where the certificate is kept by which a view was crossed. Outside what a core reads at its start,
 * and over the ends of epochs: places are used again, and the certificate says what it is about.
 */
export function crossingKey({ epoch, view }: Crossed): string {
  return `crossing/${(epoch * EPOCHS_APART + view) % CROSSINGS_KEPT}`
}

function digits(view: number): string {
  return String(view).padStart(VIEW_DIGITS, '0')
}
