/**
 * A log that committees of a test decide, epoch after epoch: what an engine would leave behind,
 * without its messages.
 *
 * @module
 */
import { memoryLog } from '@folkmoot/base'
import { toHex, utf8 } from '@folkmoot/codec'
import { createTextList } from '../src/conformance/index.ts'
import {
  blockId,
  Chain,
  type CharterFacts,
  END_EPOCH,
  encodeCertificate,
  encodeHeader,
  encodeReceipt,
  encodeVoterSet,
  type FinalityProof,
  type FinalOperation,
  type Header,
  makeReceipt,
  VOID,
} from '../src/index.ts'
import { type Committee, instance } from './committee.ts'
import { testChecker, testSigner } from './node-keys.ts'

export const founder = testSigner(1)
const { checker } = testChecker()

/** A federation that was founded with these voters, or under the founder alone. */
export function factsOf(first: Committee | null): CharterFacts {
  return { instance, founder: founder.peer, crossOrg: false, firstSet: first?.set ?? null }
}

export interface DecidedLog {
  readonly chain: Chain
  readonly application: ReturnType<typeof createTextList>
  /** Entries 1 to the newest, as bytes. */
  entries(): Promise<Uint8Array[]>
  /** The founder decides these texts as one entry. */
  solo(...texts: string[]): Promise<void>
  /** The founder hands over to voters whom the state has decided on. */
  handOver(next: Committee): Promise<void>
  /** A committee decides these texts as one entry. */
  decide(by: Committee, ...texts: string[]): Promise<void>
  /** A committee decides one entry a text, under one certificate of the last. */
  decideTogether(by: Committee, ...texts: string[]): Promise<void>
  /** A committee decides on the next one and ends its epoch; through a void descendant where asked. */
  end(by: Committee, next: Committee, through?: 'void'): Promise<void>
  /** What `by` would decide next, not committed here: the entry's header and its finality. */
  draft(by: Committee, change?: Partial<Header>): Promise<{ header: Header; proof: FinalityProof }>
}

