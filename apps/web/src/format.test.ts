import { describe, expect, it } from 'vitest'
import {
  decimalsFor,
  formatBytes,
  formatDuration,
  formatEstimate,
  formatLatency,
  formatNumber,
  formatSpan,
  shortContent,
  shortPeer,
} from './format.ts'

describe('numbers for a person', () => {
  it('keep as many decimals as the width of the interval supports', () => {
    expect(formatEstimate(0.0734, 0.06, 0.08)).toEqual({
      value: '0.07',
      spread: '0.01',
      low: '0.060',
      high: '0.080',
    })
    expect(formatEstimate(0.07548, 0.0708, 0.0802)).toMatchObject({
      value: '0.075',
      spread: '0.005',
    })
    expect(formatEstimate(41.26, 38, 44)).toMatchObject({ value: '41', spread: '3' })
  })

  it('show five decimals where nothing is uncertain, and never a negative zero', () => {
    expect(decimalsFor(0.5, 0.5)).toBe(5)
    expect(formatEstimate(-0.001, -0.05, 0.05).value).toBe('0.00')
  })

  it('separate thousands and drop decimals that say nothing', () => {
    expect(formatNumber(250_000)).toBe('250,000')
    expect(formatNumber(0.075_481)).toBe('0.0755')
    expect(formatNumber(17.333)).toBe('17.3')
  })

  it('name spans of time in the largest unit that fits', () => {
    expect(formatDuration(300)).toBe('under 1 s')
    expect(formatDuration(40_000)).toBe('40 s')
    expect(formatDuration(180_000)).toBe('3 min')
    expect(formatDuration(2 * 3_600_000)).toBe('2 h')
    expect(formatDuration(2 * 3_600_000 + 5 * 60_000)).toBe('2 h 5 min')
    expect(formatDuration(72 * 3_600_000)).toBe('3 days')
    expect(formatSpan(125_000)).toBe('2:05')
  })

  it('name sizes and latencies', () => {
    expect(formatBytes(412)).toBe('412 B')
    expect(formatBytes(5120)).toBe('5.0 KiB')
    expect(formatBytes(64 * 1024 * 1024)).toBe('64 MiB')
    expect(formatLatency(0.4)).toBe('< 1 ms')
    expect(formatLatency(38.2)).toBe('38 ms')
    expect(formatLatency(1420)).toBe('1.4 s')
  })

  it('shorten ids and leave short ones alone', () => {
    expect(shortPeer('12D3KooWBmq7RkXgyVb1c2QJdTYs5o8fWn3LhPZkqUe6vYtG4QmX')).toBe('…tG4QmX')
    expect(shortPeer('…4QmX')).toBe('…4QmX')
    expect(shortContent('bafkreigh2akiscaildcqabsyg3dfr6chu3')).toBe('bafkreigh…r6chu3')
  })
})
