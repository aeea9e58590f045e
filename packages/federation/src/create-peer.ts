/**
 * The composition root: wires one peer from its parts and starts them in the order of the floors.
 *
 * @module
 */
import { openAudit } from '@folkmoot/audit'
import { type Clock, type Fault, FederationError, type Millis, type Verdict } from '@folkmoot/base'
import { replayDefaults } from '@folkmoot/calls'
import { toHex } from '@folkmoot/codec'
import {
  createChecker,
  createSigner,
  noteSigner,
  openCharter,
  type PeerId,
  sealRevocation,
} from '@folkmoot/identity'
import { createBlockExchange } from '@folkmoot/transport'
import { createPolicy } from './authorise.ts'
import { createExchange } from './exchange/exchange.ts'
import { createAdmissions } from './join/admissions.ts'
import { joinProtocol, protocolVersion } from './join/messages.ts'
import { serveJoins } from './join/serve-joins.ts'
import { followLedger } from './ledger/follow-ledger.ts'
import { ledgerStudies } from './ledger/ledger-studies.ts'
import { openLedger } from './ledger/open-ledger.ts'
import { serveLedger } from './ledger/serve-ledger.ts'
import { untilMember } from './ledger/until-member.ts'
import { createOwnerActions } from './owner-actions.ts'
import type { Peer } from './peer.ts'
import type { Platform } from './platform.ts'
import { type PresenceService, startPresence } from './presence.ts'
import { resolvePreset } from './presets.ts'
import { createReplayMemory } from './replay-memory.ts'
import { ledgerSubmit } from './services.ts'
import { type StudyService, startStudyService } from './studies/study-service.ts'

/** How a peer comes in. */
export type PeerRole =
  | { readonly kind: 'founder' }
  | {
      readonly kind: 'member'
      /** Relays to join through and stay connected to, multiaddrs that end in a peer id. */
      readonly relays: readonly string[]
      /** Needed once; a member that returns is known. */
      readonly invitation?: { readonly bytes: Uint8Array; readonly seed: Uint8Array }
    }

export interface PeerInit {
  readonly platform: Platform
  /** The signed founding charter. */
  readonly charter: Uint8Array
  readonly role: PeerRole
  /** At most 32 characters; shown to people, decides nothing. */
  readonly nickname: string
  /** Size at which the audit log is full and nothing more may happen; default 1 GiB. */
  readonly auditQuotaBytes?: number
  /** Told what is going on while the peer joins, in a few words. */
  readonly onStep?: (step: JoinStep) => void
  /** Told when the relay refuses this peer for good, also after it had joined: it was revoked, say. */
  readonly onRefused?: (fault: Fault) => void
}

export type JoinStep = 'opening' | 'connecting' | 'joining' | 'reading-ledger' | 'ready'

/**
 * Starts a peer; resolves when it is a member and has the ledger.
 *
 * @throws FederationError the relay's own code where joining was refused; `federation/charter`;
 * the codes of the platform's stores
 */
