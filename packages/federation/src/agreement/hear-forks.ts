/**
 * Proof of a fork as others tell it: takes it, says whether it is to be told on, and listens no more
 * to whoever says what is false.
 *
 * @module
 */
import { errorMessage, refuse, type Verdict } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { keepFork, type PublishForkInit } from './publish-fork.ts'

export type HearForksInit = Pick<
  PublishForkInit,
  'accept' | 'audit' | 'ledger' | 'logger' | 'me' | 'store'
>

/** What nobody can have taken for proof of a fork. Whoever knows less than this peer may say the rest. */
const isFalse = /^consensus\/(evidence|signature|certificate|proof)$/

export async function hearForks(
  init: HearForksInit,
  liars: Set<PeerId>,
  bytes: Uint8Array,
  from: PeerId,
): Promise<Verdict> {
  if (liars.has(from)) return refuse('consensus/malformed', 'it has said what is false before')
  const verdict = await init.accept(bytes)
  if (!verdict.ok && isFalse.test(verdict.fault.code)) liars.add(from)
  if (verdict.ok) {
    keepFork(init, bytes, async () => {}).catch((error: unknown) =>
      init.logger.log('error', 'a fork was not kept', { reason: errorMessage(error) }),
    )
  }
  return verdict
}
