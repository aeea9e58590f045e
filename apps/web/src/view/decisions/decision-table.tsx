/**
 * The newest decisions, one a row.
 *
 * @module
 */
import { formatTime } from '../../format.ts'
import type { DecisionView } from '../../view-model.ts'
import { words } from '../../words.ts'

const SHOWN = 8

export function DecisionTable({ decisions }: { readonly decisions: readonly DecisionView[] }) {
  if (decisions.length === 0) return null
  const withView = decisions.some(({ view }) => view !== null)
  const [height, view, ...rest] = words.decisions.heads
  const heads = withView ? [height, view, ...rest] : [height, ...rest]
  return (
    <table class="decision-table">
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
            <td>{decision.words}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
