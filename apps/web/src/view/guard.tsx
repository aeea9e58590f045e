/**
 * What may leave: the fields that the study declares, and nothing else.
 *
 * @module
 */
import type { StudyView } from '../view-model.ts'
import { words } from '../words.ts'
import { Region } from './region.tsx'

export function Guard({ study }: { readonly study: StudyView | null }) {
  const declared = study?.declared ?? []
  const { guard } = words
  return (
    <Region
      id="guard"
      title={words.regions.guard}
      lead={declared.length > 0 ? guard.lead : guard.empty}
    >
      {declared.length > 0 && (
        <table>
          <thead>
            <tr>
              {guard.heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {declared.map((field) => (
              <tr key={field.name}>
                <td>
                  <code>{field.name}</code>
                </td>
                <td>{field.what}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Region>
  )
}
