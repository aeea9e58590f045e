/**
 * All facts in typed tables over one tree, so that a change reaches the state root and nothing else
 * can. Reads are plain map look-ups; a snapshot is the sorted list of facts. What is final, below
 * the oldest mark, is a view of its own: readers must not see what may be undone.
 *
 * @module
 */
import { FederationError, refuse, type Verdict } from '@folkmoot/base'
import { checkShape, decode, encode, parse } from '@folkmoot/codec'
import * as v from 'valibot'
import type { LedgerCode } from './codes.ts'
import { createFactTree } from './fact-tree.ts'
import {
  batchFactSchema,
  checkpointFactSchema,
  countSchema,
  federationFactSchema,
  finalUnitsSchema,
  invitationFactSchema,
  manifestFactSchema,
  memberFactSchema,
  reportFactSchema,
  revocationFactSchema,
  studyFactSchema,
} from './facts.ts'
import { FinalMap } from './final-map.ts'
import { MAX_SNAPSHOT_BYTES } from './limits.ts'
import { createUndoJournal, type UndoJournal } from './undo-journal.ts'
import {
  amendmentFactSchema,
  epochFactSchema,
  evidenceFactSchema,
  nextFactSchema,
  overdueFactSchema,
  proposalFactSchema,
  roleFactSchema,
  seatsFactSchema,
  voteKeyFactSchema,
  votersFactSchema,
} from './voting-facts.ts'

/** One kind of fact, by what follows the kind in its key. */
interface ReadonlyTable<Value> {
  get(id: string): Value | undefined
  readonly entries: ReadonlyMap<string, Value>
}

export interface Table<Value> extends ReadonlyTable<Value> {
  set(id: string, value: Value): void
  delete(id: string): void
}

const schemas = {
  federation: federationFactSchema,
  member: memberFactSchema,
  invitation: invitationFactSchema,
  revocation: revocationFactSchema,
  study: studyFactSchema,
  manifest: manifestFactSchema,
  final: finalUnitsSchema,
  batch: batchFactSchema,
  credit: countSchema,
  checkpoint: checkpointFactSchema,
  report: reportFactSchema,
  sequence: countSchema,
  epoch: epochFactSchema,
  voters: votersFactSchema,
  next: nextFactSchema,
  seats: seatsFactSchema,
  role: roleFactSchema,
  voteKey: voteKeyFactSchema,
  overdue: overdueFactSchema,
  proposal: proposalFactSchema,
  evidence: evidenceFactSchema,
  amendment: amendmentFactSchema,
} as const

type Kind = keyof typeof schemas
type Fact<K extends Kind> = Readonly<v.InferOutput<(typeof schemas)[K]>>
type Tables = { readonly [K in Kind]: Table<Fact<K>> }

/** Facts to read. */
export type Facts = { readonly [K in Kind]: ReadonlyTable<Fact<K>> }

export interface FactStore extends Tables {
  /** Remembers every change of a fact. */
  readonly journal: UndoJournal
  /** The facts as they are at the oldest mark; all there are while there is no mark. */
  readonly settled: Facts
  root(): Uint8Array
  /** The encoded value of a final fact under a whole key. */
  value(key: string): Uint8Array | undefined
  /** Under the root of the final facts. */
  prove(key: string): ReturnType<ReturnType<typeof createFactTree>['prove']>
  snapshot(): Uint8Array
}

const kinds = Object.keys(schemas) as Kind[]

function split(key: string): { kind: Kind; id: string } | undefined {
  const slash = key.indexOf('/')
  const kind = key.slice(0, slash) as Kind
  return slash > 0 && Object.hasOwn(schemas, kind) ? { kind, id: key.slice(slash + 1) } : undefined
}

/** A fact from outside, read by what its key says that it is. */
export function parseFact(
  key: string,
  value: Uint8Array,
): Verdict<{ kind: string; id: string; fact: unknown }> {
  const parts = split(key)
  if (!parts) return refuse('ledger/proof' satisfies LedgerCode, 'there are no facts of this kind')
  const parsed = parse(schemas[parts.kind] as v.GenericSchema, value)
  return parsed.ok ? { ok: true, ...parts, fact: parsed.value } : parsed
}

