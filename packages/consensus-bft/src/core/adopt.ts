/**
 * Final entries from somebody's log, for whoever is behind: linked from our tip, and each proven by
 * a certificate of voters of the present epoch. The rest of the log follows from the answer to the
 * next Status.
 *
 * @module
 */
import { equalBytes } from '@folkmoot/codec'
import {
  type BftProof,
  blockId,
  type Certificate,
  END_EPOCH,
  finalityItems,
  historyLeaf,
  isVoid,
  type ParsedEntry,
  parseCertificate,
  parseEntry,
  type VerifyItem,
} from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import { holdCertificate } from './count.ts'
import { advance } from './finality.ts'
import { grow, rootOf } from './frontier.ts'
import { sendStatus } from './repair.ts'
import type { CoreState } from './state.ts'

/** Senders whose entries wait while those of another are being verified. */
const MAX_OFFERS = 4

/** Entries that somebody sent, as they came. */
export interface Offer {
  readonly from: PeerId
  readonly entries: readonly Uint8Array[]
}

interface Read {
  readonly entry: ParsedEntry
  readonly proof: BftProof
  readonly bytes: Uint8Array
  readonly id: Uint8Array
}

/** A Read whose certificate is well-formed, and the signatures that are left to check. */
interface Certified extends Read {
  readonly items: readonly VerifyItem[]
  readonly certificate: Certificate
}

/** One sender's entries at a time: all voters answer one Status, most of them with the same. */
export function onEntries(core: CoreState, from: PeerId, entries: readonly Uint8Array[]): void {
  const { offers } = core
  if (offers.size < MAX_OFFERS || offers.has(from)) offers.set(from, { from, entries })
  takeOffer(core)
}

function takeOffer(core: CoreState): void {
  for (const offer of core.offers.values()) {
    if (core.adopting) return
    core.offers.delete(offer.from)
    if (core.ending || core.halted) continue
    core.forgeries.from(offer.from, () => weigh(core, offer))
  }
}

function weigh(core: CoreState, { from, entries }: Offer): void {
  const linked = linkedFrom(core, entries)
  const chain = certifiedOf(core, linked)
  if (chain.length < linked.length) core.forgeries.blame(core.now)
  if (chain.length === 0) return
  const { epoch } = core.set
  core.adopting = true
  verifyFrom(core, chain, 0, (proven) => {
    core.adopting = false
    if (core.set.epoch === epoch && !core.ending && !core.halted) {
      adopt(core, chain.slice(0, proven))
      // Whoever sent something false is not asked for more.
      if (proven === linked.length) sendStatus(core, [from])
    }
    takeOffer(core)
  })
}

/** The entries that continue our tip, up to the end of the epoch. */
function linkedFrom(core: CoreState, entries: readonly Uint8Array[]): Read[] {
  const chain: Read[] = []
  let { height, history, id: parent, view, time } = core.tip
  for (const bytes of entries) {
    const parsed = parseEntry(bytes)
    if (!parsed.ok) break
    const { header, proof } = parsed.entry
    if (header.height <= core.tip.height) continue
    const follows =
      header.bft !== undefined &&
      !isVoid(header) &&
      header.instance === core.config.instance &&
      header.epoch === core.set.epoch &&
      header.height === height + 1 &&
      header.bft.parentView === view &&
      header.time >= time &&
      equalBytes(header.parentHash, parent) &&
      equalBytes(header.historyRoot, rootOf(history))
    if (!follows || proof.kind !== 'bft') break
    parent = blockId(proof.header)
    ;({ height, time } = header)
    view = header.bft!.view
    history = grow(history, historyLeaf(proof.header))
    chain.push({ entry: parsed.entry, proof, bytes, id: parent })
    if (header.bft!.flags === END_EPOCH) break
  }
  return chain
}

/** The entries before the first whose proof would prove nothing, were its signatures good. */
function certifiedOf(core: CoreState, chain: readonly Read[]): Certified[] {
  const { epoch } = core.set
  const sets = {
    setOf: (asked: number) => (asked === epoch ? core.set : undefined),
    endOf: () => undefined,
  }
  // The founder decides nothing in an epoch of this engine.
  const anchor = { instance: core.config.instance, founder: core.config.me, sets }
  const certified: Certified[] = []
  for (const read of chain) {
    const checked = finalityItems(anchor, read.proof)
    const parsed = parseCertificate(read.proof.certificate)
    if (!checked.ok || !parsed.ok) break
    certified.push({ ...read, items: checked.items, certificate: parsed.certificate })
  }
  return certified
}

/**
 * Verifies certificate after certificate, each once, and answers how many entries are proven: one
 * that is false costs no more than itself.
 */
function verifyFrom(
  core: CoreState,
  chain: readonly Certified[],
  place: number,
  then: (proven: number) => void,
): void {
  const first = chain[place]
  if (!first) {
    then(place)
    return
  }
  let end = place + 1
  while (chain[end] && isSameDecision(first, chain[end]!)) end += 1
  const token = core.expect('verified', ({ ok }) => {
    if (ok.every(Boolean)) verifyFrom(core, chain, end, then)
    else then(place)
  })
  core.emit({ type: 'verify', items: first.items, token })
}

/** Whether the same signatures over the same bytes prove both. */
function isSameDecision({ proof: a }: Read, { proof: b }: Read): boolean {
  const same = equalBytes((a.under ?? a).header, (b.under ?? b).header)
  return same && equalBytes(a.certificate, b.certificate)
}

function adopt(core: CoreState, proven: readonly Certified[]): void {
  const { height } = core.tip
  const chain = proven.filter(({ entry }) => entry.header.height > height)
  const last = chain.at(-1)
  if (!last || !equalBytes(chain[0]!.entry.header.parentHash, core.tip.id)) return
  core.emit({ type: 'adopt', entries: chain.map(({ bytes }) => bytes) })
  const { certificate, id } = last
  const { header } = last.entry
  let { history } = core.tip
  for (const { proof } of chain) history = grow(history, historyLeaf(proof.header))
  const tip = {
    height: header.height,
    id,
    time: header.time,
    view: header.bft!.view,
    stateRoot: header.stateRoot,
    history,
    certificate: equalBytes(certificate.hash, id) ? certificate : undefined,
    nextSet: undefined,
  }
  advance(core, tip, certificate)
  core.ending = header.bft!.flags === END_EPOCH
  // What it is about is final as well, and follows.
  if (!tip.certificate && !core.ending) holdCertificate(core, certificate)
}
