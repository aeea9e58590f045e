/**
 * Comes upon a fork and hears of one: what a peer remembers of whom it listens to about forks, and of
 * when it last asked others for one.
 *
 * @module
 */
import { errorMessage, type Millis, type Verdict } from '@folkmoot/base'
import { charterFacts } from '@folkmoot/consensus'
import type { Charter, PeerId } from '@folkmoot/identity'
import { type CompareInit, compareWithOthers } from './compare-with-others.ts'
import { hearForks } from './hear-forks.ts'
import { type PublishForkInit, publishFork } from './publish-fork.ts'

export interface FindForkInit
  extends PublishForkInit,
    Omit<CompareInit, 'facts' | 'others' | 'exchange'> {
  readonly charter: Charter
  /** Whom to ask what they can prove, the most wanted first. */
  readonly others: () => readonly PeerId[]
}

export interface ForkWatch {
  /** This peer has come upon a fork, or was shown what may be of another history. */
  forked(): Promise<void>
  heard(bytes: Uint8Array, from: PeerId): Promise<Verdict>
}

/** Others who are asked for what contradicts the decisions here. */
const maxSearched = 32
/** Between two searches on a suspicion: anybody can rouse one by an entry that does not verify. */
const searchMs: Millis = 10 * 60_000

export function watchForks(init: FindForkInit): ForkWatch {
  const { clock, ledger } = init
  const told = new Map<PeerId, number>()
  let searchedAt = Number.NEGATIVE_INFINITY

  return {
    forked: async () => {
      const shown = ledger.evidence()
      if (shown) return publish(init, shown)
      const { votingHalted } = ledger.status()
      const now = clock.now()
      // A voter that has stopped knows that there is one.
      // Either way: a clock that is set back must not put off the next one for as long.
      if (!votingHalted && Math.abs(now - searchedAt) < searchMs) return
      searchedAt = now
      const facts = charterFacts(init.charter, init.fed)
      if (!facts.ok) return
      const others = init.others().slice(0, maxSearched)
      const compared = await compareWithOthers({ ...init, facts: facts.facts, others })
      if (!compared.ok && compared.evidence) await publish(init, compared.evidence)
    },
    heard: (bytes, from) => hearForks(init, told, bytes, from),
  }
}

export function publish(init: PublishForkInit, evidence: Uint8Array): Promise<void> {
  return publishFork(init, evidence).catch((error: unknown) =>
    init.logger.log('error', 'a fork was not published', { reason: errorMessage(error) }),
  )
}
