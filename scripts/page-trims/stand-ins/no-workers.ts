/**
 * Stands in for the part of `mortice` that lends a page's locks to its Workers over a
 * BroadcastChannel. The peer store asks for locks of a single process, and the page's only Worker
 * runs a study's code and has no libp2p.
 *
 * @module
 */
export const listenToNobody = (): EventTarget => new EventTarget()
