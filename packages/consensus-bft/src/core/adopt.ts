/**
 * Final entries from somebody's log, for whoever is behind: linked from our tip, and certified at
 * their end by voters of the present epoch. The rest of the log follows from the answer to the next Status.
 *
 * @module
 */
import { equalBytes } from '@folkmoot/codec'
import {
  blockId,
  type Certificate,
  END_EPOCH,
  finalityItems,
  historyLeaf,
  isVoid,
  type ParsedEntry,
  parseCertificate,
  parseEntry,
} from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import { advance } from './finality.ts'
import { grow, rootOf } from './frontier.ts'
import { sendStatus } from './repair.ts'
import type { CoreState } from './state.ts'

interface Read {
  readonly entry: ParsedEntry
  readonly bytes: Uint8Array
  readonly id: Uint8Array
}

export function onEntries(core: CoreState, from: PeerId, entries: readonly Uint8Array[]): void {
  if (core.ending || core.halted) return
  const chain = linkedFrom(core, entries)
  const last = chain.at(-1)
  const final = last && finalBy(core, last)
  if (!final) return
  const { epoch } = core.set
  const token = core.expect('verified', ({ ok }) => {
    if (core.set.epoch !== epoch || core.ending || core.halted || !ok.every(Boolean)) return
    const { height } = core.tip
    const rest = chain.filter(({ entry }) => entry.header.height > height)
    const [first] = rest
    if (!first || !equalBytes(first.entry.header.parentHash, core.tip.id)) return
    adopt(core, rest, final.certificate)
    sendStatus(core, [from])
  })
  core.emit({ type: 'verify', items: final.items, token })
}

/** The entries that continue our tip, up to the end of the epoch, and to one that is certified. */
function linkedFrom(core: CoreState, entries: readonly Uint8Array[]): Read[] {
  const chain: Read[] = []
  let parent = core.tip.id
  let { height, history } = core.tip
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
      equalBytes(header.parentHash, parent) &&
      equalBytes(header.historyRoot, rootOf(history))
    if (!follows) break
    parent = blockId(proof.header)
    height = header.height
    history = grow(history, historyLeaf(proof.header))
    chain.push({ entry: parsed.entry, bytes, id: parent })
    if (header.bft?.flags === END_EPOCH) break
  }
  while (chain.length > 0 && !finalBy(core, chain.at(-1)!)) chain.pop()
  return chain
}

/** The certificate that makes an entry final; of a descendant only where it ends the epoch. */
function finalBy(core: CoreState, { entry }: Read) {
  const { proof, header } = entry
  if (proof.kind !== 'bft' || (proof.under && header.bft?.flags !== END_EPOCH)) return undefined
  const { epoch } = core.set
  const sets = {
    setOf: (asked: number) => (asked === epoch ? core.set : undefined),
    endOf: () => undefined,
  }
  // The founder decides nothing in an epoch of this engine.
  const checked = finalityItems(
    { instance: core.config.instance, founder: core.config.me, sets },
    proof,
  )
  const parsed = parseCertificate(proof.certificate)
  if (!checked.ok || !parsed.ok) return undefined
  return { items: checked.items, certificate: parsed.certificate }
}

function adopt(core: CoreState, chain: readonly Read[], certificate: Certificate): void {
  const { entry, id } = chain.at(-1)!
  const { header } = entry
  core.emit({ type: 'adopt', entries: chain.map(({ bytes }) => bytes) })
  let { history } = core.tip
  for (const { entry } of chain) history = grow(history, historyLeaf(entry.proof.header))
  advance(core, {
    height: header.height,
    id,
    time: header.time,
    view: header.bft!.view,
    stateRoot: header.stateRoot,
    history,
    certificate: equalBytes(certificate.hash, id) ? certificate : undefined,
    nextSet: undefined,
  })
  core.ending = header.bft!.flags === END_EPOCH
}
