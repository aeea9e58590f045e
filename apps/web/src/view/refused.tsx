/**
 * Why the page goes no further, and what the reader can do.
 *
 * @module
 */
import type { FederationView, Refusal } from '../view-model.ts'
import { words } from '../words.ts'

/** Refusals for which opening the page once more may help. */
const RELOAD = new Set(['page/too-old', 'page/relay-unreachable', 'page/unexpected'])

interface RefusedProps {
  readonly refusal: Refusal
  readonly federation: FederationView | null
}

export function Refused({ refusal, federation }: RefusedProps) {
  return (
    <main class="column refused">
      <div role="alert">
        <p class="kicker">{words.refusal.kicker}</p>
        <h1 class="question">{refusal.title}</h1>
        <p class="large">{refusal.explanation}</p>
      </div>
      <div class="remedy">
        <h2>{words.refusal.remedy}</h2>
        <p>{refusal.remedy}</p>
        {RELOAD.has(refusal.code) && (
          <button type="button" class="primary" onClick={() => location.reload()}>
            {words.actions.reload}
          </button>
        )}
      </div>
      <p class="muted small">
        {federation && <span>{`${words.identity.contact}: ${federation.contact}. `}</span>}
        {`${words.refusal.code}: `}
        <code>{refusal.code}</code>
      </p>
    </main>
  )
}
