/**
 * The peer of the leading tab: joins, contributes, and shows what it sees.
 *
 * @module
 */
import { errorCode, errorMessage, FederationError } from '@folkmoot/base'
import { toHex } from '@folkmoot/codec'
import { type Contribution, createPeer, type JoinStep, type Peer } from '@folkmoot/federation'
import { type WebPlatform, webPlatform } from '@folkmoot/federation/web'
import { createChecker } from '@folkmoot/identity'
import type { StudyId } from '@folkmoot/studies'
import { CONSENT_VERSION } from '../consent.ts'
import { words } from '../words.ts'
import { agreementWork } from './agree.ts'
import { download } from './download.ts'
import { isPrivateWindow } from './private-window.ts'
import { createViewMaker } from './to-view.ts'
import { watchSleep } from './watch-sleep.ts'
import type { Work, WorkInit } from './work.ts'

export interface LeadInit extends WorkInit {
  readonly fed: string
  readonly charter: Uint8Array
}

export interface Lead {
  readonly work: Work
  /** The revocation of a key that left; null before. */
  revocation(): Uint8Array | null
}

/** The view is made anew at most this often. */
const refreshMs = 200
/** A relay that did not answer for so long is said to be away. */
const unreachableMs = 10_000
/** How long the page says that it was asleep, so that it can be read. */
const awakeShownMs = 4_000
const steps: Readonly<Record<JoinStep, number>> = {
  opening: 0,
  connecting: 1,
  joining: 2,
  'reading-ledger': 3,
  ready: 3,
}

export async function startLead(init: LeadInit): Promise<Lead> {
  const webrtc = typeof RTCPeerConnection === 'function'
  const privateWindow = isPrivateWindow()
  const nickname =
    init.remembered?.nickname ?? `tab-${toHex(crypto.getRandomValues(new Uint8Array(2)))}`
  const database = `folkmoot-${init.fed.slice(0, 32)}`
  const known = await isKnown(database)
  const platform = await webPlatform({
    database,
    frameUrl: new URL('sandbox.html', document.baseURI).href,
    webrtc,
    // What was named before Join; a relay that could not be asked then names none.
    stun: init.view.value.stunServers,
    onLost: () => location.reload(),
  })
  const relays = init.invited?.relays ?? init.remembered!.relays
  let away = false
  let awayTimer: ReturnType<typeof setTimeout> | undefined
  const onStep = (step: JoinStep) => {
    if (step === 'connecting') {
      awayTimer ??= setTimeout(() => {
        away = true
        init.show({ joiningStep: words.joining.unreachable })
      }, unreachableMs)
      if (away) return
    }
    init.show({ joiningStep: words.joining.steps[steps[step]] ?? null })
  }
  const life = { left: false }
  let peer: Peer
  try {
    peer = await createPeer({
      platform,
      charter: init.charter,
      nickname,
      role: {
        kind: 'member',
        relays,
        ...(init.invited === null
          ? {}
          : { invitation: { bytes: init.invited.invitation, seed: init.invited.seed } }),
      },
      onStep,
      onRefused: ({ code, message }) => {
        // The relay turns away a key that has left, as it should.
        if (!life.left) init.refuse(new FederationError(code, message))
      },
    })
  } catch (error) {
    // A stranger that was refused leaves no key and no database behind.
    if (!known) await platform.destroy().catch(() => {})
    throw error
  } finally {
    clearTimeout(awayTimer)
  }
  try {
    return await lead(init, platform, peer, { relays, nickname, webrtc, privateWindow, life })
  } catch (error) {
    // Nobody could stop a peer that works behind a page which says that it failed.
    await peer.stop().catch(() => {})
    throw error
  }
}

interface Start {
  readonly relays: readonly string[]
  readonly nickname: string
  readonly webrtc: boolean
  readonly privateWindow: Promise<boolean>
  /** Set when the owner has left. */
  readonly life: { left: boolean }
}