export async function createPeer(init: PeerInit): Promise<Peer> {
  const { platform } = init
  const { logger, metrics, timers, randomness } = platform
  const step = init.onStep ?? (() => {})
  const stops: (() => Promise<unknown> | unknown)[] = [() => platform.close()]
  let stopping: Promise<void> | null = null
  const stop = (): Promise<void> => {
    // The reverse of the order of starting, one at a time.
    stopping ??= (async () => {
      let failed: unknown
      for (const run of stops.reverse()) {
        // A full disk must not keep the lock, nor a lost database the key that is to be forgotten.
        try {
          await run()
        } catch (error) {
          failed ??= error
        }
      }
      if (failed !== undefined) throw failed
    })()
    return stopping
  }

  try {
    step('opening')
    const checker = createChecker(platform.verifier)
    const signer = createSigner(platform.signer)
    const me = signer.peer
    const opened = await openCharter(checker, init.charter)
    if (!opened.ok) throw new FederationError('federation/charter', opened.fault.message)
    const { charter, fed } = opened
    const leads = me === charter.founder
    if (leads !== (init.role.kind === 'founder')) {
      throw new FederationError('federation/charter', 'this key is not the founder of that charter')
    }
    const preset = resolvePreset(charter.preset)
    const topics = topicsOf(fed)

    let offsetMs: Millis = 0
    /** The relay's time: leases, deadlines and the ledger are measured by it. */
    const clock: Clock = { now: () => platform.clock.now() + offsetMs }

    const audit = await openAudit({
      log: await platform.log('audit'),
      store: platform.store,
      signer,
      note: noteSigner(platform.signer),
      checker,
      fed,
      clock,
      randomness,
      timers,
      ...(init.auditQuotaBytes === undefined ? {} : { quotaBytes: init.auditQuotaBytes }),
    })
    stops.push(() => audit.close())

    const listeners = new Set<() => void>()
    let cancelTell: (() => void) | null = null
    const changed = () => {
      cancelTell ??= timers.after(30, () => {
        cancelTell = null
        for (const listener of listeners) listener()
      })
    }
    stops.push(() => cancelTell?.())

    const home = leads ? me : charter.founder
    const ledger = await openLedger({
      fed,
      founder: charter.founder,
      charterBytes: init.charter,
      signer,
      checker,
      clock,
      log: await platform.log('ledger'),
      logger,
      forward: async (operation) => {
        const answer = await exchange.call(
          home,
          ledgerSubmit,
          { operation },
          { deadlineMs: 15_000 },
        )
        return answer.ok ? { ok: true, height: answer.output.height } : answer
      },
      behind: () => following?.behind() ?? false,
    })
    stops.push(() => ledger.close())

    const admissions = createAdmissions({ fed, checker, clock, charter, ledger: ledger.state })
    const transport = await platform.transport({
      signer: platform.signer,
      preset: charter.preset,
      relays: init.role.kind === 'member' ? init.role.relays : [],
      allow: admissions.standing,
      randomness,
      log: logger,
      metrics,
    })
    stops.push(() => transport.stop())

    const replay = createReplayMemory(platform.clock.now())
    const policy = createPolicy({
      clock,
      roleOf: (peer) => ledger.state.state().members.get(peer)?.role,
    })
    const exchange = createExchange({
      fed,
      signer,
      checker,
      clock,
      timers,
      randomness,
      transport,
      audit,
      logger,
      metrics,
      maxSkewMs: replayDefaults.maxSkewMs,
      standing: admissions.standing,
      authorise: policy.authorise,
      fresh: (from, id, sent, deadline) =>
        replay.take({ from, id: toHex(id), sent, deadline, at: clock.now() }),
      engine: () => {
        const { halted } = ledger.status()
        return halted === undefined ? { ok: true } : { ok: false, fault: halted }
      },
      hello: () => admissions.receipt(),
      onHello: async (bytes, peer) => {
        const known = await admissions.show(bytes, peer)
        if (known) transport.refresh(peer)
        return known
      },
    })
    stops.push(() => exchange.stop())
    const expose: typeof exchange.expose = (entry) => {
      policy.expose(entry.capability.name, entry.exposure)
      exchange.expose(entry)
    }

    const blockExchange = createBlockExchange({ transport, blocks: platform.blocks, metrics })
    stops.push(() => blockExchange.stop())

    let heardAt: Millis = clock.now()
    const isUp = (peer: PeerId) => transport.links().some((link) => link.peer === peer)
    const neighbours = () =>
      [...new Set(transport.links().map((link) => link.peer))].filter(
        (peer) => admissions.standing(peer) === 'member',
      )

    const following =
      ledger.follower === null
        ? null
        : followLedger({
            follower: ledger.follower,
            sources: () => [...new Set([...(isUp(home) ? [home] : []), ...neighbours()])],
            fetch: serveLedger.fetchWith(exchange),
            timers,
            logger,
            pollMs: preset.ledgerPollMs,
            advanced: changed,
            misled: (source, verdict) => {
              if (!verdict.ok)
                logger.log('warn', 'a peer served a bad ledger entry', { code: verdict.fault.code })
              metrics.count('folkmoot_federation_misled_total')
              void source
            },
          })
    if (following !== null) stops.push(() => following.stop())
    serveLedger.expose({
      expose,
      exchange,
      ledger,
      leads,
      clock,
      topic: topics.ledger,
      told: (entry) => following?.told(entry),
    })

    if (leads) {
      if (!ledger.state.state().founded) {
        const founded = await ledger.submit({
          kind: 'federation.found',
          body: { charter: init.charter },
        })
        if (!founded.ok) throw new FederationError('federation/found', founded.fault.message)
      }
      transport.handle(
        joinProtocol,
        serveJoins({
          signer,
          checker,
          fed,
          clock,
          charter: init.charter,
          member: (peer) => {
            const member = ledger.state.state().members.get(peer)
            return member?.status === 'active'
              ? { role: member.role, root: member.root }
              : undefined
          },
          revoked: (peer) => admissions.standing(peer) === 'revoked',
          unusable: admissions.unusable,
          admit: async ({ peer, invitation, redemption, nickname, role }) => {
            const intent = await audit.intent({
              direction: 'in',
              peer,
              action: 'admission',
              capability: null,
            })
            const verdict = await ledger.submit({
              kind: 'member.admit',
              body: { invitation, redemption, nickname, role },
            })
            await audit.outcome(intent, {
              decision: verdict.ok ? 'done' : 'failed',
              reason: verdict.ok ? null : verdict.fault.code,
            })
            if (verdict.ok) transport.refresh(peer)
            return verdict
          },
          decided: async (_peer, verdict) => {
            if (!verdict.ok) audit.counter(`refused.${verdict.fault.code}`)
          },
          perMinute: preset.joinsPerMinute,
          receiptMs: preset.receiptMs,
        }),
        { strangers: true, maxFrame: 4_096, maxStreamsPerPeer: 1, timeoutMs: 15_000 },
      )
    } else {
      const role = init.role as Extract<PeerRole, { kind: 'member' }>
      const joining = admissions.joinThrough({
        transport,
        signer,
        platform,
        relay: charter.founder,
        nickname: init.nickname,
        role: 'member',
        invitation: role.invitation ?? null,
        timers,
        logger,
        // A member that returns can work with the neighbours it still has while its relay is away.
        patient: !ledger.state.isMember(me),
        connecting: () => step('connecting'),
        refused: (fault) => init.onRefused?.(fault),
        joined: (joined) => {
          offsetMs = joined.clockOffsetMs
          replay.moveTo(offsetMs)
          heardAt = clock.now()
          transport.refresh()
          changed()
        },
      })
      stops.push(() => joining.stop())
      step('joining')
      await joining.first
      step('reading-ledger')
      await following!.catchUp()
      await untilMember(
        () => ledger.state.isMember(me),
        () => following!.catchUp(),
        timers,
      )
    }

    /** Filled as the parts start: their callbacks may come before all of them are there. */
    const parts: { studies?: StudyService; presence?: PresenceService } = {}
    /** Links are kept with those that are here; the ledger alone would name every laptop ever closed. */
    const hereNow = (): PeerId[] =>
      (parts.presence?.present() ?? [])
        .filter((peer) => peer.status !== 'gone' && peer.peer !== me && peer.peer !== home)
        .map((peer) => peer.peer)

    const presence = startPresence({
      me,
      nickname: init.nickname,
      role: leads ? 'founder' : 'member',
      protocol: protocolVersion,
      exchange,
      transport,
      clock,
      timers,
      randomness,
      logger,
      topic: topics.presence,
      changed: () => {
        transport.setPeers(hereNow())
        changed()
      },
      gone: (peer) => parts.studies?.peerGone(peer),
    })
    parts.presence = presence
    stops.push(() => presence.stop())
    /** Who left in peace keeps the results it gave; a key revoked for any other reason loses them. */
    const rootOf = (peer: PeerId): string | undefined => {
      const state = ledger.state.state()
      const revoked = state.revoked.get(peer)
      return revoked?.by === peer && revoked.reason === leftReason
        ? state.members.get(peer)?.root
        : state.rootOf(peer)
    }

    const studies = await startStudyService({
      fed,
      signer,
      checker,
      clock,
      timers,
      randomness,
      store: platform.store,
      blocks: platform.blocks,
      exchange: { ...exchange, expose },
      blockExchange,
      sandbox: platform.sandbox,
      logger,
      metrics,
      topic: topics.studies,
      rootOf,
      studies: () => ledgerStudies(ledger),
      height: () => ledger.status().height,
      present: () => neighbours(),
      home: () => {
        if (leads || isUp(home)) heardAt = clock.now()
        return { peer: home, heardAt }
      },
      submitBatch: leads
        ? (batch) =>
            ledger.submit({
              kind: 'study.batch',
              body: {
                study: batch.study,
                root: batch.root,
                count: batch.units.length,
                units: batch.units.map((unit) => unit.unit),
                credits: batch.credits.map(([peer, count]) => [peer, count]),
              },
            })
        : null,
      syncMs: preset.syncMs,
    })
    stops.push(() => studies.stop())
    studies.onChange(changed)
    parts.studies = studies
    ledger.onFinal(() => {
      transport.refresh()
      changed()
      void studies.ledgerChanged()
    })
    // What became final while the parts were starting.
    await studies.ledgerChanged()
    const unlink = transport.onLinks(changed)
    stops.push(unlink)
    transport.setPeers(hereNow())
    step('ready')

    const peer: Peer = {
      me,
      fed,
      charter,
      charterBytes: init.charter,
      transport,
      exchange: { ...exchange, expose },
      ledger,
      audit,
      studies,
      clockOffsetMs: () => offsetMs,
      relay: () => {
        const up = leads || isUp(home)
        if (up) heardAt = clock.now()
        return { peer: home, up, heardAt }
      },
      present: () => presence.present(),
      setWorking: (working) => presence.setWorking(working),
      call: exchange.call,
      onChange: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      ...createOwnerActions({
        signer,
        checker,
        fed,
        charter,
        charterBytes: init.charter,
        clock,
        platform,
        ledger,
        audit,
        studies,
        blockExchange,
        neighbours,
      }),
      goodbye: () => void presence.leave(),
      leave: async (): Promise<Verdict> => {
        const revocation = await sealRevocation(signer, {
          v: 1,
          fed,
          peer: me,
          reason: leftReason,
          at: clock.now(),
        })
        const left = await ledger.submit({ kind: 'member.revoke', body: { revocation } })
        await presence.leave()
        return left
      },
      stop: async () => {
        await Promise.race([
          presence.leave(),
          new Promise((resolve) => timers.after(1_000, () => resolve(null))),
        ])
        await stop()
      },
    }
    return peer
  } catch (error) {
    await stop().catch(() => {})
    throw error
  }
}

/** The reason in a revocation that a member publishes when it leaves. */
const leftReason = 'left'

function topicsOf(fed: string) {
  return {
    presence: `/folkmoot/1/${fed}/presence`,
    studies: `/folkmoot/1/${fed}/studies`,
    ledger: `/folkmoot/1/${fed}/ledger`,
  }
}
