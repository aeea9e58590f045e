/**
 * The entries of one member in memory, from where its snapshot ends.
 *
 * @module
 */
import { type Membership, parseMembership, type RaftEntry } from '../entry.ts'

/** What the log begins after; at the founding of a group index and term are 0. */
export interface LogBase {
  readonly index: number
  readonly term: number
  readonly members: Membership
  /** Where the engine finds the state of that index. */
  readonly info: Uint8Array
}

/** Members as of an entry of the log. */
interface MembersAt {
  readonly index: number
  readonly members: Membership
}

export class EntryLog {
  #base: LogBase
  #entries: RaftEntry[] = []
  /** By ascending index; the first is the base's. */
  #members: MembersAt[]

  constructor(base: LogBase, entries: readonly RaftEntry[]) {
    this.#base = base
    this.#members = [{ index: base.index, members: base.members }]
    for (const entry of entries) this.append(entry)
  }

  get base(): LogBase {
    return this.#base
  }

  get lastIndex(): number {
    return this.#base.index + this.#entries.length
  }

  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.#base.term
  }

  /** The newest members in the log, committed or not: they count from the moment they are appended. */
  get members(): Membership {
    return this.#members.at(-1)!.members
  }

  /** Index of the entry that made {@link members}. */
  get membersIndex(): number {
    return this.#members.at(-1)!.index
  }

  /** The members before the newest change. */
  get formerMembers(): Membership {
    return (this.#members.at(-2) ?? this.#members[0]!).members
  }

  /** The members as of an index. */
  membersAt(index: number): Membership {
    return (this.#members.findLast((each) => each.index <= index) ?? this.#members[0]!).members
  }

  /** Undefined below the base and above the last entry. */
  termAt(index: number): number | undefined {
    if (index === this.#base.index) return this.#base.term
    return this.at(index)?.term
  }

  at(index: number): RaftEntry | undefined {
    return index > this.#base.index ? this.#entries[index - this.#base.index - 1] : undefined
  }

  /** Entries from an index on: at most `max`, and at most `maxBytes` unless the first alone is larger. */
  from(index: number, max: number, maxBytes: number): RaftEntry[] {
    const result: RaftEntry[] = []
    let size = 0
    for (let i = index; i <= this.lastIndex && result.length < max; i++) {
      const entry = this.at(i)!
      size += entry.data.length
      if (result.length > 0 && size > maxBytes) break
      result.push(entry)
    }
    return result
  }

  append(entry: RaftEntry): void {
    this.#entries.push(entry)
    if (entry.kind !== 'members') return
    const members = parseMembership(entry.data)
    if (members) this.#members.push({ index: entry.index, members })
  }

  /** Drops all entries from an index on. */
  truncate(from: number): void {
    this.#entries.length = Math.max(0, from - this.#base.index - 1)
    this.#members = this.#members.filter(({ index }, i) => i === 0 || index < from)
  }

  /** Drops entries up to the new base. Keeps what follows where the log holds the base's own entry. */
  rebase(base: LogBase): void {
    const keeps = this.termAt(base.index) === base.term
    this.#entries = keeps ? this.#entries.slice(base.index - this.#base.index) : []
    const later = keeps ? this.#members.filter(({ index }) => index > base.index) : []
    this.#members = [{ index: base.index, members: base.members }, ...later]
    this.#base = base
  }

  /** First of `entries` that the log does not hold as it is; undefined where it holds them all. */
  firstNew(entries: readonly RaftEntry[]): RaftEntry | undefined {
    return entries.find(
      ({ index, term }) => index > this.#base.index && this.termAt(index) !== term,
    )
  }

  /** Whether a candidate's log is at least as new as this one (paper, section 5.4.1). */
  isUpToDate(lastIndex: number, lastTerm: number): boolean {
    return lastTerm > this.lastTerm || (lastTerm === this.lastTerm && lastIndex >= this.lastIndex)
  }

  /**
   * The newest place at or below `index` whose term is at most `term`: below it two logs may agree,
   * above they cannot. Not below the base.
   */
  lastAtTerm(index: number, term: number): { index: number; term: number } {
    let i = Math.min(index, this.lastIndex)
    while (i > this.#base.index && this.termAt(i)! > term) i -= 1
    const at = Math.max(i, this.#base.index)
    return { index: at, term: this.termAt(at)! }
  }
}