async function lead(
  init: LeadInit,
  platform: WebPlatform,
  peer: Peer,
  { relays, nickname, webrtc, privateWindow, life }: Start,
): Promise<Lead> {
  const checker = createChecker(platform.verifier)
  const study = (init.view.value.study?.id ?? init.remembered?.study ?? '') as StudyId
  const facts = { fed: init.fed, relays: [...relays], nickname, study }
  if (init.remembered?.textHash !== init.textHash && study !== '') {
    await peer.consent(study, init.textHash, CONSENT_VERSION)
  }
  init.joined(facts)

  let share = init.view.value.share
  let stopped = false
  const stoppedKey = `page/stopped/${study}`
  /** The owner stopped this study: it stays stopped over a reload. */
  let studyStopped = (await platform.store.get(stoppedKey)) !== undefined
  let revocation: Uint8Array | null = null
  const maker = createViewMaker({ peer, study, webrtc })
  maker.stoppedStudy(studyStopped)
  const contribution = (): Contribution | undefined => peer.studies.contribution(study)
  const refresh = (): void => {
    if (stopped) return
    init.show(maker.make(init.view.value))
  }
  let timer: ReturnType<typeof setTimeout> | null = null
  const later = () => {
    if (timer !== null) return
    timer = setTimeout(() => {
      timer = null
      refresh()
    }, refreshMs)
  }
  const contribute = () => {
    if (stopped || studyStopped || study === '' || peer.studies.room(study) === undefined) return
    const fact = peer.ledger.state.state().study(study)
    const over =
      fact === undefined || fact.closed || fact.expires <= Date.now() + peer.clockOffsetMs()
    if (over) return
    if (contribution() === undefined) {
      peer.studies.contribute(study, share)
      peer.setWorking(true)
    }
  }
  peer.onChange(() => {
    contribute()
    later()
  })
  contribute()
  init.show({
    privateWindow: await privateWindow,
    inviteLink: init.inviteLink,
    phase: 'joined',
  })
  refresh()

  const auditTimer = setInterval(() => {
    void maker.readAudit().then(later)
  }, 1_000)
  void maker.readAudit().then(later)

  const stopWatching = watchSleep(later, () => {
    maker.asleep(true)
    refresh()
    // Links may have died unnoticed; each is asked, and what was cut is made anew.
    const seen = new Promise((resolve) => setTimeout(resolve, awakeShownMs))
    void Promise.all([peer.transport.awake(), seen]).then(() => {
      maker.asleep(false)
      later()
    })
  })

  const goodbye = () => void peer.goodbye()
  addEventListener('pagehide', goodbye)
  // A page that comes back out of the cache has lost its sockets and its lock.
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload()
  })

  const verify = async (recompute: number): Promise<void> => {
    init.show({ verification: { state: 'running' } })
    try {
      const bundle = await peer.bundle(study)
      const units = peer.studies.room(study)!.manifest.units
      const { verifyBundle } = await import('@folkmoot/studies/bundle')
      const verdict = await verifyBundle(bundle, {
        checker,
        expectFed: init.fed,
        recompute: choose(recompute, units),
        run: (code, input, limits) => platform.sandbox!.run({ code, input, limits, share: 1 }).done,
      })
      init.show({
        verification: verdict.ok
          ? {
              state: 'ok',
              words: words.session.verified(
                verdict.final,
                verdict.units,
                verdict.workers,
                verdict.recomputed,
              ),
            }
          : { state: 'failed', words: verdict.fault.message },
      })
    } catch (error) {
      init.show({ verification: { state: 'failed', words: errorMessage(error) } })
    }
  }
  const verifyAudit = async (): Promise<void> => {
    init.show({ auditVerification: { state: 'running' } })
    const verdict = await peer.audit.verify().catch((error: unknown) => ({
      ok: false as const,
      fault: { code: errorCode(error), message: errorMessage(error) },
    }))
    init.show({
      auditVerification: verdict.ok
        ? { state: 'ok', words: words.session.auditVerified(verdict.size) }
        : { state: 'failed', words: verdict.fault.message },
    })
  }
  const tell = (notice: string | null) => {
    maker.notice(notice)
    refresh()
  }
  const attempt = (what: Promise<unknown>) => void what.catch((error) => tell(errorMessage(error)))

  return {
    revocation: () => revocation,
    work: {
      ...agreementWork({ agreement: peer.agreement, show: init.show, tell }),
      pause: () => {
        contribution()?.pause()
        peer.setWorking(false)
      },
      resume: () => {
        studyStopped = false
        maker.stoppedStudy(false)
        attempt(platform.store.write([{ type: 'delete', key: stoppedKey }]))
        contribute()
        contribution()?.resume()
        peer.setWorking(true)
      },
      finish: () =>
        void contribution()
          ?.finish()
          .then(() => peer.setWorking(false)),
      leave: () => {
        if (stopped) return
        stopped = true
        life.left = true
        clearInterval(auditTimer)
        stopWatching()
        removeEventListener('pagehide', goodbye)
        init.show({ phase: 'leaving' })
        const leave = async () => {
          revocation = await peer.revocation('left')
          // Whether the others can record it or not, the key is deleted.
          const left = await peer.leave().catch(() => null)
          try {
            await peer.stop()
          } finally {
            await platform.destroy()
            init.left(left?.ok === true)
          }
        }
        leave().catch(init.refuse)
      },
      verifyStudy: (recompute) => void verify(recompute),
      verifyAudit: () => void verifyAudit(),
      downloadProof: () =>
        attempt(
          peer
            .bundle(study)
            .then((bytes) => download(`${study.slice(0, 8)}.folkmoot`, bytes, 'application/cbor')),
        ),
      downloadAudit: () =>
        attempt(
          peer.audit.export().then((bytes) => download('audit.cbor', bytes, 'application/cbor')),
        ),
      downloadRevocation: () =>
        attempt(
          peer.revocation().then((bytes) => download('revocation.cbor', bytes, 'application/cbor')),
        ),
      report: (reason) =>
        attempt(
          peer
            .report(study, reason)
            .then((verdict) => tell(verdict.ok ? words.session.reported : verdict.fault.message)),
        ),
      stopStudy: () =>
        attempt(
          (async () => {
            studyStopped = true
            contribution()?.pause()
            peer.setWorking(false)
            maker.stoppedStudy(true)
            refresh()
            const value = new Uint8Array([1])
            await platform.store.write([{ type: 'put', key: stoppedKey, value }])
          })(),
        ),
      setShare: (next) => {
        share = next
        contribution()?.setShare(next)
        init.show({ share: next })
      },
    },
  }
}

/** Whether this browser has had a key for this federation before. */
async function isKnown(database: string): Promise<boolean> {
  try {
    return (await indexedDB.databases()).some(({ name }) => name === database)
  } catch {
    // Where the list cannot be had nothing is deleted.
    return true
  }
}

/** `count` units at random, each once, ascending. */
function choose(count: number, units: number): number[] {
  const chosen = new Set<number>()
  while (chosen.size < Math.min(count, units)) {
    const [random = 0] = crypto.getRandomValues(new Uint32Array(1))
    chosen.add(random % units)
  }
  return [...chosen].sort((a, b) => a - b)
}
