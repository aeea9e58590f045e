/**
 * Founding anew on the state of an old member, and going along with it on that of another.
 *
 * @module
 */
import { constants, copyFile, mkdir, readdir } from 'node:fs/promises'
import { equalBytes } from '@folkmoot/codec'
import { blockId } from '@folkmoot/consensus'
import { firstVoteKey } from '@folkmoot/federation'
import { nodePlatform } from '@folkmoot/federation/node'
import { createChecker, openCharter, sealCharter, sealRefounding } from '@folkmoot/identity'
import {
  factKey,
  type RefoundingClaim,
  type VerifiedRefounding,
  verifyRefounding,
} from '@folkmoot/ledger'
import { nodeVerifier } from '@folkmoot/storage/node'
import { keyFile } from '../config/state-location.ts'
import { keepCharter } from '../relay/found-federation.ts'
import { must, type OldFederation, readOldFederation, refoundError } from './old-federation.ts'
import { encodeRefounding, parseRefounding } from './refounding-file.ts'

export interface RefoundInit {
  /** The old state folder; it is only read. */
  readonly state: string
  /** A new folder for the new federation, with the same key. */
  readonly into: string
  /** An export of the old ledger, where others know more of it. */
  readonly ledger: Uint8Array | undefined
  readonly now: number
}

export interface Refounded {
  readonly bytes: Uint8Array
  readonly report: RefoundingReport
}

export type RefoundingReport = VerifiedRefounding & { readonly newFed: string }

const checker = createChecker(nodeVerifier())

/** @throws FederationError `cli/refound`, and the codes of what does not verify */
export async function startRefounding(init: RefoundInit): Promise<Refounded> {
  const old = await readOldFederation(checker, init.state, init.ledger)
  const { signer, fed, height } = old
  const { charterInForce: charter } = old.state.state().voting
  if (!old.state.isMember(signer.peer)) throw refoundError('this peer is no member any more')
  await copyKey(init.state, init.into)
  const refounds = { fed, height, block: blockId(old.last.header) }
  const platform = await nodePlatform({ state: init.into, listen: [], sandbox: false })
  try {
    const { orgs: _, ...fields } = charter
    const sealed = await sealCharter(signer, {
      ...fields,
      founder: signer.peer,
      engine: 'bft',
      voters: [signer.peer],
      voteKeys: [await firstVoteKey(platform)],
      created: init.now,
      refounds,
    })
    const { links, last } = old
    const claim = { charter: sealed.bytes, oldCharter: old.charter, links, last, signed: [] }
    const done = await sign(claim, old, { fed: sealed.fed, refounds })
    // Last, so that a folder that holds a charter holds a whole founding.
    await keepCharter(platform.store, sealed.bytes)
    return done
  } finally {
    await platform.close()
  }
}

/** Adds this member's word, after checking everything that is there. */
export async function signRefounding(
  file: Uint8Array,
  init: Omit<RefoundInit, 'now' | 'into'> & { readonly into: string | undefined },
): Promise<Refounded> {
  const { claim } = must(parseRefounding(file))
  await verify(claim)
  const old = await readOldFederation(checker, init.state, init.ledger)
  const { charter, fed } = must(await openCharter(checker, claim.charter))
  const refounds = charter.refounds!
  if (refounds.fed !== old.fed) throw refoundError('it continues another federation than this one')
  if (refounds.height < old.height) {
    throw refoundError(
      `this relay knows of decisions up to height ${old.height}, and it continues from ${refounds.height}`,
      'found anew from the relay that knows most: `folkmoot refound start` there, or with --ledger',
    )
  }
  if (refounds.height > old.height) {
    throw refoundError(
      `this relay knows the old ledger up to height ${old.height} of ${refounds.height} only`,
      'give it the old ledger of another relay with --ledger (`folkmoot ledger export`)',
    )
  }
  if (!equalBytes(refounds.block, blockId(old.last.header))) {
    throw refoundError('the old ledger ends otherwise here: two histories were decided')
  }
  const done = await sign(claim, old, { fed, refounds })
  if (init.into !== undefined) await copyKey(init.state, init.into)
  return done
}

async function sign(
  claim: RefoundingClaim,
  { signer, state }: OldFederation,
  founding: Parameters<typeof sealRefounding>[1],
): Promise<Refounded> {
  const record = await sealRefounding(signer, founding)
  const member = state.proveFact(factKey.member(signer.peer))
  const signed = [...claim.signed, { record, member }]
  const report = await verify({ ...claim, signed })
  return { bytes: encodeRefounding({ ...claim, signed }), report }
}

export async function verifyRefoundingFile(bytes: Uint8Array): Promise<RefoundingReport> {
  return verify(must(parseRefounding(bytes)).claim)
}

async function verify(claim: RefoundingClaim): Promise<RefoundingReport> {
  const { ok: _, ...verified } = must(await verifyRefounding(checker, claim))
  const { fed } = must(await openCharter(checker, claim.charter))
  return { ...verified, newFed: fed }
}

/** The same peer in another federation: its key, and nothing else of its state. */
async function copyKey(from: string, into: string): Promise<void> {
  await mkdir(into, { recursive: true, mode: 0o700 })
  if ((await readdir(into)).length > 0) {
    throw refoundError(`${into} is not empty; name a new folder with --into`)
  }
  await copyFile(keyFile(from), keyFile(into), constants.COPYFILE_EXCL)
}
