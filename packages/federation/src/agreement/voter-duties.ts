/**
 * What a voter does beside its engine: has a network and links with the other voters, registers its
 * vote keys ahead of time, reports those who lied, asks others whether they stopped at a fork, and
 * answers by what its history crossed a view.
 *
 * @module
 */
import { answerCrossing } from '@folkmoot/consensus'
import { crossingKey, readCrossing } from '@folkmoot/consensus-bft'
import type { PeerId } from '@folkmoot/identity'
import type { RegisteredVoteKey } from '@folkmoot/ledger'
import { ledgerCrossing } from '../services.ts'
import { askForForks } from './ask-for-forks.ts'
import { freeHeldSeats } from './free-held-seats.ts'
import { keepVoteKeys } from './keep-vote-keys.ts'
import { reportEvidence } from './report-evidence.ts'
import type { VoterAddresses } from './voter-addresses.ts'
import { keepVoterLinks } from './voter-links.ts'
import { openVoterNetwork } from './voter-network.ts'
import type { VotingPart, VotingPartInit } from './voting-part.ts'

export interface VoterDutiesInit extends VotingPartInit {
  readonly around: () => readonly PeerId[]
  readonly isVoter: (peer: PeerId) => boolean
  readonly addresses: VoterAddresses
}

export interface VoterDuties {
  onEvidence(evidence: Uint8Array): void
  crossing: VotingPart['crossing']
  claim(epoch: number): Promise<RegisteredVoteKey>
  look(): void
  stop(): void
}

/**
 * What a person may ask of a tab that votes, which goes on without the relay that serves its page:
 * checks of decisions, and proofs of studies.
 */
function loadAhead(): void {
  Promise.all([import('./check-decision.ts'), import('@folkmoot/studies/bundle')]).catch(() => {
    // Asked for, it is loaded then, or whoever asks is told why not.
  })
}

export function startVoterDuties(init: VoterDutiesInit): VoterDuties {
  const { ledger, signer } = init
  const me = signer.peer
  const common = { ...init, me, state: ledger.state, submit: ledger.submit }
  const isMember = (peer: PeerId) => ledger.state.isMember(peer)
  const network = openVoterNetwork({ ...init, me, isMember })
  init.deferred.attach(network)
  const { addresses } = init
  const links = keepVoterLinks({
    ...common,
    voters: init.around,
    // By gossip it may be older or not have come yet; a record may have been passed on late.
    announced: (peer) => [...new Set([...init.announced(peer), ...addresses.of(peer)])],
    ask: () => void addresses.ask(),
  })
  const epochs = { epoch: () => ledger.status().epoch, voterSet: ledger.voterSet }
  const keys = keepVoteKeys({ ...common, ...epochs })
  const seats = freeHeldSeats({ ...common, ...epochs })
  const reports = reportEvidence({ ...common, anchor: ledger.anchor })
  const forks = askForForks({ ...init, isMember })
  keys.look()
  loadAhead()
  const crossing: VotingPart['crossing'] = async (crossed) => {
    const database = await init.database()
    const { height } = ledger.status()
    const kept = async () => readCrossing(await database.get(crossingKey(crossed)), crossed)
    return answerCrossing({ height, entryAt: ledger.entryAt, kept }, crossed)
  }
  init.exchange.expose({
    capability: ledgerCrossing,
    // Asked once where a fork is proven, of every voter.
    exposure: { to: 'members', maxConcurrent: 4, ratePerMinute: 30 },
    handler: async (crossed) => {
      const certificate = (await crossing(crossed)) ?? null
      return { ok: true, output: { certificate } }
    },
  })
  return {
    crossing,
    onEvidence: (evidence) => {
      const [byte = 0] = init.randomness.bytes(1)
      reports.report(evidence, byte / 256)
    },
    claim: async (epoch) => {
      // Before it may vote: whom it learned of through one peer alone it would not find without it.
      await addresses.ask()
      return keys.claim(epoch)
    },
    look: () => {
      keys.look()
      links.look()
    },
    stop: () => {
      forks.stop()
      reports.stop()
      keys.stop()
      seats.stop()
      links.stop()
      network.stop()
    },
  }
}
