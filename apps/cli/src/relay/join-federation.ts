/**
 * A federation that somebody else founded: this relay joins it by an invitation link, once, and
 * remembers it.
 *
 * @module
 */
import { readFile } from 'node:fs/promises'
import { errorMessage, FederationError, type KeyValueStore } from '@folkmoot/base'
import { bytesSchema, encode, exactBytes, parse } from '@folkmoot/codec'
import type { PeerRole, Platform } from '@folkmoot/federation'
import {
  createChecker,
  decodeInviteFragment,
  openCharter,
  openInvitation,
} from '@folkmoot/identity'
import * as v from 'valibot'
import type { CliCode } from '../codes.ts'
import type { Config } from '../config/resolve-config.ts'

const joinedKey = 'relay/joined'
const joinedSchema = v.strictObject({
  charter: bytesSchema(66_000),
  relays: v.pipe(v.array(v.pipe(v.string(), v.maxLength(512))), v.maxLength(16)),
  invitation: v.strictObject({ bytes: bytesSchema(8_192), seed: exactBytes(32) }),
})

export interface JoinedFederation {
  readonly charter: Uint8Array
  readonly role: Extract<PeerRole, { kind: 'member' }>
}

/** A charter is up to 64 KiB; whoever sends more is no relay of ours. */
const maxCharter = 66_000
const fetchMs = 15_000

/**
 * The federation that this relay has joined, or joins now by `--join`; null where it founds its own.
 *
 * @throws FederationError `cli/join`
 */
export async function joinFederation(
  platform: Platform,
  config: Config,
): Promise<JoinedFederation | null> {
  const kept = await readJoined(platform.store)
  if (kept) return roleOf(kept)
  if (config.join === '') return null
  const link = (await readLink(config.join)).trim()
  const opened = decodeInviteFragment(link)
  if (!opened.ok) throw joinError(`${config.join} holds no invitation link`)
  const checker = createChecker(platform.verifier)
  const invitation = await openInvitation(checker, opened.invitation)
  if (!invitation.ok) throw joinError('the invitation is not genuine')
  const { fed, relays } = invitation.invitation
  const charter = await fetchCharter(link)
  const verified = await openCharter(checker, charter, fed)
  if (!verified.ok) throw joinError(`its charter: ${verified.fault.message}`)
  const joined = {
    charter,
    relays: [...relays],
    invitation: { bytes: opened.invitation, seed: opened.seed },
  }
  await platform.store.write([{ type: 'put', key: joinedKey, value: encode(joined) }])
  return roleOf(joined)
}

type Joined = v.InferOutput<typeof joinedSchema>

async function readJoined(store: Pick<KeyValueStore, 'get'>): Promise<Joined | undefined> {
  const kept = await store.get(joinedKey)
  if (kept === undefined) return undefined
  const parsed = parse(joinedSchema, kept, { maxBytes: 1 << 18 })
  if (!parsed.ok) throw joinError(`what is kept about it is damaged: ${parsed.fault.message}`)
  return parsed.value
}

/** The charter of the federation that was joined on this state, where one was. */
export async function joinedCharter(
  store: Pick<KeyValueStore, 'get'>,
): Promise<Uint8Array | undefined> {
  return (await readJoined(store))?.charter
}

function roleOf(joined: Joined): JoinedFederation {
  const { charter, relays, invitation } = joined
  return { charter, role: { kind: 'member', relays, invitation } }
}

/** A link is a secret, so it comes by a file or by standard input and never as an argument. */
async function readLink(path: string): Promise<string> {
  try {
    return await readFile(path === '-' ? '/dev/stdin' : path, 'utf8')
  } catch (error) {
    throw joinError(`the invitation cannot be read: ${errorMessage(error)}`)
  }
}

async function fetchCharter(link: string): Promise<Uint8Array> {
  try {
    const answer = await fetch(new URL('/charter', link), {
      signal: AbortSignal.timeout(fetchMs),
      redirect: 'error',
    })
    const bytes = new Uint8Array(await answer.arrayBuffer())
    if (answer.ok && bytes.length <= maxCharter) return bytes
    throw new Error(`the relay answered ${answer.status}`)
  } catch (error) {
    throw joinError(`its charter cannot be had: ${errorMessage(error)}`)
  }
}

function joinError(message: string): FederationError<CliCode> {
  return new FederationError<CliCode>('cli/join', `could not join: ${message}`, {
    hint: 'ask for a new invitation, and see that its relay can be reached from here',
  })
}
