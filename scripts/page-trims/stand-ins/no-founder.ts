/**
 * Stands in for what only the founder of a federation runs: the engine's leading side, and
 * answering who asks to join. A tab is always a member (`apps/web/src/session/lead.ts`), and
 * `createPeer` refuses a founder's key in that role before it comes here.
 *
 * @module
 */
function refuseToFound(): never {
  throw new Error('a tab founds no federation')
}

export { refuseToFound as createSoloLog, refuseToFound as serveJoins }
