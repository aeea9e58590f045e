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

/**
 * `told`: the last epoch of this peer's copy in which each author is not listened to any more; after
 * what is false that is every one, after what nobody here can judge the one that runs.
 */
export async function hearForks(
  init: HearForksInit,
  told: Map<PeerId, number>,
  bytes: Uint8Array,
  from: PeerId,
): Promise<Verdict> {
  const { epoch } = init.ledger.status()
  if (epoch <= (told.get(from) ?? -1)) {
    return refuse('consensus/malformed', 'it has said before what proves nothing')
  }
  const verdict = await init.accept(bytes)
  if (verdict.ok) {
    keepFork(init, bytes, async () => {}).catch((error: unknown) =>
      init.logger.log('error', 'a fork was not kept', { reason: errorMessage(error) }),
    )
  } else if (isFalse.test(verdict.fault.code)) told.set(from, Number.POSITIVE_INFINITY)
  // Its voters may be known here later, and no sooner than with the next epoch.
  else if (verdict.fault.code === 'consensus/epoch') told.set(from, epoch)
  return verdict
}
