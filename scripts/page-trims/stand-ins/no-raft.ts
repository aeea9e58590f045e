/**
 * Stands in for engine `raft`. A tab comes and goes, so it follows what a group decides and takes no
 * seat in it: `agreement.accept` refuses with `federation/engine` before it comes here.
 *
 * @module
 */
function refuseRaft(): never {
  throw new Error('a tab has no seat under raft')
}

export { refuseRaft as createRaftLog, refuseRaft as wasMember }
