/**
 * The mark: people standing in a ring, and one of them is you.
 *
 * @module
 */
const STONES = 9

export function Mark({ size = 28 }: { readonly size?: number }) {
  const stones = Array.from({ length: STONES }, (_, i) => (
    <rect
      key={i}
      class={i === 0 ? 'mark-you' : 'mark-stone'}
      x="14.5"
      y="2.5"
      width="3"
      height="7"
      rx="1.5"
      transform={`rotate(${(360 / STONES) * i} 16 16)`}
    />
  ))
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      {stones}
    </svg>
  )
}
