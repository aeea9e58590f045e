/**
 * The final entries of one simulated process and the states after them and after blocks that may
 * still become final: what the engine around a core keeps.
 *
 * @module
 */
import { createMerkleTree, equalBytes, toHex } from '@folkmoot/codec'
import {
  type BftProof,
  blockId,
  coveredHeight,
  encodeEntry,
  historyLeaf,
  NO_PARENT,
  type Position,
  parseCertificate,
  parseEntry,
  parseHeader,
  parseVoterSet,
  type RecordedOperation,
  type VoterSet,
} from '@folkmoot/consensus'
import { type FinalBlock, frontierOf, type LogTip } from '@folkmoot/consensus-bft'
import {
  applyOperations,
  firstState,
  nextSetOf,
  type PlainOperation,
  type TextState,
} from './text-state.ts'

export class Chain {
  readonly entries: Uint8Array[] = []
  readonly headers: Uint8Array[] = []
  /** Voters of the epoch after the newest entry. */
  set: VoterSet
  state: TextState
  readonly #states = new Map<string, TextState>()

  constructor(genesis: VoterSet, entries: readonly Uint8Array[] = []) {
    this.set = genesis
    this.state = firstState(genesis)
    this.#states.set(toHex(NO_PARENT), this.state)
    for (const entry of entries) this.append(entry)
  }

  get height(): number {
    return this.entries.length
  }

  /** The state after a block that was executed; undefined where it was not. */
  stateAfter(id: Uint8Array): TextState | undefined {
    return this.#states.get(toHex(id))
  }

  /** Executes operations and remembers the state under the block's id, where it is known. */
  execute(
    parent: Uint8Array,
    operations: readonly PlainOperation[],
    position: Pick<Position, 'epoch'>,
    id?: Uint8Array,
  ): { state: TextState; payload: readonly RecordedOperation[] } {
    const before = this.stateAfter(parent)
    if (before === undefined)
      throw new Error(`executing on ${toHex(parent)}, which was not executed`)
    const done = applyOperations(before, operations, position)
    if (id !== undefined) this.#states.set(toHex(id), done.state)
    return done
  }

  /** From now on this block is known to lead to this state. */
  name(id: Uint8Array, state: TextState): void {
    this.#states.set(toHex(id), state)
  }

  /** Takes a final entry. @throws where it does not continue the log or leads to another state */
  append(bytes: Uint8Array): void {
    const parsed = parseEntry(bytes)
    if (!parsed.ok) throw new Error(`no entry: ${parsed.fault.message}`)
    const { header, proof, ops } = parsed.entry
    const parent = this.headers.length > 0 ? blockId(this.headers.at(-1)!) : NO_PARENT
    if (header.height !== this.height + 1 || !equalBytes(header.parentHash, parent)) {
      throw new Error(`entry ${header.height} does not continue a log of ${this.height}`)
    }
    if (
      ops.some(({ id }) => this.state.ids.has(id)) ||
      new Set(ops.map(({ id }) => id)).size < ops.length
    ) {
      throw new Error(`entry ${header.height} decides an operation again`)
    }
    const { state, payload } = this.execute(parent, ops, header, blockId(proof.header))
    const same = payload.every(({ refusal }, at) => refusal === ops[at]!.refusal)
    if (!same || !equalBytes(state.root, header.stateRoot)) {
      throw new Error(`entry ${header.height} leads to another state`)
    }
    this.entries.push(bytes)
    this.headers.push(proof.header)
    this.state = state
    if (header.nextSetHash === undefined) return
    const next = nextSetOf(state)
    const set = next === null ? undefined : parseVoterSet(next)
    if (!set?.ok) throw new Error(`entry ${header.height} ends an epoch without a next set`)
    this.set = set.set
  }

  /** Entries for blocks that became final together, each with its proof. */
  prove(
    blocks: readonly FinalBlock[],
    certified: Uint8Array,
    certificate: Uint8Array,
  ): readonly Uint8Array[] {
    const isUnder = ({ header }: FinalBlock) => !equalBytes(header, certified)
    const tree = blocks.some(isUnder) ? this.#treeUnder(blocks, certified) : undefined
    return blocks.map((block) => {
      const { header, height, payload } = block
      const under = isUnder(block) ? { header: certified, path: tree!.inclusion(height - 1) } : null
      const proof: BftProof = { kind: 'bft', header, certificate, under }
      return encodeEntry(proof, payload)
    })
  }

  /** The history that a certified header names. */
  #treeUnder(blocks: readonly FinalBlock[], certified: Uint8Array) {
    const headers = this.headers.slice(0, blocks[0]!.height - 1)
    headers.push(...blocks.map(({ header }) => header))
    const parsed = parseHeader(certified)
    if (!parsed.ok) throw new Error('the certified header is none')
    return createMerkleTree(headers.slice(0, coveredHeight(parsed.header)).map(historyLeaf))
  }

  tip(): LogTip {
    const header = this.headers.at(-1)
    const history = frontierOf(this.headers.map(historyLeaf))
    const { root: stateRoot } = this.state
    const nextSet = nextSetOf(this.state)
    const start = { height: 0, id: NO_PARENT, time: 0, view: 0, certificate: undefined }
    if (header === undefined) return { ...start, stateRoot, history, nextSet }
    const entry = parseEntry(this.entries.at(-1)!)
    if (!entry.ok || entry.entry.proof.kind !== 'bft') throw new Error('a kept entry is none')
    const { header: read, proof } = entry.entry
    const current = read.epoch === this.set.epoch
    const certificate = current && !proof.under ? parseCertificate(proof.certificate) : undefined
    return {
      height: this.height,
      id: blockId(header),
      time: read.time,
      view: current ? read.bft!.view : 0,
      stateRoot,
      history,
      certificate: certificate?.ok ? certificate.certificate : undefined,
      nextSet,
    }
  }
}
