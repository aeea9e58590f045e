/**
 * Before Join: one calm column with all that a volunteer agrees to, and one button.
 *
 * @module
 */
import { consentTerms } from '../consent.ts'
import { shortPeer } from '../format.ts'
import type { PageActions, PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { SharePicker } from './share-picker.tsx'

interface InvitedProps {
  readonly view: PageView
  readonly actions: PageActions
}

export function Invited({ view, actions }: InvitedProps) {
  const { invited } = words
  const { study, federation } = view
  return (
    <main class="column invited">
      <p class="kicker">{invited.kicker}</p>
      <h1 class="question">{study?.question}</h1>
      <p class="asks">
        {`${invited.asks} `}
        <strong>{study?.author}</strong>
        {federation && ` ${invited.in} `}
        {federation && <strong>{federation.name}</strong>}
      </p>
      {view.inviter && <p class="muted small">{invited.by(shortPeer(view.inviter))}</p>}
      {federation && (
        <p class="fingerprint-line">
          <span class="label">{invited.fingerprint}</span>
          <code class="fingerprint">{federation.fingerprint}</code>
          <span class="muted small">{invited.fingerprintHint}</span>
        </p>
      )}
      <dl class="terms">
        {consentTerms(view).map(({ term, lines }) => (
          <div key={term} class="term">
            <dt>{term}</dt>
            <dd>
              {lines.map((line) => (
                <p key={line}>{line}</p>
              ))}
              {term === invited.terms.limits && (
                <SharePicker share={view.share} onShare={(share) => actions.setShare(share)} />
              )}
            </dd>
          </div>
        ))}
      </dl>
      <div class="join">
        <button type="button" class="primary big" onClick={() => actions.join()}>
          {words.actions.join}
        </button>
        <p class="muted small">{invited.consent}</p>
      </div>
      <p class="muted small seen">{invited.seen(view.relayOrigin)}</p>
    </main>
  )
}
