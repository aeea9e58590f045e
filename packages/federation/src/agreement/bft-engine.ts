/**
 * The engine of voters, their duties, and what else only those who decide need, as a file of its own:
 * whoever does not decide never loads it.
 *
 * @module
 */
export { createBftLog } from '@folkmoot/consensus-bft'
export { createSubmitBudget } from '../ledger/submit-budget.ts'
export { tellInTurn } from '../ledger/tell-in-turn.ts'
export { keepVoterAddresses } from './voter-addresses.ts'
export { startVoterDuties } from './voter-duties.ts'
