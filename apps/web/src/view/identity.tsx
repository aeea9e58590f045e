/**
 * Who this browser is here, and which federation that is.
 *
 * @module
 */
import type { PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { Facts } from './facts.tsx'
import { PeerId } from './peer-id.tsx'
import { Region } from './region.tsx'

export function Identity({ view }: { readonly view: PageView }) {
  const { federation, peerId } = view
  const text = words.identity
  return (
    <Region id="identity" title={words.regions.identity} lead={peerId ? text.lead : null}>
      <Facts
        facts={[
          [text.peer, peerId ? <PeerId key={peerId} id={peerId} copy /> : text.none],
          [text.federation, federation?.name],
          [text.purpose, federation?.purpose],
          [
            text.fingerprint,
            federation && (
              <code key="f" class="fingerprint" title={federation.id}>
                {federation.fingerprint}
              </code>
            ),
          ],
          [text.founder, federation && <PeerId key="p" id={federation.founder} copy />],
          [text.contact, federation?.contact],
          [text.privacy, federation?.privacy],
        ]}
      />
    </Region>
  )
}
