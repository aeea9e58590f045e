/**
 * Numbers, times and ids as a person reads them. Widths stay steady while values change:
 * a number keeps its decimals as long as its uncertainty keeps its size.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'

const LOCALE = 'en-GB'

/** The last six characters of an id, after an ellipsis: `…G4QmXa`. Short texts stay whole. */
export function shortPeer(id: string): string {
  return id.length <= 8 ? id : `…${id.slice(-6)}`
}

/** A content id shortened at both ends, so that two of the same kind still differ. */
export function shortContent(id: string): string {
  return id.length <= 20 ? id : `${id.slice(0, 9)}…${id.slice(-6)}`
}

/** Decimals at which half the width of an interval still shows; at most 6. */
export function decimalsFor(low: number, high: number): number {
  const half = Math.abs(high - low) / 2
  if (!(half > 0)) return 5
  return Math.min(6, Math.max(0, -Math.floor(Math.log10(half) + 1e-9)))
}

export interface EstimateText {
  readonly value: string
  readonly spread: string
  /** The ends of the interval, with one decimal more. */
  readonly low: string
  readonly high: string
}

/** `0.07` and `0.01` for an interval from 0.06 to 0.08; one digit of the spread is kept. */
export function formatEstimate(estimate: number, low: number, high: number): EstimateText {
  const decimals = decimalsFor(low, high)
  const half = Math.abs(high - low) / 2
  const value = estimate.toFixed(decimals)
  return {
    value: Number(value) === 0 ? (0).toFixed(decimals) : value,
    spread: half.toFixed(decimals),
    low: low.toFixed(decimals + 1),
    high: high.toFixed(decimals + 1),
  }
}

/** A number with as many digits as its size deserves, thousands separated. */
export function formatNumber(value: number): string {
  const size = Math.abs(value)
  const maximumFractionDigits = Number.isInteger(value) || size >= 1000 ? 0 : size >= 10 ? 1 : 4
  return value.toLocaleString(LOCALE, { maximumFractionDigits })
}

/** `40 s`, `3 min`, `2 h 5 min`; below a second `under 1 s`. */
export function formatDuration(ms: Millis): string {
  if (ms < 1000) return 'under 1 s'
  const seconds = Math.round(ms / 1000)
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  const rest = minutes % 60
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return `${Math.round(hours / 24)} days`
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`
}

/** `12 ms` or `1.4 s`. */
export function formatLatency(ms: Millis): string {
  if (ms < 1) return '< 1 ms'
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** `512 B`, `1.4 KiB`, `64 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const kib = bytes / 1024
  if (kib < 1024) return `${kib < 10 ? kib.toFixed(1) : Math.round(kib)} KiB`
  return `${Math.round(kib / 1024)} MiB`
}

/** Hours, minutes and seconds of the reader's day. */
export function formatTime(at: Millis): string {
  return new Date(at).toLocaleTimeString(LOCALE, { hour12: false })
}

/** Day, month and year, as the reader's calendar has it. */
export function formatDate(at: Millis): string {
  return new Date(at).toLocaleDateString(LOCALE, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  })
}

/** Hours and minutes of the reader's day. */
export function formatClock(at: Millis): string {
  return formatTime(at).slice(0, 5)
}

/** Minutes and seconds, `2:05`, of a span. */
export function formatSpan(ms: Millis): string {
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** A share as a whole percentage. */
export function formatPercent(share: number): string {
  return `${Math.round(share * 100)} %`
}
