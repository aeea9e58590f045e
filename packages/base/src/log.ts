/**
 * Structured logs and metrics as interfaces. Personal data never goes into a field or a label.
 *
 * @module
 */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Logger {
  log(level: LogLevel, message: string, fields?: LogFields): void
}

/** Drops everything. */
export const silentLogger: Logger = { log: () => {} }

/** Counters and gauges named `folkmoot_<package>_<thing>_<unit>`; labels are small unions. */
export interface Metrics {
  count(name: string, labels?: Readonly<Record<string, string>>, by?: number): void
  gauge(name: string, value: number, labels?: Readonly<Record<string, string>>): void
  observe(name: string, value: number, labels?: Readonly<Record<string, string>>): void
}

/** Drops everything. */
export const silentMetrics: Metrics = { count: () => {}, gauge: () => {}, observe: () => {} }
