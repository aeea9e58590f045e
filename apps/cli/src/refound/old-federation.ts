/**
 * The federation of a state folder as it stands at its last certified entry, read offline.
 *
 * @module
 */
import { FederationError, memoryLog, type Verdict } from '@folkmoot/base'
import {
  charterFacts,
  createFollower,
  type EpochLink,
  type FinalityProof,
} from '@folkmoot/consensus'
import { type Checker, createSigner, openCharter, type Signer } from '@folkmoot/identity'
import { createLedger, type Ledger } from '@folkmoot/ledger'
import { openKeyFile, openStateFolder } from '@folkmoot/storage/node'
import type { CliCode } from '../codes.ts'
import { keyFile } from '../config/state-location.ts'
import { keptCharter } from '../relay/found-federation.ts'
import { joinedCharter } from '../relay/join-federation.ts'
import { readLedgerExport } from '../verify-ledger.ts'

export interface OldFederation {
  readonly fed: string
  readonly charter: Uint8Array
  /** Of the peer whose state this is. */
  readonly signer: Signer
  /** The state after the last entry. */
  readonly state: Ledger
  readonly height: number
  readonly last: FinalityProof
  readonly links: readonly EpochLink[]
}

/**
 * Reads a state folder beside whatever uses it, and follows an export from where the folder's own
 * history ends: an export that contradicts it is refused.
 *
 * @throws FederationError `cli/refound`; the codes of the state folder and of what does not verify
 */
export async function readOldFederation(
  checker: Checker,
  state: string,
  more: Uint8Array | undefined,
): Promise<OldFederation> {
  const { charter, records } = await readState(state)
  const opened = must(await openCharter(checker, charter))
  const exported = more === undefined ? [] : must(readLedgerExport(more)).value.entries
  const application = createLedger({ charterBytes: charter, checker })
  const { facts } = must(charterFacts(opened.charter, opened.fed))
  const log = memoryLog(records)
  const follower = await createFollower({ facts, checker, application, log, checkOperations: true })
  for (const entry of exported.slice(follower.height)) must(await follower.accept(entry))
  const { height } = follower
  const entry = await follower.entryAt(height)
  if (!entry) throw refoundError('nothing was ever decided here')
  const signer = createSigner(await openKeyFile(keyFile(state)))
  const links = follower.epochLinks()
  return { fed: opened.fed, charter, signer, state: application, height, last: entry.proof, links }
}

async function readState(state: string): Promise<{ charter: Uint8Array; records: Uint8Array[] }> {
  const folder = await openStateFolder(state, { readonly: true })
  try {
    const charter = (await keptCharter(folder.store)) ?? (await joinedCharter(folder.store))
    if (!charter) throw refoundError(`no federation was founded or joined on ${state}`)
    const log = await folder.log('ledger')
    return { charter, records: await log.read(0, log.length) }
  } finally {
    await folder.close()
  }
}

/** The value of a verdict. @throws FederationError its fault */
export function must<T>(verdict: Verdict<T>): Extract<Verdict<T>, { ok: true }> {
  if (!verdict.ok) throw new FederationError(verdict.fault.code, verdict.fault.message)
  return verdict as Extract<Verdict<T>, { ok: true }>
}

export function refoundError(message: string, hint?: string): FederationError<CliCode> {
  return new FederationError<CliCode>('cli/refound', message, hint === undefined ? {} : { hint })
}
