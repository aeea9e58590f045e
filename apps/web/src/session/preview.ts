/**
 * Before Join: reads the invitation in the link and asks this origin, without an identity, what the
 * federation is and which study is open. Makes no key, opens no socket, stores nothing.
 *
 * @module
 */
import { FederationError, type Millis } from '@folkmoot/base'
import { bytesSchema, parse, textSchema } from '@folkmoot/codec'
import {
  type Charter,
  type Checker,
  createChecker,
  decodeInviteFragment,
  fingerprint,
  openCharter,
  openInvitation,
} from '@folkmoot/identity'
import { webVerifier } from '@folkmoot/storage/web'
import { type OpenedManifest, openManifest } from '@folkmoot/studies'
import * as v from 'valibot'
import { MAX_SKEW_MS } from '../notices.ts'
import { refusalOf } from '../refusals.ts'
import type { PageView, Refusal } from '../view-model.ts'
import { studyView } from './study-view.ts'

export interface Invited {
  readonly fed: string
  readonly charter: Uint8Array
  readonly relays: readonly string[]
  readonly invitation: Uint8Array
  readonly seed: Uint8Array
  readonly study: string | null
  /** Why it cannot be used by somebody new; a member that returns does not care. */
  readonly refusal: Refusal | null
}

type Show = (change: Partial<PageView>) => void

const studiesSchema = v.strictObject({
  studies: v.pipe(
    v.array(
      v.strictObject({
        manifest: bytesSchema(256 * 1024),
        state: v.picklist(['open', 'complete', 'recorded', 'closed']),
      }),
    ),
    v.maxLength(64),
  ),
  /** STUN servers that tabs ask; the page names each before Join. */
  stun: v.pipe(v.array(textSchema(128)), v.maxLength(4)),
})

/** The largest answer that is read, in bytes. */
const maxAnswer = 4 * 1024 * 1024

async function get(path: string): Promise<{ bytes: Uint8Array; offsetMs: Millis }> {
  let answer: Response
  try {
    answer = await fetch(new URL(path, document.baseURI), {
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
    })
  } catch (cause) {
    throw new FederationError('page/relay-unreachable', path, { cause })
  }
  if (!answer.ok) throw new FederationError('page/relay-unreachable', `${path}: ${answer.status}`)
  const date = Date.parse(answer.headers.get('date') ?? '')
  const bytes = new Uint8Array(await answer.arrayBuffer())
  if (bytes.length > maxAnswer) throw new FederationError('page/unexpected', 'too large an answer')
  // The header has whole seconds; that is enough to tell minutes.
  return { bytes, offsetMs: Number.isNaN(date) ? 0 : date + 500 - Date.now() }
}

async function readCharter(
  checker: Checker,
  fed: string,
  show: Show,
): Promise<{ bytes: Uint8Array; charter: Charter; offsetMs: Millis }> {
  const { bytes, offsetMs } = await get('charter')
  const opened = await openCharter(checker, bytes, fed)
  if (!opened.ok) throw new FederationError('page/charter-mismatch', opened.fault.message)
  const { charter } = opened
  show({
    federation: {
      id: fed,
      fingerprint: fingerprint(fed),
      name: charter.name,
      purpose: charter.purpose,
      contact: charter.contact,
      founder: charter.founder,
      privacy: charter.privacy,
      preset: charter.preset,
    },
    clockOffsetMs: Math.abs(offsetMs) > MAX_SKEW_MS ? offsetMs : 0,
  })
  return { bytes, charter, offsetMs }
}

/** Shows the study `agreed` to where it is still told of, else the newest that takes work. */
async function showStudies(
  checker: Checker,
  fed: string,
  agreed: string | null,
  show: Show,
): Promise<string | null> {
  const { bytes } = await get('studies')
  const parsed = parse(studiesSchema, bytes, { maxBytes: maxAnswer })
  if (!parsed.ok) throw new FederationError('page/unexpected', parsed.fault.message)
  const rows: { opened: OpenedManifest; state: 'open' | 'complete' | 'recorded' | 'closed' }[] = []
  for (const { manifest, state } of parsed.value.studies) {
    const opened = await openManifest(checker, manifest, { fed })
    if (opened.ok) rows.push({ opened, state })
  }
  const chosen =
    rows.find(({ opened }) => opened.study === agreed) ??
    rows.findLast(({ state }) => state === 'open') ??
    rows.at(-1)
  show({
    stunServers: parsed.value.stun,
    studies: rows.map(({ opened, state }) => ({
      id: opened.study,
      title: opened.manifest.title,
      state,
    })),
    study: chosen === undefined ? null : studyView(chosen.opened, chosen.state),
  })
  return chosen?.opened.study ?? null
}

/** @throws FederationError a code of `refusalFor` */
export async function readInvitation(
  link: string,
  kept: { readonly fed: string; readonly study: string } | null,
  show: Show,
): Promise<Invited> {
  const checker = createChecker(await webVerifier())
  const decoded = decodeInviteFragment(link)
  if (!decoded.ok) throw new FederationError('identity/invite-link', decoded.fault.message)
  const opened = await openInvitation(checker, decoded.invitation)
  if (!opened.ok) throw new FederationError('federation/invitation-forged', opened.fault.message)
  const { invitation, inviter } = opened
  const { bytes, charter, offsetMs } = await readCharter(checker, invitation.fed, show)
  // Who besides the founder may invite is decided on the ledger: the relay knows, at Join.
  show({ inviter: inviter === charter.founder ? null : inviter })
  const agreed = kept?.fed === invitation.fed ? kept.study : null
  const study = await showStudies(checker, invitation.fed, agreed, show)
  const expired = invitation.expires <= Date.now() + offsetMs
  return {
    fed: invitation.fed,
    charter: bytes,
    relays: invitation.relays,
    invitation: decoded.invitation,
    seed: decoded.seed,
    study,
    refusal: expired ? refusalOf('page/invitation-expired') : null,
  }
}

/** Shows what a returning member's federation and study say of themselves. */
export async function readStudies(
  kept: { readonly fed: string; readonly study: string },
  show: Show,
): Promise<void> {
  const checker = createChecker(await webVerifier())
  await readCharter(checker, kept.fed, show)
  await showStudies(checker, kept.fed, kept.study, show)
}

/** The federation's charter as this origin serves it, checked against its id. */
export async function fetchCharter(fed: string, show: Show): Promise<Uint8Array> {
  return (await readCharter(createChecker(await webVerifier()), fed, show)).bytes
}
