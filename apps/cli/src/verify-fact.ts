/**
 * Checks the proof of a fact offline, from nothing but the charter in it.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { createChecker } from '@folkmoot/identity'
import { verifyFactFile } from '@folkmoot/ledger'
import { nodeVerifier } from '@folkmoot/storage/node'
import { factWords, type ShownFact } from './fact-words.ts'

export async function verifyFactProof(
  bytes: Uint8Array,
  expectFed?: string,
): Promise<Verdict<{ shown: ShownFact }>> {
  const verdict = await verifyFactFile(createChecker(nodeVerifier()), bytes, expectFed)
  if (!verdict.ok) return verdict
  const { ok: _, value, ...rest } = verdict
  const fact = value === undefined ? null : factWords(verdict.key, value)
  return { ok: true, shown: { ...rest, fact } }
}
