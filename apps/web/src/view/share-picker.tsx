/**
 * How much of one core work may take: a quarter, half, or all of it.
 *
 * @module
 */
import { words } from '../words.ts'

const SHARES = [0.25, 0.5, 1]

interface SharePickerProps {
  readonly share: number
  readonly onShare: (share: number) => void
}

export function SharePicker({ share, onShare }: SharePickerProps) {
  const { shareLabel, shareNames, shareOf } = words.invited
  return (
    <fieldset class="picker">
      <legend>{shareLabel}</legend>
      <span class="segments">
        {SHARES.map((value) => (
          <label key={value}>
            <input
              type="radio"
              name="share"
              checked={value === share}
              onChange={() => onShare(value)}
            />
            <span>{shareNames[value]}</span>
          </label>
        ))}
      </span>
      <span aria-hidden="true">{shareOf}</span>
    </fieldset>
  )
}
