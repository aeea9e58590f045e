/**
 * What the owner of a peer asks it to do: invite, open a study, report one, consent, export.
 *
 * @module
 */
import type { AuditLog } from '@folkmoot/audit'
import { type Clock, FederationError, type Millis, refuse, type Verdict } from '@folkmoot/base'
import { type ContentId, encode } from '@folkmoot/codec'
import { type VoterSet, voterSetHash } from '@folkmoot/consensus'
import {
  type Charter,
  type Checker,
  createSigner,
  type FederationId,
  openInvitation,
  type PeerId,
  type Signer,
  sealConsent,
  sealInvitation,
  sealRevocation,
} from '@folkmoot/identity'
import { openManifest, reduceInput, type StudyId } from '@folkmoot/studies'
import type { BlockExchange } from '@folkmoot/transport'
import { giveSeatBack } from './give-seat-back.ts'
import { leftReason } from './ledger/credited-root.ts'
import type { SharedLedger } from './ledger/shared-ledger.ts'
import type { Peer } from './peer.ts'
import type { Platform } from './platform.ts'
import { keepStudyBlocks } from './studies/keep-study-blocks.ts'
import { consentedShare, consentKey } from './studies/permits.ts'
import type { StudyService } from './studies/study-service.ts'
import { within } from './within.ts'

export interface OwnerActionsInit {
  readonly signer: Signer
  readonly checker: Checker
  readonly fed: FederationId
  readonly charter: Charter
  readonly charterBytes: Uint8Array
  readonly clock: Clock
  readonly platform: Platform
  readonly ledger: SharedLedger
  readonly audit: AuditLog
  readonly studies: StudyService
  readonly blockExchange: BlockExchange
  readonly neighbours: () => readonly PeerId[]
  /** Resolves when the goodbye was handed to the neighbours. */
  readonly sayGoodbye: () => Promise<void>
}

/** For the revocation of who leaves; those who decide may be out of reach. */
const revokedWaitMs: Millis = 20_000
/** Where too few decide: for handing it to those who are there, to be decided later. */
const handInMs: Millis = 3_000
/** For the goodbye. */
const goodbyeMs: Millis = 1_000

type OwnerActions = Pick<
  Peer,
  | 'invite'
  | 'revokeInvitation'
  | 'openStudy'
  | 'closeStudy'
  | 'revokePeer'
  | 'report'
  | 'consent'
  | 'revocation'
  | 'leave'
  | 'bundle'
>

