/**
 * The composition root: wires one peer from its parts and starts them in the order of the floors.
 *
 * @module
 */
import { openAudit } from '@folkmoot/audit'
import { FederationError, refuse } from '@folkmoot/base'
import { replayDefaults } from '@folkmoot/calls'
import { toHex } from '@folkmoot/codec'
import {
  createChecker,
  createSigner,
  noteSigner,
  openCharter,
  type PeerId,
} from '@folkmoot/identity'
import { createBlockExchange, peerOfAddress, type Transport } from '@folkmoot/transport'
import type { ForkHearing } from './agreement/ask-for-forks.ts'
import { deferNetwork } from './agreement/deferred-network.ts'
import { serveClaims } from './agreement/serve-claims.ts'
import { startVoting } from './agreement/start-voting.ts'
import { startVotingPart, type VotingPart } from './agreement/voting-part.ts'
import { type Agreement, createAgreement } from './agreement.ts'
import { createPolicy } from './authorise.ts'
import { createChangeNotice } from './change-notice.ts'
import { createExchange, type Exchange } from './exchange/exchange.ts'
import { startIntroductions } from './introductions.ts'
import { createAdmissions, type Joining } from './join/admissions.ts'
import { admitMembers } from './join/admit-members.ts'
import { protocolVersion } from './join/messages.ts'
import { keepLinks } from './keep-links.ts'
import { anchorCheckpoints } from './ledger/anchor-checkpoints.ts'
import { foundOnce } from './ledger/found-once.ts'
import { invitedAnchor } from './ledger/invited-anchor.ts'
import { forwardTo, startLedgerService } from './ledger/ledger-service.ts'
import { openLedger } from './ledger/open-ledger.ts'
import { untilMember } from './ledger/until-member.ts'
import { createNeighbourhood } from './neighbourhood.ts'
import { createOwnerActions } from './owner-actions.ts'
import type { Peer } from './peer.ts'
import type { PeerInit, PeerRole } from './peer-init.ts'
import { type PresenceService, startPresence } from './presence.ts'
import { resolvePreset } from './presets.ts'
import { openRelayTime } from './relay-time.ts'
import { createStops, type Stops } from './stops.ts'
import { type StudyService, startStudyService } from './studies/study-service.ts'
import { studySources } from './studies/study-sources.ts'
import { within } from './within.ts'

/** A page that closes waits no longer than this for its goodbye to be handed over. */
const goodbyeMs = 1_000

/**
 * Starts a peer; resolves when it is a member and has the ledger.
 *
 * @throws FederationError the relay's own code where joining was refused; `federation/charter`;
 * the codes of the platform's stores
 */
export async function createPeer(init: PeerInit): Promise<Peer> {
  const stops = createStops()
  stops.add(() => init.platform.close())
  try {
    return await start(init, stops)
  } catch (error) {
    await stops.run().catch(() => {})
    throw error
  }
}

