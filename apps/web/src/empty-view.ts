/**
 * The view before anything is known: the state in which the shell first paints.
 *
 * @module
 */
import type { PageView } from './view-model.ts'

/** `relayOrigin` is the origin that served this page. */
export function emptyView(relayOrigin: string): PageView {
  return {
    phase: 'loading',
    refusal: null,
    joiningStep: null,
    federation: null,
    study: null,
    studies: [],
    relayOrigin,
    stunServers: [],
    inviter: null,
    peerId: null,
    answer: null,
    tiles: [],
    now: {
      paused: null,
      unit: null,
      progress: null,
      etaMs: null,
      mineDone: 0,
      mineFinal: 0,
      unitsPerMinute: 0,
      notice: null,
    },
    links: [],
    peers: [],
    webrtc: 'available',
    relayUp: true,
    audit: { rows: [], size: 0, checkpoint: null },
    ledger: null,
    decisions: [],
    credits: [],
    inviteLink: null,
    share: 0.5,
    verification: { state: 'idle' },
    auditVerification: { state: 'idle' },
    decisionsVerification: { state: 'idle' },
    factVerification: { state: 'idle' },
    revocationPublished: false,
    leader: true,
    privateWindow: false,
    clockOffsetMs: 0,
    history: { bucketMs: 10_000, mine: [], all: [] },
    latency: [],
  }
}
