/**
 * What honest members prove of a fork by themselves: each compares what it holds with what another
 * answers, asks everyone by what their history crossed the view where the two part, and checks whom
 * the evidence names. Nothing here sees more than members show each other.
 *
 * @module
 */
import { equalBytes } from '@folkmoot/codec'
import {
  answerCrossing,
  type Crossed,
  createLightClient,
  type FinalEntry,
  faultWeight,
  forkCulprits,
  KnownEpochs,
  parseEntry,
  type VoterSet,
  verifyEvidence,
  verifyForkEvidence,
  wantedCrossing,
  withCrossing,
} from '@folkmoot/consensus'
import { crossingKey, readCrossing } from '@folkmoot/consensus-bft'
import type { PeerId } from '@folkmoot/identity'
import { broken } from '../campaigns/campaign.ts'
import type { Chain } from './chain.ts'
import { type Federation, INSTANCE } from './federation.ts'
import { lightPeer } from './light-client.ts'

interface Member {
  readonly address: string
  readonly peer: PeerId
  readonly chain: Chain
}

/** What the members' exchange came to. */
export interface ProvenForks {
  /** Pairs of honest members whose logs contradict each other. */
  readonly pairs: number
  /** Everybody whom honest members convict. */
  readonly named: ReadonlySet<PeerId>
}

/**
 * Adds a violation for each two honest members whose logs differ and who cannot prove between them,
 * with the help of all, that more than f lied; honest ones must never be named.
 */
export async function expectNamed(federation: Federation): Promise<ProvenForks> {
  const { honest, world, at, monitor } = federation
  const members = honest.flatMap((address): Member[] => {
    const chain = at(address)?.chain
    return chain ? [{ address, peer: world.processes.get(address)!.id, chain }] : []
  })
  const named = new Set<PeerId>()
  let pairs = 0
  for (const [i, one] of members.entries()) {
    for (const other of members.slice(i + 1)) {
      if (!contradict(one.chain, other.chain)) continue
      pairs += 1
      const culprits = await convicted(federation, members, one, other)
      for (const culprit of culprits) named.add(culprit)
      if (weigh(federation.genesis, culprits) > faultWeight(federation.genesis)) continue
      const text = `${one.address} and ${other.address} decided differently and prove the lie of ${culprits.size}`
      monitor.violations.push(broken('accountability', text))
    }
  }
  return { pairs, named }
}

function contradict(a: Chain, b: Chain): boolean {
  const common = Math.min(a.height, b.height)
  return common > 0 && !equalBytes(a.headers[common - 1]!, b.headers[common - 1]!)
}

async function convicted(
  federation: Federation,
  members: readonly Member[],
  one: Member,
  other: Member,
): Promise<ReadonlySet<PeerId>> {
  const { genesis, peers, world } = federation
  const { checker } = world.keyring
  const facts = { instance: INSTANCE, founder: peers[0]!, crossOrg: false, firstSet: genesis }
  const { anchor } = new KnownEpochs(facts)
  const client = createLightClient({ checker, facts })
  await client.update([one, other].map(({ peer, chain }) => lightPeer(peer, chain, federation)))
  const culprits = new Set<PeerId>()
  if (!client.evidence) return culprits
  const fork = await complete(federation, members, client.evidence)
  if (!(await verifyForkEvidence(checker, anchor, fork)).ok) return culprits
  for (const evidence of forkCulprits(fork)) {
    const proven = await verifyEvidence(checker, INSTANCE, anchor.sets, evidence)
    if (proven.ok) culprits.add(proven.culprit)
  }
  return culprits
}

/** The evidence with what convicts, where any honest member has kept that. */
async function complete(
  { world }: Federation,
  members: readonly Member[],
  fork: Uint8Array,
): Promise<Uint8Array> {
  const crossed = wantedCrossing(fork)
  if (!crossed) return fork
  for (const { address, chain } of members) {
    const { durable } = world.processes.get(address)!.disk
    const answer = await answerCrossing(
      { height: chain.height, entryAt: async (height) => entryOf(chain, height), kept },
      crossed,
    )
    const whole = answer && withCrossing(fork, answer)
    if (whole) return whole

    async function kept(about: Crossed) {
      return readCrossing(durable.get(crossingKey(about)), about)
    }
  }
  return fork
}

function entryOf(chain: Chain, height: number): FinalEntry | undefined {
  const bytes = chain.entries[height - 1]
  const parsed = bytes && parseEntry(bytes)
  if (!parsed?.ok) return undefined
  const { header, proof } = parsed.entry
  const { time, epoch } = header
  return { height, time, epoch, ops: [], header: proof.header, proof }
}

function weigh(set: VoterSet, peers: ReadonlySet<PeerId>): number {
  const named = set.voters.filter(({ peer }) => peers.has(peer))
  return named.reduce((sum, { weight }) => sum + weight, 0)
}
