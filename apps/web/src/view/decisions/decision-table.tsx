/**
 * The newest decisions, one a row.
 *
 * @module
 */
import { formatTime } from '../../format.ts'
import type { DecisionView } from '../../view-model.ts'
import { decidedWords, type NameOf } from '../../words/change-words.ts'
import { decisionWords as text } from '../../words/decision-words.ts'

const SHOWN = 8

interface DecisionTableProps {
  readonly decisions: readonly DecisionView[]
  readonly nameOf: NameOf
}

export function DecisionTable({ decisions, nameOf }: DecisionTableProps) {
  if (decisions.length === 0) return null
  const withView = decisions.some(({ view }) => view !== null)
  const [height, view, ...rest] = text.heads
  const heads = withView ? [height, view, ...rest] : [height, ...rest]
  return (
    <div class="decided-part">
      <h3 id="decided">{text.decided}</h3>
      <table class="decision-table" aria-labelledby="decided">
        <thead>
          <tr>
            {heads.map((head) => (
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
              {withView && <td>{decision.view ?? '–'}</td>}
              <td>{formatTime(decision.at)}</td>
              <td class="decided-what">{decidedWords(decision, nameOf)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
