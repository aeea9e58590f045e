/**
 * Final results by peer: the only thing that counts here.
 *
 * @module
 */
import { formatPercent } from '../format.ts'
import type { PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { PeerId } from './peer-id.tsx'
import { Region } from './region.tsx'

const SHOWN = 12

export function Trust({ view }: { readonly view: PageView }) {
  const { trust } = words
  const { credits, peerId } = view
  const total = credits.reduce((sum, credit) => sum + credit.finalResults, 0)
  return (
    <Region id="trust" title={words.regions.trust} lead={total > 0 ? trust.lead : trust.empty}>
      {total > 0 && (
        <table>
          <thead>
            <tr>
              {trust.heads.map((head, i) => (
                <th key={head} scope="col" class={i > 0 ? 'number' : undefined}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {credits.slice(0, SHOWN).map(({ peer, nickname, finalResults }) => (
              <tr key={peer}>
                <td>
                  <PeerId id={peer} nickname={peer === peerId ? trust.you : nickname} />
                </td>
                <td class="number">{finalResults}</td>
                <td class="number share-cell">
                  <span class="meter" aria-hidden="true">
                    <span style={{ width: `${(finalResults / total) * 100}%` }} />
                  </span>
                  <span class="share-number">{formatPercent(finalResults / total)}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Region>
  )
}
