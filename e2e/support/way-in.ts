/**
 * A relay for the tests about the way in, the invitations it writes, the links that are made of
 * them and the strangers that try others.
 *
 * @module
 */
import { rm } from 'node:fs/promises'
import {
  createChecker,
  decodeInviteFragment,
  type Envelope,
  encodeInviteLink,
  openInvitation,
  type PeerId,
} from '@folkmoot/identity'
import { nodeRandomness, nodeVerifier } from '@folkmoot/storage/node'
import { expect, test } from './fixtures.ts'
import { forgetState, type RelayProcess, startRelay } from './relay-process.ts'
import { type Stranger, startStranger } from './stranger.ts'
import { tinyStudy } from './tiny-study.ts'
import type { VolunteerTab } from './volunteer-tab.ts'

export interface InvitationRow {
  readonly id: string
  readonly uses: number
  readonly used: number
  readonly link: string
}
export interface PeerRow {
  readonly peer: string
  readonly member: string
  readonly link: { readonly kind: string } | null
}

export interface Host {
  /** With a worker and a small study; it serves every test of its file that does not stop it. */
  readonly relay: RelayProcess
  /** A folder with a study, for as long as the tests of the file run. */
  study(units?: number, quorum?: number): Promise<string>
  /** Opens such a study at the relay; its id. */
  openStudy(units?: number, quorum?: number): Promise<string>
  /** `terms` as `folkmoot invite create` takes them. */
  invite(...terms: string[]): Promise<InvitationRow>
  pageLink(invitation: Uint8Array, seed: Uint8Array): string
  /** An envelope without a fault, but from somebody whom nobody admitted. */
  envelope(from: PeerId, more: Pick<Envelope, 'kind' | 'capability' | 'body'>): Envelope
  /** A peer of nobody, until the end of the test. */
  stranger(): Promise<Stranger>
}

/** Starts the relay before the tests of the calling file, and stops it after them. */
export function hostForFile(): Host {
  let relay: RelayProcess
  const folders: string[] = []
  const strangers: Stranger[] = []
  const study = async (units = 6, quorum = 2): Promise<string> => {
    const folder = await tinyStudy({ units, quorum })
    folders.push(folder)
    return folder
  }
  const json = async (...command: string[]) => {
    const { code, out, err } = await relay.command(...command, '--format', 'json')
    expect(code, err).toBe(0)
    return JSON.parse(out).data
  }

  test.beforeAll(async () => {
    relay = await startRelay({ args: ['--study', await study(4), '--worker', '1'] })
  })
  test.afterEach(async () => {
    await Promise.all(strangers.splice(0).map((stranger) => stranger.stop()))
  })
  test.afterAll(async () => {
    await relay.stop()
    forgetState(relay.state)
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
  })

  return {
    get relay() {
      return relay
    },
    study,
    openStudy: async (units, quorum) =>
      (await json('study', 'open', await study(units, quorum))).id,
    invite: (...terms) => json('invite', 'create', ...terms),
    pageLink: (invitation, seed) => encodeInviteLink({ page: `${relay.page}/`, invitation, seed }),
    envelope: (from, more) => {
      const now = Date.now()
      return {
        v: 1,
        fed: relay.federation as Envelope['fed'],
        id: nodeRandomness().bytes(16),
        from,
        sent: now,
        deadline: now + 30_000,
        salt: nodeRandomness().bytes(16),
        ...more,
      }
    },
    stranger: async () => {
      const started = await startStranger()
      strangers.push(started)
      return started
    },
  }
}

/** The page refuses in these words, and is no member of anything. */
export async function expectRefused(tab: VolunteerTab, words: RegExp, code: string): Promise<void> {
  await expect(tab.page.getByRole('alert')).toContainText(words)
  await expect(tab.page.getByText(code, { exact: true })).toBeVisible()
  // A way out, not only a no.
  await expect(tab.page.getByRole('heading', { name: 'What you can do' })).toBeVisible()
  await expect(tab.page.getByRole('button', { name: 'Join', exact: true })).toHaveCount(0)
  expect((await tab.peek())!.joined).toBe(false)
}

export const fragmentOf = (link: string) => link.slice(link.indexOf('#') + 1)

/** The parts of a link; throws where it is none. */
export async function opened(link: string) {
  const decoded = decodeInviteFragment(link)
  if (!decoded.ok) throw new Error(decoded.fault.message)
  const { invitation: bytes, seed } = decoded
  const checked = await openInvitation(createChecker(nodeVerifier()), bytes)
  if (!checked.ok) throw new Error(checked.fault.message)
  const { invitation, id } = checked
  return { bytes, seed, invitation, id, relay: invitation.relays[0]! }
}

/** The same bytes but one. */
export function altered(bytes: Uint8Array, at = 0): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at]! ^= 1
  return copy
}
