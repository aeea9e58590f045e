/**
 * The line at the top: whose page this is, and which federation it shows.
 *
 * @module
 */
import type { FederationView } from '../view-model.ts'
import { words } from '../words.ts'
import { Mark } from './mark.tsx'

export function Masthead({ federation }: { readonly federation: FederationView | null }) {
  return (
    <header class="masthead">
      <span class="brand">
        <Mark />
        <span class="brand-name">{words.product}</span>
      </span>
      {federation && (
        <span class="masthead-federation">
          <span class="masthead-name">{federation.name}</span>
          <code
            class="fingerprint"
            title={`${words.invited.fingerprint} ${federation.fingerprint}`}
          >
            {federation.fingerprint}
          </code>
        </span>
      )}
    </header>
  )
}
