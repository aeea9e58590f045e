/**
 * One peer of a federation: the parts, wired in one place.
 *
 * @example
 * ```ts
 * import { createPeer } from '@folkmoot/federation'
 * import { nodePlatform } from '@folkmoot/federation/node'
 *
 * const platform = await nodePlatform({ state: './state', listen: ['/ip4/127.0.0.1/tcp/0'] })
 * const peer = await createPeer({ platform, charter, role: { kind: 'founder' }, nickname: 'relay' })
 * ```
 *
 * @module
 */

export { firstVoteKey } from './agreement/first-vote-key.ts'
export {
  type ChangeSurroundings,
  type CharterChange,
  type ProposedChange,
  proposedChange,
} from './agreement/proposed-change.ts'
export type { Agreement, CheckedDecision, ProvenFact } from './agreement.ts'
export type {
  AnyCapability,
  CallContext,
  Capability,
  Exposed,
  Handler,
  StreamHandler,
} from './capability.ts'
export type { FederationCode } from './codes.ts'
export { createPeer } from './create-peer.ts'
export type { CallOptions, Exchange, ItemStream } from './exchange/exchange.ts'
export { joinProtocol, protocolVersion } from './join/messages.ts'
export type { SharedLedger } from './ledger/shared-ledger.ts'
export type { IssuedInvitation, NewInvitation, Peer, PresentPeer } from './peer.ts'
export type { JoinStep, PeerInit, PeerRole } from './peer-init.ts'
export type { Action, Pipeline, Stage, StageName } from './pipeline.ts'
export type { Platform, TransportRequest } from './platform.ts'
export type { Contribution, ContributionView, HeldReason } from './studies/contribution.ts'
export { keepStudyBlocks } from './studies/keep-study-blocks.ts'
export type { Answer, StudyRoom } from './studies/study-room.ts'
export type { StudyService } from './studies/study-service.ts'
export { within } from './within.ts'
