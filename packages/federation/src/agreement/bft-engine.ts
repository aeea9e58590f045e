/**
 * The engine of voters and their duties as a file of its own: whoever does not vote never loads it.
 *
 * @module
 */
export { createBftLog } from '@folkmoot/consensus-bft'
export { startVoterDuties } from './voter-duties.ts'
