/**
 * What the federation agreed, who decides, and how far this tab has followed.
 *
 * @module
 */
import { formatTime } from '../format.ts'
import type { PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { Facts } from './facts.tsx'
import { PeerId } from './peer-id.tsx'
import { Region } from './region.tsx'

const SHOWN = 8

export function Decisions({ view }: { readonly view: PageView }) {
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
    <Region id="decisions" title={words.regions.decisions} lead={text.lead(ledger.height)}>
      <Facts
        facts={[
          [text.engine, text.engines[ledger.engine]],
          [text.height, `${ledger.height}, ${ledger.behind ? text.behind : text.upToDate}`],
          [text.epoch, `${ledger.epoch}`],
          [text.view, ledger.engine === 'solo' ? '' : `${ledger.view}`],
          [text.voters, ledger.voters.map((voter) => <PeerId key={voter} id={voter} copy />)],
          [text.final, ledger.finalAtMs === null ? '' : formatTime(ledger.finalAtMs)],
        ]}
      />
      {decisions.length > 0 && (
        <table class="decision-table">
          <thead>
            <tr>
              {text.heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {decisions.slice(0, SHOWN).map((decision) => (
              <tr key={decision.height}>
                <td>{decision.height}</td>
                <td>{formatTime(decision.at)}</td>
                <td>{decision.words}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Region>
  )
}
