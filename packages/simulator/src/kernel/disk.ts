/**
 * What one process keeps over a crash: a database whose writes are all or nothing and durable only
 * once their sync has completed, keys that live and die with it, and a log that may tear at any
 * byte of what was not synced.
 *
 * @module
 */
import type { KeyDeletion, StoreOperation } from '@folkmoot/base'
import type { KeyPair } from './keyring.ts'

export type DiskOperation = StoreOperation | KeyDeletion

/** How much of what was not synced was written all the same, from 0 to `most`. */
export type Survives = (what: 'writes' | 'log bytes', most: number) => number

/** What lies on a disk at one moment, synced and whole: a copy of the machine, or parts of one. */
export interface DiskImage {
  readonly durable: ReadonlyMap<string, Uint8Array>
  readonly keys: ReadonlyMap<string, KeyPair>
  readonly log: readonly Uint8Array[]
}

export interface Disk {
  /** As a process finds it when it starts. */
  readonly durable: ReadonlyMap<string, Uint8Array>
  readonly keys: ReadonlyMap<string, KeyPair>
  /** Whole records of the log, as recovery finds them. */
  readonly log: readonly Uint8Array[]
  addKey(name: string, pair: KeyPair): void
  /** Hands operations over; nothing is durable yet. Writes sync in the order of their tickets. */
  write(operations: readonly DiskOperation[]): number
  /** Hands a record over to the log. */
  append(record: Uint8Array): number
  /** The sync of this ticket, and so of all before it, has completed. */
  complete(ticket: number): void
  /**
   * Power fails: unsynced writes are gone, or the first few of them are not (the platter had them,
   * the process never heard). An unsynced log keeps any number of its bytes; a torn record is
   * dropped. `survives` says how much.
   */
  crash(survives: Survives): void
  /** As it is now, for `replace`. */
  image(): DiskImage
  /** From now on this is all there is: what the image does not have is lost, `{}` is an empty disk. */
  replace(image: Partial<DiskImage>): void
}

interface Pending {
  readonly ticket: number
  readonly operations?: readonly DiskOperation[]
  readonly record?: Uint8Array
}

/** Length before each record and a checksum after it, 4 bytes each. */
const FRAME_BYTES = 8

export function createDisk(): Disk {
  const durable = new Map<string, Uint8Array>()
  const keys = new Map<string, KeyPair>()
  const log: Uint8Array[] = []
  let pending: Pending[] = []
  let tickets = 0

  const apply = ({ operations = [], record }: Pending) => {
    for (const operation of operations) {
      if (operation.type === 'put') durable.set(operation.key, operation.value)
      else if (operation.type === 'delete') durable.delete(operation.key)
      else keys.delete(operation.name)
    }
    if (record !== undefined) log.push(record)
  }
  const submit = (what: Omit<Pending, 'ticket'>) => {
    tickets += 1
    pending.push({ ticket: tickets, ...what })
    return tickets
  }

  return {
    durable,
    keys,
    log,
    addKey: (name, pair) => {
      keys.set(name, pair)
    },
    write: (operations) => submit({ operations }),
    append: (record) => submit({ record: record.slice() }),
    complete(ticket) {
      const split = pending.findIndex((each) => each.ticket > ticket)
      const count = split === -1 ? pending.length : split
      for (const done of pending.splice(0, count)) apply(done)
    },
    crash(survives) {
      const database = pending.filter((each) => each.operations !== undefined)
      const kept = survives('writes', database.length)
      for (const write of database.slice(0, kept)) apply(write)
      const tail = pending.filter((each) => each.record !== undefined)
      const total = tail.reduce((sum, each) => sum + each.record!.length + FRAME_BYTES, 0)
      let left = survives('log bytes', total)
      for (const each of tail) {
        left -= each.record!.length + FRAME_BYTES
        if (left < 0) break
        apply(each)
      }
      pending = []
    },
    image: () => ({ durable: new Map(durable), keys: new Map(keys), log: [...log] }),
    replace(image) {
      // Copied first: an image may be made of what is about to go.
      const kept = {
        durable: [...(image.durable ?? [])],
        keys: [...(image.keys ?? [])],
        log: [...(image.log ?? [])],
      }
      durable.clear()
      keys.clear()
      for (const [key, value] of kept.durable) durable.set(key, value)
      for (const [name, pair] of kept.keys) keys.set(name, pair)
      log.splice(0, log.length, ...kept.log)
      pending = []
    },
  }
}
