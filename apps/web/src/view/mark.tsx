/**
 * The mark: a ring of people with a place left open, and you stepping into it.
 *
 * @module
 */
export function Mark({ size = 28 }: { readonly size?: number }) {
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path class="mark-ring" d="M17.34 26.92A11 11 0 1 1 26.92 17.34" />
      <circle class="mark-you" cx="23.78" cy="23.78" r="3.6" />
    </svg>
  )
}
