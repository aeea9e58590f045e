/**
 * A named part of the page: tests, screen readers and people find it by its heading.
 *
 * @module
 */
import type { ComponentChildren } from 'preact'

interface RegionProps {
  readonly id: string
  readonly title: string
  readonly lead?: ComponentChildren
  readonly aside?: ComponentChildren
  readonly children: ComponentChildren
}

export function Region({ id, title, lead, aside, children }: RegionProps) {
  return (
    <section class={`region region-${id}`} aria-labelledby={`region-${id}`}>
      <div class="region-head">
        <h2 id={`region-${id}`} tabIndex={-1}>
          {title}
        </h2>
        {aside}
      </div>
      {lead && <p class="lead">{lead}</p>}
      {children}
    </section>
  )
}
