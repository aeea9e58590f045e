/**
 * Faults of a bundle begin with the place where they were found: `unit 12: result 2: …`.
 *
 * @module
 */
import { type Refused, refuse, type Verdict } from '@folkmoot/base'

/** Refuses with `studies/bundle` at a place. */
export function refuseAt(place: string, message: string): Refused {
  return refuse('studies/bundle', `${place}: ${message}`)
}

/** The verdict itself, or its fault with the place before it. */
export function at<T>(place: string, verdict: Verdict<T>): Verdict<T> {
  return verdict.ok ? verdict : refuseAt(place, verdict.fault.message)
}
