/**
 * The width of an element, for drawings whose text must not be scaled.
 *
 * @module
 */
import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

/** `fallback` holds for the first frame, before anything was measured. */
export function useWidth<T extends Element>(fallback: number): [RefObject<T | null>, number] {
  const ref = useRef<T>(null)
  const [width, setWidth] = useState(fallback)
  useEffect(() => {
    const element = ref.current
    if (!element) return
    const observer = new ResizeObserver(([entry]) => {
      const measured = Math.floor(entry?.contentRect.width ?? 0)
      if (measured > 0) setWidth(measured)
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, width]
}
