/**
 * Stands in for what only the founder of a federation and other relays run: the engine's leading side,
 * answering who asks to join, and opening a study, for which the page has no place. A tab is always a
 * member (`apps/web/src/session/lead.ts`), and `createPeer` refuses a founder's key in that role before
 * it comes here.
 *
 * @module
 */
function refuseToLead(): never {
  throw new Error('no tab does this')
}

export {
  refuseToLead as admitMembers,
  refuseToLead as createSoloLog,
  refuseToLead as foundOnce,
  refuseToLead as keepStudyBlocks,
}
