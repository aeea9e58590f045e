/**
 * Stands in for `@libp2p/logger`, which writes to the console what `localStorage.debug` names. The
 * page's own log is the audit; libp2p's is for those who develop with the untrimmed development
 * server.
 *
 * @module
 */
interface SilentLogger {
  (): void
  enabled: false
  error(): void
  trace(): void
  newScope(): SilentLogger
}

const silent: SilentLogger = Object.assign(() => {}, {
  enabled: false as const,
  error() {},
  trace() {},
  newScope: () => silent,
})

export const logger = (): SilentLogger => silent

export const defaultLogger = () => ({ forComponent: logger })
