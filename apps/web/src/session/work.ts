/**
 * The working tab: after Join. One tab of a browser leads and runs the peer; the others mirror it
 * and take over when it goes.
 *
 * @module
 */
import type { Signal } from '@preact/signals'
import type { PageActions, PageView } from '../view-model.ts'
import { download } from './download.ts'
import { type Lead, startLead } from './lead.ts'
import { type Remembered, recall } from './memory.ts'
import { fetchCharter, type Invited } from './preview.ts'

export interface WorkInit {
  readonly view: Signal<PageView>
  readonly show: (change: Partial<PageView>) => void
  readonly refuse: (error: unknown) => void
  readonly invited: Invited | null
  readonly remembered: Remembered | null
  readonly textHash: string
  readonly inviteLink: string | null
  readonly joined: (facts: Omit<Remembered, 'textHash' | 'inviteLink'>) => void
  /** Another tab of this browser has joined, and this one shows what that one does. */
  readonly mirrored: () => void
  /** `published`: the ledger has taken the revocation. */
  readonly left: (published: boolean) => void
}

/** What is done about agreement; the page asks for it in the same words. */
export type AgreementWork = Pick<
  PageActions,
  'verifyDecisions' | 'proveFact' | 'downloadFact' | 'acceptVote' | 'resignVote' | 'castBallot'
>

export interface Work extends AgreementWork {
  pause(): void
  resume(): void
  finish(): void
  leave(): void
  /** Verifies the study's proof here; `recompute` units are computed once more. */
  verifyStudy(recompute: number): void
  verifyAudit(): void
  downloadProof(): void
  downloadAudit(): void
  downloadRevocation(): void
  report(reason: string): void
  stopStudy(): void
  setShare(share: number): void
}

type Order =
  | { readonly type: 'order'; readonly name: keyof Work; readonly argument?: unknown }
  | { readonly type: 'view'; readonly view: PageView }
  | {
      readonly type: 'left'
      readonly revocation: Uint8Array | null
      readonly published: boolean
    }
  | { readonly type: 'hello' }

/** Mirrors are told this often at the most. */
const mirrorMs = 200

/** Resolves when this tab leads or mirrors. */
export async function startWork(init: WorkInit): Promise<Work> {
  const fed = init.invited?.fed ?? init.remembered!.fed
  const channel = new BroadcastChannel(`folkmoot/${fed}`)
  let lead: Lead | null = null
  let over = false
  /** Kept after leaving, when there is no key any more. */
  let revocation: Uint8Array | null = null

  const startLeading = async (remembered: Remembered | null): Promise<void> => {
    const charter = init.invited?.charter ?? (await fetchCharter(fed, init.show))
    const started = await startLead({ ...init, remembered, fed, charter })
    lead = started
    init.show({ leader: true })
    let timer: ReturnType<typeof setTimeout> | null = null
    init.view.subscribe((view) => {
      if (over || lead === null) return
      if (timer === null) {
        timer = setTimeout(() => {
          timer = null
          channel.postMessage({ type: 'view', view: init.view.value } satisfies Order)
        }, mirrorMs)
      }
      if (view.phase === 'left') {
        over = true
        revocation = started.revocation()
        channel.postMessage({
          type: 'left',
          revocation,
          published: view.revocationPublished,
        } satisfies Order)
      }
    })
  }

  channel.onmessage = ({ data }: MessageEvent<Order>) => {
    if (lead !== null) {
      if (data.type === 'order') void (lead.work[data.name] as (a?: unknown) => void)(data.argument)
      if (data.type === 'hello') {
        channel.postMessage({ type: 'view', view: init.view.value } satisfies Order)
      }
      return
    }
    if (over) return
    if (data.type === 'view') {
      init.show({ ...data.view, leader: false })
      if (data.view.phase === 'joined' || data.view.phase === 'finished') init.mirrored()
    }
    if (data.type === 'left') {
      // Not to join again, unasked, when the tab that left is closed.
      over = true
      revocation = data.revocation
      init.left(data.published)
    }
  }

  // Whoever holds the lock leads; the browser passes it on when that tab is closed or crashes.
  const decided = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  void navigator.locks
    .request(`folkmoot/${fed}`, { ifAvailable: true }, async (lock) => {
      if (lock === null) {
        init.show({ leader: false, phase: 'joined' })
        channel.postMessage({ type: 'hello' } satisfies Order)
        decided.resolve()
        void navigator.locks.request(`folkmoot/${fed}`, async () => {
          if (over) return
          init.show({ leader: true })
          // By now this browser is a member, whatever this tab knew when it was opened.
          await startLeading(recall() ?? init.remembered).then(() => release.promise, init.refuse)
        })
        return
      }
      // A tab that was refused must not keep the lock from one with a better link.
      await startLeading(init.remembered).then(() => {
        decided.resolve()
        return release.promise
      }, decided.reject)
    })
    .catch(decided.reject)
  await decided.promise

  const order =
    (name: keyof Work) =>
    (argument?: unknown): void => {
      if (lead !== null) (lead.work[name] as (a?: unknown) => void)(argument)
      else channel.postMessage({ type: 'order', name, argument } satisfies Order)
    }
  return {
    pause: order('pause'),
    resume: order('resume'),
    finish: order('finish'),
    leave: order('leave'),
    verifyStudy: order('verifyStudy'),
    verifyAudit: order('verifyAudit'),
    downloadProof: order('downloadProof'),
    downloadAudit: order('downloadAudit'),
    downloadRevocation: () => {
      if (revocation === null) order('downloadRevocation')()
      else download('revocation.cbor', revocation, 'application/cbor')
    },
    report: order('report'),
    stopStudy: order('stopStudy'),
    setShare: order('setShare'),
    verifyDecisions: order('verifyDecisions'),
    proveFact: order('proveFact'),
    downloadFact: order('downloadFact'),
    acceptVote: order('acceptVote'),
    resignVote: order('resignVote'),
    castBallot: order('castBallot'),
  }
}