export function createFactStore(): FactStore {
  const tree = createFactTree()
  const journal = createUndoJournal()
  const maps = new Map<Kind, Map<string, unknown>>()

  function plant(key: string, value: unknown): void {
    if (value === undefined) tree.delete(key)
    else tree.set(key, encode(value))
  }

  function table(kind: Kind): Table<unknown> {
    const entries = new Map<string, unknown>()
    maps.set(kind, entries)
    function put(id: string, value: unknown): void {
      plant(`${kind}/${id}`, value)
      if (value === undefined) entries.delete(id)
      else entries.set(id, value)
    }
    function change(id: string, value: unknown): void {
      const before = entries.get(id)
      put(id, value)
      journal.record(() => put(id, before), { table: entries, id, before })
    }
    return {
      entries,
      get: (id) => entries.get(id),
      set: change,
      delete: (id) => change(id, undefined),
    }
  }

  const tables = Object.fromEntries(kinds.map((kind) => [kind, table(kind)])) as unknown as Tables
  const settled = Object.fromEntries(
    kinds.map((kind) => {
      const now = maps.get(kind)!
      const entries = new FinalMap(now, () => journal.replaced(now))
      return [kind, { get: (id: string) => entries.get(id), entries }]
    }),
  ) as unknown as Facts

  function value(key: string): Uint8Array | undefined {
    const parts = split(key)
    const found = parts && settled[parts.kind].get(parts.id)
    return found === undefined ? undefined : encode(found)
  }

  function plantWritten(which: 'settled' | 'now'): void {
    for (const [kind, now] of maps) {
      for (const [id, before] of journal.replaced(now)) {
        plant(`${kind}/${id}`, which === 'now' ? now.get(id) : before)
      }
    }
  }

  /** The tree goes back to the settled facts and returns, which costs twice what is not final. */
  function prove(key: string) {
    plantWritten('settled')
    const proof = tree.prove(key)
    plantWritten('now')
    return proof
  }

  return {
    ...tables,
    journal,
    settled,
    root: () => tree.root(),
    value,
    prove,
    snapshot: () => {
      const facts: [string, Uint8Array][] = []
      for (const [kind, entries] of maps) {
        for (const [id, fact] of entries) facts.push([`${kind}/${id}`, encode(fact)])
      }
      facts.sort(([a], [b]) => (a < b ? -1 : 1))
      return encode([1, facts])
    },
  }
}

/**
 * The same facts, on which a write does nothing: for trying an operation. Right for rules because
 * each refuses before it writes.
 */
export function withoutWrites(store: FactStore): FactStore {
  const tables = kinds.map((kind) => {
    const { get, entries } = store[kind]
    return [kind, { get, entries, set: () => {}, delete: () => {} }]
  })
  return { ...store, ...Object.fromEntries(tables) }
}

const snapshotSchema = v.strictTuple([
  v.literal(1),
  v.array(v.strictTuple([v.string(), v.instance(Uint8Array)])),
])

/** Reads a snapshot. @throws FederationError `ledger/snapshot` */
export function restoreFactStore(bytes: Uint8Array): FactStore {
  // Four items a fact: ten million facts are more than the bytes allow.
  const limits = { maxBytes: MAX_SNAPSHOT_BYTES, maxDepth: 3, maxItems: 40_000_000 }
  const parsed = parse(snapshotSchema, bytes, limits)
  if (!parsed.ok) throw broken(parsed.fault.message)
  const store = createFactStore()
  let last = ''
  for (const [key, encoded] of parsed.value[1]) {
    const parts = split(key)
    if (!parts || key <= last) throw broken('its facts are out of order')
    const decoded = decode(encoded)
    const fact = decoded.ok ? checkShape(schemas[parts.kind], decoded.value) : decoded
    if (!fact.ok) throw broken(`${parts.kind}: ${fact.fault.message}`)
    ;(store[parts.kind] as Table<unknown>).set(parts.id, fact.value)
    last = key
  }
  return store
}

function broken(why: string): FederationError<LedgerCode> {
  return new FederationError('ledger/snapshot', `not a snapshot of this ledger: ${why}`)
}
