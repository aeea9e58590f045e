/**
 * Tells a screen reader how the answer stands, and not more often than it can be heard.
 *
 * @module
 */
import { useEffect, useRef, useState } from 'preact/hooks'

/** Long enough for one announcement to be spoken before the next. */
const EVERY_MS = 8000

export function Announcer({ text }: { readonly text: string }) {
  const [spoken, setSpoken] = useState('')
  const latest = useRef(text)
  latest.current = text
  useEffect(() => {
    setSpoken(latest.current)
    const timer = setInterval(() => setSpoken(latest.current), EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  return (
    <p class="visually-hidden" aria-live="polite">
      {spoken}
    </p>
  )
}