async function start(init: PeerInit, stops: Stops): Promise<Peer> {
  const { platform } = init
  const { logger, metrics, timers, randomness } = platform
  const step = init.onStep ?? (() => {})

  step('opening')
  const checker = createChecker(platform.verifier)
  const signer = createSigner(platform.signer)
  const me = signer.peer
  const opened = await openCharter(checker, init.charter)
  if (!opened.ok) throw new FederationError('federation/charter', opened.fault.message)
  const { charter, fed } = opened
  const home = charter.founder
  const leads = me === home
  const relays = relaysOf(init.role, home)
  if (leads !== (init.role.kind === 'founder')) {
    throw new FederationError('federation/charter', 'this key is not the founder of that charter')
  }
  const preset = resolvePreset(charter.preset)
  const topics = topicsOf(fed)
  const time = await openRelayTime({ platform, timers, logger, leads })
  const { clock } = time
  const common = { fed, signer, checker, clock, timers, randomness, logger, metrics }
  const notice = createChangeNotice(timers)

  const audit = await openAudit({
    ...common,
    log: await platform.log('audit'),
    store: platform.store,
    note: noteSigner(platform.signer),
    ...(init.auditQuotaBytes === undefined ? {} : { quotaBytes: init.auditQuotaBytes }),
  })
  stops.add(() => audit.close())
  stops.add(notice.stop)

  const ledgerLog = await platform.log('ledger')
  const anchor = await invitedAnchor({
    store: platform.store,
    checker,
    fed,
    isNew: ledgerLog.length === 0,
    invitation: init.role.kind === 'member' ? init.role.invitation?.bytes : undefined,
  })
  const deferred = deferNetwork()
  /** Filled as the parts start: their callbacks may come before all of them are there. */
  const parts: {
    studies?: StudyService
    presence?: PresenceService
    voting?: VotingPart
    agreement?: Agreement
  } = {}
  const forks: ForkHearing = {
    forked: () => parts.agreement?.forked(),
    heardOther: async (bytes, from) =>
      parts.agreement?.heard(bytes, from) ?? refuse('federation/busy', 'starting'),
  }
  // The shared state first: who may speak at all is read from it.
  const ledger = await openLedger({
    ...common,
    charter,
    charterBytes: init.charter,
    log: ledgerLog,
    anchor,
    forward: forwardTo({
      // Whoever is linked first: another one is dialled only where none of them answers.
      targets: () => {
        const voters = ledger.voters().filter((peer) => peer !== me)
        const isUp = (peer: PeerId) => neighbourhood.isUp(peer)
        return [...voters.filter(isUp), ...voters.filter((peer) => !isUp(peer))]
      },
      exchange: () => exchange,
      clock,
    }),
    behind: () => ledgerService?.behind() ?? false,
    wasInGroup: async () => {
      if (!platform.engines.includes('raft')) return false
      const { wasMember } = await import('./agreement/raft-engine.ts')
      return wasMember(await platform.consensus())
    },
    vote: (chain, facts, state) =>
      startVoting(
        {
          ...common,
          log: ledgerLog,
          database: platform.consensus,
          network: deferred,
          deltaMs: preset.deltaMs,
          heartbeatMs: preset.heartbeatMs,
          onEvidence: (evidence) => parts.voting?.onEvidence(evidence),
          onFork: forks.forked,
        },
        chain,
        facts,
        state,
      ),
  })
  stops.add(() => ledger.close())
  const admissions = createAdmissions({
    fed,
    checker,
    clock,
    charter,
    ledger: ledger.state,
    trusted: () => [...relays, ...ledger.voters()],
  })

  const transport = await platform.transport({
    signer: platform.signer,
    preset: charter.preset,
    relays: init.role.kind === 'member' ? init.role.relays : [],
    allow: admissions.standing,
    randomness,
    log: logger,
    metrics,
  })
  stops.add(() => transport.stop())

  stops.add(time.keep)
  const policy = createPolicy({
    clock,
    roleOf: (peer) => ledger.state.state().members.get(peer)?.role,
  })
  const admitsAlone = () => ledger.voters().every((voter) => voter === me)
  const calls = createExchange({
    ...common,
    transport,
    audit,
    maxSkewMs: replayDefaults.maxSkewMs,
    standing: admissions.standing,
    authorise: policy.authorise,
    fresh: (from, id, sent, deadline) =>
      time.take({ from, id: toHex(id), sent, deadline, at: clock.now() }),
    engine: () => {
      const { halted } = ledger.status()
      return halted === undefined ? { ok: true } : { ok: false, fault: halted }
    },
    // Who alone admits knows its members, and strangers come in by joining only.
    receipts: !(leads && ledger.status().kind === 'solo'),
    hello: () => admissions.receipt(),
    onHello: async (bytes, peer) => {
      // The same where voters decide and this peer is the only one of them.
      if (admitsAlone() && admissions.standing(peer) !== 'member') return false
      const known = await admissions.show(bytes, peer)
      if (known) transport.refresh(peer)
      return known
    },
  })
  stops.add(() => calls.stop())
  const exchange: Exchange = {
    ...calls,
    expose: (entry) => {
      policy.expose(entry.capability.name, entry.exposure)
      calls.expose(entry)
    },
  }
  const blockExchange = createBlockExchange({ transport, blocks: platform.blocks, metrics })
  stops.add(() => blockExchange.stop())

  const { standing } = admissions
  const neighbourhood = createNeighbourhood({
    transport,
    clock,
    randomness,
    me,
    home,
    relays,
    isRelay: leads || init.announce === true,
    standing,
  })
  const ledgerService = startLedgerService({
    ...common,
    ledger,
    exchange,
    me,
    preset,
    topic: topics.ledger,
    sources: neighbourhood.sources,
    changed: notice.changed,
    ...forks,
  })
  stops.add(ledgerService.stop)
  serveClaims(exchange, ledger)
  const own = () => (init.announce === true ? ownAddresses(transport) : [])
  const voting = startVotingPart({
    ...common,
    ...forks,
    ledger,
    store: platform.store,
    database: platform.consensus,
    deferred,
    transport,
    exchange,
    topic: topics.consensus,
    announced: (peer) => parts.presence?.addressesOf(peer) ?? [],
    own,
  })
  parts.voting = voting
  stops.add(voting.stop)

  const introductions = startIntroductions({
    ...common,
    exchange,
    relays: leads ? [] : relays,
    linked: () => neighbourhood.several((peer) => ledger.state.state().rootOf(peer)),
    present: () => parts.presence?.present() ?? [],
    isMember: (peer) => standing(peer) === 'member',
    changed: () => keep(),
  })
  stops.add(introductions.stop)
  const keep = keepLinks({
    me,
    relays,
    transport,
    presence: () => parts.presence,
    named: introductions.named,
  })
  let introduced: Promise<number | undefined> | undefined

  let joining: Joining | null = null
  const stopWatch = time.watch((why) => {
    joining?.again()
    // A relay's members measure its time when they link.
    if (!leads || why !== 'doubt') return
    for (const { peer } of transport.links()) void transport.hangUp(peer, 'the clock was set')
  })
  stops.add(stopWatch)

  if (leads) {
    await foundOnce(ledger, init.charter)
  } else {
    const role = init.role as Extract<PeerRole, { kind: 'member' }>
    joining = admissions.joinThrough({
      transport,
      signer,
      platform,
      relays,
      nickname: init.nickname,
      invitation: role.invitation ?? null,
      timers,
      logger,
      // A member that returns can work with the neighbours it still has while its relay is away.
      patient: !ledger.state.isMember(me),
      connecting: () => step('connecting'),
      refused: (fault) => init.onRefused?.(fault),
      joined: (joined) => {
        time.measured(joined.clockOffsetMs)
        neighbourhood.heard()
        transport.refresh()
        notice.changed()
      },
    })
    stops.add(() => joining?.stop())
    step('joining')
    await joining.first
    introduced = introductions.ask()
    step('reading-ledger')
    await ledgerService.catchUp()
    await untilMember(() => ledger.state.isMember(me), ledgerService.catchUp, timers)
    // The ledger knows now whom the relay has named.
    keep()
  }
  if (leads || init.announce === true) {
    admitMembers({
      ...common,
      charterBytes: init.charter,
      transport,
      ledger,
      admissions,
      audit,
      preset,
    })
  }

  const presence = startPresence({
    ...common,
    me,
    nickname: init.nickname,
    role: leads ? 'founder' : (ledger.state.state().members.get(me)?.role ?? 'member'),
    protocol: protocolVersion,
    addresses: own(),
    exchange,
    transport,
    topic: topics.presence,
    changed: () => {
      keep()
      voting.look()
      notice.changed()
    },
    gone: (peer) => parts.studies?.peerGone(peer),
  })
  parts.presence = presence
  stops.add(() => presence.stop())
  void introduced?.then((count) => {
    if (count !== undefined) presence.told(count)
  })

  const studies = await startStudyService({
    ...common,
    ...studySources({ ledger, neighbourhood, me }),
    store: platform.store,
    blocks: platform.blocks,
    exchange,
    audit,
    blockExchange,
    sandbox: platform.sandbox,
    topic: topics.studies,
    syncMs: preset.syncMs,
  })
  stops.add(() => studies.stop())
  studies.onChange(notice.changed)
  parts.studies = studies
  ledger.onFinal(() => {
    transport.refresh()
    for (const gone of ledger.state.state().revoked.keys()) presence.removed(gone)
    notice.changed()
    void studies.ledgerChanged()
  })
  // What became final while the parts were starting.
  await studies.ledgerChanged()
  stops.add(transport.onLinks(notice.changed))
  keep()
  const agreement = createAgreement({
    ...common,
    charter,
    charterBytes: init.charter,
    ledger,
    audit,
    exchange,
    store: platform.store,
    accept: ledger.accept,
    topic: topics.ledger,
    others: () => neighbourhood.several((peer) => ledger.state.state().rootOf(peer)),
    heartbeatMs: preset.heartbeatMs,
    claim: voting.claim,
    crossing: voting.crossing,
    engines: platform.engines,
  })
  parts.agreement = agreement
  stops.add(anchorCheckpoints({ ...common, me, audit, ledger }))
  step('ready')

  return {
    me,
    fed,
    charter,
    charterBytes: init.charter,
    transport,
    exchange,
    ledger,
    audit,
    studies,
    agreement,
    clockOffsetMs: clock.offsetMs,
    relay: neighbourhood.relay,
    present: presence.present,
    setWorking: presence.setWorking,
    call: exchange.call,
    onChange: notice.subscribe,
    ...createOwnerActions({
      ...common,
      charter,
      charterBytes: init.charter,
      platform,
      ledger,
      audit,
      studies,
      blockExchange,
      neighbours: neighbourhood.members,
      sayGoodbye: presence.leave,
    }),
    goodbye: () => void presence.leave(),
    stop: async () => {
      await within(timers, goodbyeMs, presence.leave())
      await stops.run()
    },
  }
}

function topicsOf(fed: string) {
  return {
    presence: `/folkmoot/1/${fed}/presence`,
    studies: `/folkmoot/1/${fed}/studies`,
    ledger: `/folkmoot/1/${fed}/ledger`,
    consensus: `/folkmoot/1/${fed}/consensus`,
  }
}

/** Where a relay listens itself: a circuit through another one is no place to find it again. */
function ownAddresses(transport: Transport): string[] {
  return transport
    .addresses()
    .filter((address) => !address.includes('/p2p-circuit') && address.length <= maxAddressLength)
    .slice(0, maxAddresses)
}

/** As much as a presence record takes. */
const maxAddresses = 8
const maxAddressLength = 512

/** Whom a member joins through: whom it was told of, and the founder, who may be one of them. */
function relaysOf(role: PeerRole, founder: PeerId): PeerId[] {
  if (role.kind === 'founder') return []
  const named = role.relays.map(peerOfAddress).filter((peer) => peer !== undefined)
  return [...new Set([...named, founder])]
}
