/**
 * Between Join and joined: each step in words.
 *
 * @module
 */
import type { PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { Waiting } from './waiting.tsx'

export function Joining({ view }: { readonly view: PageView }) {
  const { title, steps } = words.joining
  const step = view.joiningStep ?? steps[0] ?? ''
  const at = steps.indexOf(step)
  return (
    <Waiting title={title}>
      <p class={at < 0 ? 'large' : 'visually-hidden'} role="status">
        {step}
      </p>
      {at >= 0 && (
        <ol class="steps" aria-hidden="true">
          {steps.map((name, i) => (
            <li key={name} data-step={i < at ? 'done' : i === at ? 'current' : 'ahead'}>
              {name}
            </li>
          ))}
        </ol>
      )}
    </Waiting>
  )
}
