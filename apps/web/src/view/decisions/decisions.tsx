/**
 * What the federation agreed, who decides, and how anyone can check it.
 *
 * @module
 */
import { formatTime } from '../../format.ts'
import type { LedgerView, PageActions, PageView } from '../../view-model.ts'
import { words } from '../../words.ts'
import { Facts } from '../facts.tsx'
import { Region } from '../region.tsx'
import { VerificationLine } from '../verification-line.tsx'
import { DecisionTable } from './decision-table.tsx'
import { Proposals } from './proposals.tsx'
import { ProveFact } from './prove-fact.tsx'
import { Seats } from './seats.tsx'
import { VoteOffer } from './vote-offer.tsx'

interface DecisionsProps {
  readonly view: PageView
  readonly actions: PageActions
}

export function Decisions({ view, actions }: DecisionsProps) {
  const { ledger, decisions } = view
  const text = words.decisions
  if (!ledger) {
    return (
      <Region id="decisions" title={words.regions.decisions} lead={text.unknown}>
        {null}
      </Region>
    )
  }
  return (
    <Region id="decisions" title={words.regions.decisions} lead={leadOf(ledger)}>
      {ledger.stalled && (
        <p class="stalled" role="status">
          {text.stalled(ledger.seats.filter((seat) => seat.here).length, ledger.quorum)}
        </p>
      )}
      <VoteOffer role={ledger.role} actions={actions} />
      <Seats seats={ledger.seats} />
      <Facts facts={factsOf(ledger)} />
      {view.peerId && ledger.height > 0 && (
        <>
          <div class="actions">
            <button
              type="button"
              class="secondary"
              disabled={view.decisionsVerification.state === 'running'}
              onClick={() => actions.verifyDecisions()}
            >
              {words.actions.verify}
            </button>
          </div>
          <VerificationLine verification={view.decisionsVerification} running={text.verifying} />
        </>
      )}
      <Proposals proposals={ledger.proposals} actions={actions} />
      <DecisionTable decisions={decisions} />
      {view.peerId && ledger.facts.length > 0 && (
        <ProveFact facts={ledger.facts} verification={view.factVerification} actions={actions} />
      )}
    </Region>
  )
}

function leadOf({ height, engine, seats, quorum, tolerates }: LedgerView): string {
  const text = words.decisions
  if (height === 0) return text.none
  if (seats.length < 2) return text.alone
  return engine === 'raft' ? text.trusted : text.committee(seats.length, quorum, tolerates)
}

function factsOf(ledger: LedgerView) {
  const text = words.decisions
  const { certificate } = ledger
  return [
    [text.engine, text.engines[ledger.engine]],
    [text.height, `${ledger.height}, ${ledger.behind ? text.behind : text.upToDate}`],
    [text.epoch, ledger.engine === 'solo' ? '' : `${ledger.epoch}`],
    [text.view, ledger.engine === 'solo' ? '' : `${ledger.view}`],
    [text.certificate, certificate && text.signedBy(certificate.signers, certificate.voters)],
    [text.final, ledger.finalAtMs === null ? '' : formatTime(ledger.finalAtMs)],
  ] as const
}
