/**
 * What happens behind the page: reads the link, shows what it asks for, joins when told to, and
 * keeps the view in step with the peer. Loads the network only after Join.
 *
 * @module
 */
import { errorMessage, FederationError } from '@folkmoot/base'
import type { Signal } from '@preact/signals'
import { consentText } from '../consent.ts'
import { refusalOf } from '../refusals.ts'
import type { PageActions, PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { forget, type Remembered, recall, remember } from './memory.ts'
import type { Invited } from './preview.ts'
import { refusalFor } from './refusal-for.ts'
import type { Work } from './work.ts'

/** Starts at once; the actions may be called at any time. */
export function startSession(view: Signal<PageView>): PageActions {
  const show = (change: Partial<PageView>) => {
    view.value = { ...view.value, ...change }
  }
  const refuse = (error: unknown) => show({ phase: 'refused', refusal: refusalFor(error) })
  let invited: Invited | null = null
  let work: Work | null = null
  /** A member that is asked again: its key and its log stay whatever it answers. */
  let returning: Remembered | null = null
  const link = location.hash.startsWith('#join=') ? location.href : null

  /** What is signed is what was read; a changed text asks again. */
  const hashOfConsent = async (): Promise<string> => {
    const bytes = new TextEncoder().encode(consentText(view.value))
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
  }

  const isAgreed = async (kept: Remembered): Promise<boolean> =>
    view.value.study?.id === kept.study && (await hashOfConsent()) === kept.textHash

  // Whoever looks over a shoulder or through the history must not find the key.
  const hideLink = () => {
    if (location.hash !== '') history.replaceState(null, '', location.pathname)
  }

  const begin = async (from: Invited | null, kept: Remembered | null): Promise<void> => {
    show({ phase: 'joining', joiningStep: words.joining.steps[0] ?? null })
    const { startWork } = await import('./work.ts').catch((cause: unknown) => {
      // The rest of the page comes from the relay too.
      throw new FederationError('page/relay-unreachable', errorMessage(cause), { cause })
    })
    // Without the text at hand (the relay is away) the study agreed to is the one that goes on.
    const textHash =
      kept !== null && view.value.study === null ? kept.textHash : await hashOfConsent()
    work = await startWork({
      view,
      show,
      refuse,
      invited: from,
      remembered: kept,
      textHash,
      inviteLink: link,
      joined: (facts) => {
        remember({ ...facts, textHash, inviteLink: null })
        hideLink()
      },
      mirrored: hideLink,
      left: (revocationPublished) => {
        forget()
        show({ phase: 'left', links: [], peers: [], revocationPublished })
      },
    })
  }

  const open = async (): Promise<void> => {
    const kept = recall()
    const { readInvitation, readStudies } = await import('./preview.ts')
    if (link === null) {
      if (kept === null) throw new FederationError('page/no-invitation', '')
      await readStudies(kept, show).catch(() => null)
      const { study } = view.value
      // What runs is what was agreed to: another study, or another text, is asked about like the first.
      if (study !== null && !(await isAgreed(kept))) {
        returning = kept
        return show({ phase: 'invited' })
      }
      return begin(null, kept)
    }
    invited = await readInvitation(link, kept, show)
    if (kept?.fed === invited.fed) {
      if (await isAgreed(kept)) return begin(invited, kept)
      returning = kept
      return show({ phase: 'invited' })
    }
    if (invited.refusal !== null) return show({ phase: 'refused', refusal: invited.refusal })
    show({ phase: 'invited' })
  }
  open().catch((error: unknown) => {
    if (error instanceof FederationError && error.code === 'page/no-invitation') {
      return show({ phase: 'refused', refusal: refusalOf('page/no-invitation') })
    }
    console.error(errorMessage(error))
    refuse(error)
  })

  return {
    join: () => {
      if (view.value.phase === 'invited') begin(invited, returning).catch(refuse)
    },
    pause: () => work?.pause(),
    resume: () => work?.resume(),
    finish: () => work?.finish(),
    leave: () => work?.leave(),
    verifyStudy: () => work?.verifyStudy(0),
    verifyAudit: () => work?.verifyAudit(),
    downloadProof: () => work?.downloadProof(),
    downloadAudit: () => work?.downloadAudit(),
    downloadRevocation: () => work?.downloadRevocation(),
    reportStudy: (reason) => work?.report(reason),
    stopStudy: () => work?.stopStudy(),
    runAgain: () => work?.verifyStudy(3),
    verifyDecisions: () => work?.verifyDecisions(),
    proveFact: (key) => work?.proveFact(key),
    downloadFact: (key) => work?.downloadFact(key),
    acceptVote: () => work?.acceptVote(),
    resignVote: () => work?.resignVote(),
    castBallot: (ballot) => work?.castBallot(ballot),
    setShare: (share) => {
      show({ share })
      work?.setShare(share)
    },
  }
}
