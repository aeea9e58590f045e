/**
 * A real federation on loopback, for our tests and for agents' developers.
 *
 * @example
 * ```ts
 * import { startLoopbackFederation, waitUntil } from '@folkmoot/testing'
 *
 * const federation = await startLoopbackFederation()
 * const member = await federation.join()
 * await waitUntil('they are linked', () => member.transport.links().length > 0)
 * await federation.stop()
 * ```
 *
 * @module
 */
export { loopbackCharter } from './loopback-charter.ts'
export {
  type LoopbackFederation,
  type LoopbackInit,
  type MemberInit,
  type StudyInit,
  startLoopbackFederation,
} from './loopback-federation.ts'
export { publishedData } from './published-data.ts'
export { waitUntil } from './wait-until.ts'