export function createOwnerActions(init: OwnerActionsInit): OwnerActions {
  const { signer, clock, ledger, platform } = init
  const me = signer.peer

  /** Local decisions that change shared state are logged like any other action. */
  const logged = async (
    action: 'operation' | 'consent',
    content: Uint8Array,
    run: () => Promise<Verdict>,
  ): Promise<Verdict> => {
    const intent = await init.audit.intent({ direction: 'local', peer: me, action, content })
    const verdict = await run()
    await init.audit.outcome(intent, {
      decision: verdict.ok ? 'done' : 'failed',
      reason: verdict.ok ? null : verdict.fault.code,
    })
    return verdict
  }
  const must = (verdict: Verdict): void => {
    if (!verdict.ok) throw new FederationError(verdict.fault.code, verdict.fault.message)
  }

  return {
    invite: async ({ uses, validMs, role, cohort, relays }) => {
      const seed = platform.randomness.bytes(32)
      const key = createSigner(await platform.signerFromSeed(seed))
      const now = clock.now()
      const invitation = await sealInvitation(signer, {
        v: 1,
        fed: init.fed,
        relays: [...relays],
        role,
        cohort,
        uses,
        expires: now + validMs,
        key: key.publicKey,
        anchor: anchorOf(ledger.voterSet(), now),
      })
      must(
        await logged('operation', encode({ kind: 'invitation.create', uses, cohort }), () =>
          ledger.submit({ kind: 'invitation.create', body: { invitation } }),
        ),
      )
      const opened = await openInvitation(init.checker, invitation)
      if (!opened.ok) throw new FederationError('federation/invite', opened.fault.message)
      return { id: opened.id, invitation, seed }
    },

    revokeInvitation: (id) =>
      logged('operation', encode({ kind: 'invitation.revoke', id }), () =>
        ledger.submit({ kind: 'invitation.revoke', body: { invitation: id } }),
      ),

    openStudy: async (manifest, blocks) => {
      const opened = await openManifest(init.checker, manifest, { fed: init.fed, now: clock.now() })
      if (!opened.ok) return opened
      const kept = await keepStudyBlocks(platform.blocks, opened.manifest, blocks)
      if (!kept.ok) return kept
      const body = { manifest, manifestId: opened.study }
      const submitted = await logged(
        'operation',
        encode({ kind: 'study.open', study: opened.study }),
        () => ledger.submit({ kind: 'study.open', body }),
      )
      if (!submitted.ok) return submitted
      await init.studies.ledgerChanged()
      return { ok: true, study: opened.study }
    },

    closeStudy: (study) =>
      logged('operation', encode({ kind: 'study.close', study }), () =>
        ledger.submit({ kind: 'study.close', body: { study } }),
      ),

    revokePeer: async (peer, reason) => {
      const revocation = await sealRevocation(signer, {
        v: 1,
        fed: init.fed,
        peer,
        reason,
        at: clock.now(),
      })
      return logged('operation', encode({ kind: 'member.revoke', peer, reason }), () =>
        ledger.submit({ kind: 'member.revoke', body: { revocation } }),
      )
    },

    report: (study, reason) =>
      logged('operation', encode({ kind: 'report', study, reason }), () =>
        ledger.submit({ kind: 'report', body: { study, reason } }),
      ),

    consent: async (study, textHash, version) => {
      const consent = await sealConsent(signer, {
        v: 1,
        fed: init.fed,
        peer: me,
        study,
        textHash,
        version,
        at: clock.now(),
      })
      must(
        await logged('consent', consent, async () => {
          await platform.store.write([{ type: 'put', key: consentKey(study), value: consent }])
          return { ok: true }
        }),
      )
      init.studies.permit(study as StudyId, { share: consentedShare })
    },

    revocation: (reason = 'lost') =>
      sealRevocation(signer, { v: 1, fed: init.fed, peer: me, reason, at: clock.now() }),

    leave: async () => {
      const { timers } = platform
      const isFree = await giveSeatBack({ me, ledger, timers })
      const revocation = await sealRevocation(signer, {
        v: 1,
        fed: init.fed,
        peer: me,
        reason: leftReason,
        at: clock.now(),
      })
      const revoke = ledger.submit({ kind: 'member.revoke', body: { revocation } })
      const left = await within(timers, isFree ? revokedWaitMs : handInMs, revoke)
      await within(timers, goodbyeMs, init.sayGoodbye())
      return left ?? notDecided()
    },

    bundle: async (study) => {
      const room = init.studies.room(study as StudyId)
      if (room === undefined) {
        throw new FederationError('federation/no-study', 'no such study is here')
      }
      const height = ledger.status().height
      const entries = async function* () {
        for (let at = 1; at <= height; at++) {
          const entry = await ledger.entryAt(at)
          if (entry !== undefined) yield entry
        }
      }
      // A page needs this only when somebody asks for a proof.
      const { buildBundle } = await import('@folkmoot/studies/bundle')
      return buildBundle({
        checker: init.checker,
        charter: init.charterBytes,
        epochs: ledger.epochLinks(),
        entries: entries(),
        study: room.study,
        manifest: room.manifest,
        block: (id: ContentId) => init.blockExchange.get(id, init.neighbours()),
        result: (id) => room.results.get(id),
        batch: (root) => init.studies.batch(room.study, root),
        reduce: async (outputs) => {
          if (platform.sandbox === null) {
            throw new FederationError('federation/no-sandbox', 'this peer runs no code')
          }
          const outcome = await platform.sandbox.run({
            code: await init.blockExchange.get(room.manifest.reduce, init.neighbours()),
            input: reduceInput(room.manifest, room.study, outputs),
            limits: room.manifest.limits,
            share: 1,
          }).done
          if (outcome.ok) return outcome.output
          throw new FederationError('federation/reduce', `reduce gave no answer: ${outcome.reason}`)
        },
      })
    },
  }
}

function notDecided(): Verdict<never> {
  return refuse(
    'federation/not-decided',
    'too few of those who decide are there; the others may decide it once they are',
  )
}

/** Where a light client may start; epoch 0 says that the founder decides. */
function anchorOf(set: VoterSet | null, date: Millis) {
  return set === null
    ? { epoch: 0, setHash: new Uint8Array(32), date }
    : { epoch: set.epoch, setHash: voterSetHash(set), date }
}
