/**
 * The engine of one organisation's machines as a file of its own: the page is built without it, since
 * no tab takes a seat under it.
 *
 * @module
 */
export { createRaftLog, wasMember } from '@folkmoot/consensus-raft'
