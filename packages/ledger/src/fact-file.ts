/**
 * One fact of the shared state as a file that needs nothing else: the charter, how voters followed
 * each other since, a decision of the newest ones, and the way from the fact to it.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, parse } from '@folkmoot/codec'
import {
  charterFacts,
  epochLinkSchema,
  type FinalityProof,
  finalityProofSchema,
  proofSigners,
  verifyEpochChain,
  verifyFinality,
} from '@folkmoot/consensus'
import { type Checker, type FederationId, openCharter, type PeerId } from '@folkmoot/identity'
import * as v from 'valibot'
import type { LedgerCode } from './codes.ts'
import { factProofSchema, verifyFact } from './fact-proof.ts'

const MAX_CHARTER_BYTES = 1 << 20
/** Ends of epochs; a file of as many has 100 MB. */
const MAX_LINKS = 100_000
const limits = { maxBytes: 1 << 28, maxDepth: 8, maxItems: 2_000_000 }

/** Made when it is needed: a page that verifies none carries none. */
const factFileSchema = () =>
  v.strictObject({
    v: v.literal(1),
    format: v.literal('folkmoot/fact'),
    /** Signed by the founder; its hash is the federation. */
    charter: bytesSchema(MAX_CHARTER_BYTES),
    /** The end of each epoch, from the charter's on. */
    epochs: v.pipe(v.array(epochLinkSchema), v.maxLength(MAX_LINKS)),
    finality: finalityProofSchema,
    fact: factProofSchema,
  })

export interface VerifiedFact {
  readonly federation: FederationId
  readonly key: string
  /** Undefined where the file proves that there is no such fact. */
  readonly value: Uint8Array | undefined
  readonly height: number
  readonly epoch: number
  /** Of the decision, in ms. */
  readonly time: number
  readonly engine: FinalityProof['kind']
  /** Who signed the decision, of how many. */
  readonly signers: readonly PeerId[]
  readonly voters: number
}

/** Checks a file from anywhere; with `expectFed` also that it is of that federation. */
export async function verifyFactFile(
  checker: Checker,
  bytes: Uint8Array,
  expectFed?: FederationId,
): Promise<Verdict<VerifiedFact>> {
  const parsed = parse(factFileSchema(), bytes, limits)
  if (!parsed.ok) {
    return refuse(
      'ledger/proof' satisfies LedgerCode,
      `no proof of a fact: ${parsed.fault.message}`,
    )
  }
  const { charter, epochs, finality, fact } = parsed.value
  const opened = await openCharter(checker, charter, expectFed)
  if (!opened.ok) return opened
  const known = charterFacts(opened.charter, opened.fed)
  if (!known.ok) return known
  const chain = await verifyEpochChain(checker, known.facts, epochs)
  if (!chain.ok) return chain
  const { anchor } = chain.sets
  const final = await verifyFinality(checker, anchor, finality)
  if (!final.ok) return final
  const proven = verifyFact(final.stateRoot, fact)
  if (!proven.ok) return proven
  const { height, epoch, time } = final
  return {
    ok: true,
    federation: opened.fed,
    key: proven.key,
    value: proven.value,
    height,
    epoch,
    time,
    engine: finality.kind,
    signers: proofSigners(anchor, finality),
    voters: chain.sets.setOf(epoch)?.voters.length ?? 1,
  }
}
