/**
 * The mark, breathing, over what is being waited for.
 *
 * @module
 */
import type { ComponentChildren } from 'preact'
import { Mark } from './mark.tsx'

interface WaitingProps {
  readonly title: string
  readonly children: ComponentChildren
}

export function Waiting({ title, children }: WaitingProps) {
  return (
    <main class="column centred" aria-busy="true">
      <span class="breathing">
        <Mark size={56} />
      </span>
      <h1 class="title">{title}</h1>
      {children}
    </main>
  )
}
