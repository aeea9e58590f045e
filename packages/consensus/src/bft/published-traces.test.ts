/**
 * Message traces of another implementation of Simplex (commonwarexyz/monorepo, `simplex`): what its
 * replicas concluded from the messages they saw is what ours conclude. Signatures are made here.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { fromHex, toHex } from '@folkmoot/codec'
import { describe, expect, it } from 'vitest'
import { publishedData } from '../../../testing/src/published-data.ts'
import { committee, instance } from '../../test/committee.ts'
import { testChecker } from '../../test/node-keys.ts'
import { checkItems } from '../check-items.ts'
import { type Certificate, encodeCertificate, verifyCertificate } from './certificate.ts'
import { encodeEvidence, verifyEvidence } from './evidence.ts'
import { bitmapOf, indicesOf } from './signer-bitmap.ts'
import { NO_BLOCK, type Vote, type VoteKind, voteItem } from './vote.ts'
import { VoteTracker } from './vote-tracker.ts'
import { leaderOf, type VoterSet } from './voter-set.ts'

interface Statement {
  readonly view: number
  readonly block?: string
}
type OneOf<Names extends string, Value> = { readonly [Name in Names]?: Value }
interface Trace {
  readonly n: number
  readonly faults: number
  readonly epoch: number
  readonly entries: readonly {
    readonly Vote?: {
      readonly sender: string
      readonly receiver: string
      readonly vote: OneOf<'Notarize' | 'Nullify' | 'Finalize', Statement & { sig: string }>
    }
    readonly Certificate?: {
      readonly sender: string
      readonly receiver: string
      readonly cert: OneOf<
        'Notarization' | 'Nullification' | 'Finalization',
        Statement & { signers: string[] }
      >
    }
  }[]
  readonly reporter_states: Readonly<
    Record<
      string,
      {
        readonly notarizations: Readonly<Record<string, { payload: string }>>
        readonly nullifications: readonly number[]
        readonly finalizations: Readonly<Record<string, { payload: string }>>
        readonly max_finalized_view: number
      }
    >
  >
}

const KINDS: Readonly<Record<string, VoteKind>> = {
  Notarize: 'notarise',
  Nullify: 'nullify',
  Finalize: 'finalise',
  Notarization: 'notarise',
  Nullification: 'nullify',
  Finalization: 'finalise',
}

const folder = publishedData('consensus/simplex-traces')
const names =
  folder === undefined
    ? []
    : ['byzantine', 'honest', 'twins'].flatMap((kind) =>
        readdirSync(join(folder, kind)).map((file) => `${kind}/${file}`),
      )
const { checker } = testChecker()
const voters = committee()
const EPOCH = voters.set.epoch
const seat = (name: string) => Number(name.slice(1))

/** Our committee with their order of leaders: `leader(v) = n((epoch + v) mod 4)`. */
function setOf(trace: Trace): VoterSet {
  const leaders = [1, 2, 3, 4].map((view) => (trace.epoch + view) % trace.n)
  return { ...voters.set, leaders }
}

/** A signature costs more than all the rest, and most of them are made many times. */
const made = new Map<string, Promise<Vote>>()

/** What `signer` signs under the name of `voter`. */
function sign(kind: VoteKind, { view, block }: Statement, voter: string, signer: string) {
  const key = `${kind} ${view} ${block} ${voter} ${signer}`
  const hash = block === undefined ? NO_BLOCK : fromHex(block)
  const vote = made.get(key) ?? voters.vote(kind, view, hash, seat(signer))
  made.set(key, vote)
  return vote.then((signed) => ({ ...signed, voter: seat(voter) }))
}

async function certify(kind: VoteKind, statement: Statement, signers: readonly string[]) {
  const votes = await Promise.all(signers.map((name) => sign(kind, statement, name, name)))
  votes.sort((a, b) => a.voter - b.voter)
  const { epoch, view, hash } = votes[0]!
  const bitmap = bitmapOf(
    votes.map(({ voter }) => voter),
    4,
  )
  return { epoch, kind, view, hash, bitmap, signatures: votes.map((vote) => vote.signature) }
}

/** The certificates of a kind that a tracker ended with, by view, as the traces write them. */
function concluded(tracker: VoteTracker, kind: VoteKind, views: number) {
  const found: Record<string, string> = {}
  for (let view = 1; view <= views; view++) {
    const certificate = tracker.certificate(kind, view)
    if (certificate) found[view] = toHex(certificate.hash)
  }
  return found
}

const payloads = (reported: Readonly<Record<string, { payload: string }>>) =>
  Object.fromEntries(Object.entries(reported).map(([view, { payload }]) => [view, payload]))