export async function decidedLog(facts: CharterFacts, start = 1_000): Promise<DecidedLog> {
  const application = createTextList()
  const chain = await Chain.open({ facts, checker, application, log: memoryLog() })
  let now = start
  let id = 0

  const ops = (texts: readonly string[]) =>
    texts.map((text) => ({ id: `op-${id++}`, bytes: utf8(text) }))

  const soloProof = async (header: Header): Promise<FinalityProof> => {
    const bytes = encodeHeader(header)
    return { kind: 'solo', header: bytes, signature: await founder.sign('entry', bytes) }
  }

  function asBlock(header: Header, view: number, parentView: number, flags: number): Header {
    const justifyHash = new Uint8Array(32).fill(view)
    return { ...header, bft: { view, parentView, justifyHash, flags } }
  }

  async function prove(by: Committee, header: Header): Promise<FinalityProof> {
    const bytes = encodeHeader(header)
    if (by.set.engine === 'raft') {
      const signed = new Map<number, Uint8Array>()
      const majority = Math.floor(by.signers.length / 2) + 1
      for (const [index, signer] of by.signers.slice(0, majority).entries()) {
        signed.set(index, await signer.sign('entry', bytes))
      }
      const receipt = encodeReceipt(makeReceipt(by.set, signed)!)
      return { kind: 'raft', header: bytes, receipt, under: null }
    }
    const certificate = await by.certify('finalise', header.bft!.view, blockId(bytes), [0, 1, 2])
    const encoded = encodeCertificate(certificate)
    return { kind: 'bft', header: bytes, certificate: encoded, under: null }
  }

  function place(by: Committee, header: Header): Header {
    if (by.set.engine === 'raft') return header
    const inEpoch = chain.tip.epoch === by.set.epoch
    const parentView = inEpoch ? chain.tip.view : 0
    return asBlock(header, parentView + 1, parentView, header.nextSetHash ? END_EPOCH : 0)
  }

  const decide = async (by: Committee, ...texts: string[]) => {
    const { header, ops: applied } = await chain.execute(ops(texts), now++)
    const placed = place(by, header)
    await chain.commit({ header: placed, ops: applied, proof: await prove(by, placed) })
  }

  return {
    chain,
    application,
    entries: () => chain.entries(1, 1_000),
    solo: async (...texts) => {
      const { header, ops: applied } = await chain.execute(ops(texts), now++)
      await chain.commit({ header, ops: applied, proof: await soloProof(header) })
    },
    handOver: async (next) => {
      const set = encodeVoterSet(next.set)
      const decided = await chain.execute(ops([`set ${toHex(set)}`]), now++)
      const first = { ...decided, proof: await soloProof(decided.header) }
      await chain.commit(first)
      const { header } = await chain.execute([], now++, set)
      await chain.commit({ header, ops: [], proof: await soloProof(header) })
    },
    decide,
    decideTogether: async (by, ...texts) => {
      // Two chains of the same log: one to find the last block, whose history covers the others.
      const copy = await decidedLog(facts, now)
      for (const entry of await chain.entries(1, 1_000)) await copy.chain.accept(entry)
      const blocks: { header: Header; ops: readonly FinalOperation[] }[] = []
      for (const op of ops(texts)) {
        const made = await copy.chain.execute([op], now++)
        const header = place(by, { ...made.header })
        const inEpoch = copy.chain.tip.epoch === by.set.epoch
        const parentView = inEpoch ? copy.chain.tip.view : 0
        const placed = asBlock(header, parentView + 1, parentView, 0)
        await copy.chain.commit({ header: placed, ops: made.ops, proof: await prove(by, placed) })
        blocks.push({ header: placed, ops: made.ops })
      }
      const last = blocks.at(-1)!.header
      const { certificate } = (await prove(by, last)) as FinalityProof & { certificate: Uint8Array }
      for (const { header, ops: made } of blocks) {
        await chain.execute(made, header.time)
        const isLast = header === last
        const history = isLast ? undefined : await copy.chain.proveHistory(header.height)
        const under = history ? { header: encodeHeader(last), path: history.path } : null
        const bytes = encodeHeader(header)
        const proof = { kind: 'bft' as const, header: bytes, certificate, under }
        await chain.commit({ header, ops: made, proof })
      }
    },
    end: async (by, next, through) => {
      const set = encodeVoterSet(next.set)
      await decide(by, `set ${toHex(set)}`)
      const { header } = await chain.execute([], now++, set)
      const placed = place(by, header)
      if (through !== 'void') {
        await chain.commit({ header: placed, ops: [], proof: await prove(by, placed) })
        return
      }
      const bytes = encodeHeader(placed)
      const copy = await decidedLog(facts, now)
      for (const entry of await chain.entries(1, 1_000)) await copy.chain.accept(entry)
      await copy.chain.commit({ header: placed, ops: [], proof: await prove(by, placed) })
      const { nextSetHash: _, ...plain } = placed
      const { view } = placed.bft!
      const parentHash = blockId(bytes)
      const historyRoot = copy.chain.historyRoot()
      const empty = asBlock({ ...plain, parentHash, historyRoot }, view + 1, view, VOID)
      const { certificate } = (await prove(by, empty)) as FinalityProof & {
        certificate: Uint8Array
      }
      const path = copy.chain.inclusionOf(placed.height)
      const under = { header: encodeHeader(empty), path }
      const proof = { kind: 'bft' as const, header: bytes, certificate, under }
      await chain.commit({ header: placed, ops: [], proof })
    },
    draft: async (by, change = {}) => {
      const { header } = await chain.execute([], now)
      const placed = { ...place(by, header), ...change }
      return { header: placed, proof: await prove(by, placed) }
    },
  }
}
