/**
 * What the federation agreed, who decides, and how anyone can check it.
 *
 * @module
 */
import { formatTime, shortPeer } from '../../format.ts'
import { isForked } from '../../notices.ts'
import type { LedgerView, PageActions, PageView } from '../../view-model.ts'
import { decisionWords as text } from '../../words/decision-words.ts'
import { words } from '../../words.ts'
import { Facts } from '../facts.tsx'
import { Region } from '../region.tsx'
import { VerificationLine } from '../verification-line.tsx'
import { DecisionTable } from './decision-table.tsx'
import { namesIn } from './names.ts'
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
  if (!ledger) {
    return (
      <Region id="decisions" title={words.regions.decisions} lead={text.unknown}>
        {null}
      </Region>
    )
  }
  const forked = isForked(view)
  const nameOf = namesIn(view)
  const alarmed = forked || ledger.stalled
  return (
    <Region
      id="decisions"
      title={words.regions.decisions}
      lead={alarmed ? undefined : leadOf(ledger)}
    >
      {forked ? <Forked /> : ledger.stalled && <Stalled ledger={ledger} />}
      <VoteOffer ledger={ledger} actions={actions} />
      <Seats seats={ledger.seats} trusted={!forked} />
      <Facts facts={factsOf(ledger, forked)} />
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
      <Proposals proposals={ledger.proposals} nameOf={nameOf} actions={actions} />
      <DecisionTable decisions={decisions} nameOf={nameOf} />
      {view.peerId && ledger.facts.length > 0 && (
        <ProveFact facts={ledger.facts} verification={view.factVerification} actions={actions} />
      )}
      <details class="fold">
        <summary>{text.experts}</summary>
        <Facts facts={expertFactsOf(ledger)} />
      </details>
    </Region>
  )
}

function Forked() {
  const { title, text: said } = words.notices.forked
  return (
    <p class="alarm" role="alert">
      <strong>{title}.</strong> {said}
    </p>
  )
}

function Stalled({ ledger: { seats, quorum } }: { readonly ledger: LedgerView }) {
  const here = seats.reduce((sum, seat) => sum + (seat.here ? seat.weight : 0), 0)
  return (
    <p class="stalled" role="status">
      {text.stalled(
        here,
        quorum,
        seats.some(({ weight }) => weight > 1),
      )}
    </p>
  )
}

function leadOf({ height, engine, seats, quorum, tolerates }: LedgerView): string {
  if (height === 0) return text.none
  const [first] = seats
  if (first === undefined) return ''
  if (seats.length === 1) {
    if (first.you) return text.aloneYou
    return text.alone([first.nickname, shortPeer(first.peer)].filter(Boolean).join(' '))
  }
  if (engine === 'raft') return text.trusted
  const votes = seats.reduce((sum, { weight }) => sum + weight, 0)
  return text.committee(seats.length, votes, quorum, tolerates)
}

function factsOf({ certificate, finalAtMs, behind }: LedgerView, forked: boolean) {
  return [
    [text.certificate, certificate && text.signedBy(certificate.signers, certificate.voters)],
    [text.final, finalAtMs === null ? '' : formatTime(finalAtMs)],
    [text.record, forked ? '' : behind ? text.behind : text.upToDate],
  ] as const
}

function expertFactsOf({ engine, height, epoch, view }: LedgerView) {
  const epochs = engine !== 'solo'
  return [
    [text.engine, text.engines[engine]],
    [text.height, text.heightHint(height)],
    [text.epoch, epochs ? text.epochHint(epoch) : ''],
    [text.view, engine === 'bft' ? text.viewHint(view) : ''],
  ] as const
}