describe.skipIf(folder === undefined)('published traces of simplex', () => {
  it('are all there', () => {
    expect(names).toHaveLength(23)
  })

  const checked = new Map<string, Promise<boolean>>()
  async function holds(set: VoterSet, vote: Vote): Promise<boolean> {
    const key = `${vote.voter} ${toHex(vote.signature)}`
    const known = checked.get(key) ?? checkItems(checker, [voteItem(instance, set, vote)!])
    checked.set(key, known)
    return known
  }

  const verified = new Map<string, Promise<boolean>>()
  async function verifies(set: VoterSet, certificate: Certificate): Promise<boolean> {
    const key = toHex(encodeCertificate(certificate))
    const known =
      verified.get(key) ??
      verifyCertificate(checker, instance, set, certificate).then(({ ok }) => ok)
    verified.set(key, known)
    return known
  }

  it.each(names)('%s leads each replica to its published end', async (name) => {
    const text = gunzipSync(readFileSync(join(folder!, name))).toString()
    const trace = JSON.parse(text) as Trace
    const set = setOf(trace)
    const sets = { setOf: (epoch: number) => (epoch === EPOCH ? set : undefined) }
    const replicas = Object.keys(trace.reporter_states)
    const trackers = new Map(replicas.map((replica) => [replica, new VoteTracker(set)]))
    const everything = new VoteTracker(set)
    const accused = new Set<string>()
    const expectedLies = new Set<string>()
    const said = new Map<string, Set<string>>()
    const opened = new Map<number, number>()
    let views = 0

    for (const { Vote: message, Certificate: carried } of trace.entries) {
      if (message) {
        const [kindName, statement] = Object.entries(message.vote)[0]!
        const kind = KINDS[kindName]!
        // A liar may put another's name under its vote; it cannot sign for it.
        const vote = await sign(kind, statement, statement.sig, message.sender)
        const genuine = await holds(set, vote)
        expect(genuine).toBe(statement.sig === message.sender)
        if (!genuine) continue
        const place = `${statement.sig} ${vote.view}`
        const words = said.get(place) ?? new Set()
        if (kind === 'notarise') {
          if ([...words].some((word) => word !== statement.block)) expectedLies.add(place)
          said.set(place, words.add(statement.block!))
        }
        for (const [first, second] of everything.add(vote).conflicts) {
          const bytes = encodeEvidence({ kind: 'votes', votes: [first, second] })
          const proven = await verifyEvidence(checker, instance, sets, bytes)
          if (!proven.ok) throw new Error(proven.fault.message)
          accused.add(
            `n${set.voters.findIndex(({ peer }) => peer === proven.culprit)} ${vote.view}`,
          )
        }
        for (const replica of new Set([message.sender, message.receiver])) {
          trackers.get(replica)?.add(vote)
        }
        views = Math.max(views, vote.view)
        if (kind === 'notarise' && !opened.has(vote.view)) opened.set(vote.view, vote.voter)
      }
      if (carried) {
        const [kindName, statement] = Object.entries(carried.cert)[0]!
        const certificate = await certify(KINDS[kindName]!, statement, statement.signers)
        expect(await verifies(set, certificate)).toBe(new Set(statement.signers).size >= 3)
        for (const replica of new Set([carried.sender, carried.receiver])) {
          trackers.get(replica)?.addCertificate(certificate)
        }
        views = Math.max(views, certificate.view)
      }
    }

    for (const [replica, tracker] of trackers) {
      const reported = trace.reporter_states[replica]!
      const final = concluded(tracker, 'finalise', views)
      expect({
        notarised: concluded(tracker, 'notarise', views),
        nullified: Object.keys(concluded(tracker, 'nullify', views)).map(Number),
        final,
        newest: Math.max(0, ...Object.keys(final).map(Number)),
      }).toEqual({
        notarised: payloads(reported.notarizations),
        nullified: [...reported.nullifications].sort((x, y) => x - y),
        final: payloads(reported.finalizations),
        newest: reported.max_finalized_view,
      })
    }
    // A leader notarises its own block first; liars also send votes out of turn.
    const inTurn = [...opened].filter(([view, voter]) => leaderOf(set, view) === voter)
    if (trace.faults === 0) expect(inTurn).toHaveLength(opened.size)
    expect(inTurn.length).toBeGreaterThan(0)
    // Every lie is found, and only the byzantine replica lies.
    expect([...accused]).toEqual(expect.arrayContaining([...expectedLies]))
    const liars = new Set([...accused].map((place) => seat(place.split(' ')[0]!)))
    expect([...liars].every((voter) => voter < trace.faults)).toBe(true)
  })

  it('hold finalisations that verify by three signers, and by no two or repeated ones', async () => {
    let tried = 0
    for (const name of names) {
      const text = gunzipSync(readFileSync(join(folder!, name))).toString()
      const trace = JSON.parse(text) as Trace
      const set = setOf(trace)
      const seen = new Set<string>()
      for (const { Certificate: carried } of trace.entries) {
        const final = carried?.cert.Finalization
        if (!final || seen.has(`${final.view}`)) continue
        seen.add(`${final.view}`)
        tried += 1
        const certificate = await certify('finalise', final, final.signers)
        const verdict = (candidate: Certificate) =>
          verifyCertificate(checker, instance, set, candidate)
        expect((await verdict(certificate)).ok).toBe(true)
        const [first, second, third] = indicesOf(certificate.bitmap)
        const [one, two, three] = certificate.signatures
        const pair = { bitmap: bitmapOf([first!, second!], 4), signatures: [one!, two!] }
        expect((await verdict({ ...certificate, ...pair })).ok).toBe(false)
        expect((await verdict({ ...certificate, signatures: [one!, two!, two!] })).ok).toBe(false)
        expect(
          (await verdict({ ...certificate, ...pair, signatures: [one!, two!, three!] })).ok,
        ).toBe(false)
        expect(third).toBeDefined()
      }
    }
    expect(tried).toBeGreaterThan(100)
  })
})
