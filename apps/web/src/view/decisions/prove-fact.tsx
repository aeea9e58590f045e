/**
 * Proves one fact of the shared state from the newest certificate, here, and hands out the proof.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import type { PageActions, ProvableFact, Verification } from '../../view-model.ts'
import { decisionWords as text } from '../../words/decision-words.ts'
import { VerificationLine } from '../verification-line.tsx'

interface ProveFactProps {
  readonly facts: readonly ProvableFact[]
  readonly verification: Verification
  readonly actions: PageActions
}

export function ProveFact({ facts, verification, actions }: ProveFactProps) {
  const chosen = useSignal(facts[0]?.key ?? '')
  /** Empty: another one, whose key is typed. */
  const typed = useSignal('')
  const key = chosen.value || typed.value.trim()
  return (
    <div class="prove">
      <h3>{text.prove}</h3>
      <p class="muted small">{text.proveHint}</p>
      <div class="prove-row">
        <label class="field">
          <span class="visually-hidden">{text.prove}</span>
          <select
            value={chosen.value}
            onChange={(event) => {
              chosen.value = event.currentTarget.value
            }}
          >
            {facts.map((fact) => (
              <option key={fact.key} value={fact.key}>
                {text.facts[fact.what]}
              </option>
            ))}
            <option value="">{text.otherFact}</option>
          </select>
        </label>
        {chosen.value === '' && (
          <label class="field">
            <span class="visually-hidden">{text.factKey}</span>
            <input
              type="text"
              value={typed.value}
              placeholder="member/…"
              maxLength={200}
              aria-describedby="fact-keys"
              onInput={(event) => {
                typed.value = event.currentTarget.value
              }}
            />
          </label>
        )}
        <button
          type="button"
          class="secondary"
          disabled={key === '' || verification.state === 'running'}
          onClick={() => actions.proveFact(key)}
        >
          {text.proveThis}
        </button>
        <button
          type="button"
          class="secondary"
          disabled={key === ''}
          onClick={() => actions.downloadFact(key)}
        >
          {text.downloadFact}
        </button>
      </div>
      {chosen.value === '' && (
        <p id="fact-keys" class="muted small">
          {text.factKeys}
        </p>
      )}
      <VerificationLine verification={verification} running={text.proving} />
    </div>
  )
}
