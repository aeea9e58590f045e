/**
 * The actions of a page whose session has not been loaded: nothing can be done yet.
 *
 * @module
 */
import type { PageActions } from './view-model.ts'

const nothing = (): void => {}

export const idleActions: PageActions = {
  join: nothing,
  pause: nothing,
  resume: nothing,
  finish: nothing,
  leave: nothing,
  verifyStudy: nothing,
  verifyAudit: nothing,
  downloadProof: nothing,
  downloadAudit: nothing,
  downloadRevocation: nothing,
  reportStudy: nothing,
  stopStudy: nothing,
  runAgain: nothing,
  verifyDecisions: nothing,
  proveFact: nothing,
  downloadFact: nothing,
  acceptVote: nothing,
  resignVote: nothing,
  castBallot: nothing,
  setShare: nothing,
}
