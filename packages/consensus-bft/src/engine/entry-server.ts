/**
 * Hands out entries of the log to whoever is behind: one answer at a time, each asker in its turn,
 * and together no more than so many bytes a second. A question has sixty bytes and its answer may
 * have a megabyte: whoever asks much must hold up neither agreement nor others that are behind.
 *
 * @module
 */
import type { Timers } from '@folkmoot/base'
import type { Height } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import { entriesMessage } from '../core/messages.ts'

/** To all askers together, 16 MiB a second: a gigabyte of log in a minute. */
const BYTES_PER_MS = 16 * 1024
/** Askers that wait at once; more come again with their next Status. */
const MAX_ASKERS = 256

export interface EntryServerInit {
  /** Entries from a height on, as many as one answer holds. */
  readonly read: (from: Height) => Promise<readonly Uint8Array[]>
  readonly send: (to: PeerId, message: Uint8Array) => void
  readonly timers: Timers
  readonly failed: (cause: unknown) => void
}

export class EntryServer {
  readonly #init: EntryServerInit
  /** The newest question of each, in the order of their turns. */
  readonly #asked = new Map<PeerId, Height>()
  #isServing = false
  #isStopped = false
  /** Bytes that no time has passed for. */
  #owed = 0
  #cancelPause: (() => void) | undefined

  constructor(init: EntryServerInit) {
    this.#init = init
  }

  ask(to: PeerId, from: Height): void {
    if (this.#isStopped) return
    if (this.#asked.size < MAX_ASKERS || this.#asked.has(to)) this.#asked.set(to, from)
    if (!this.#isServing) this.#serve().catch(this.#init.failed)
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelPause?.()
    this.#asked.clear()
  }

  async #serve(): Promise<void> {
    this.#isServing = true
    for (const [to, from] of this.#asked) {
      // Whoever asks meanwhile comes after those who wait.
      this.#asked.delete(to)
      const entries = await this.#init.read(from)
      if (this.#isStopped) return
      if (entries.length === 0) continue
      const message = entriesMessage(entries)
      this.#init.send(to, message)
      this.#owed += message.length
      if (this.#owed >= BYTES_PER_MS) await this.#pause()
    }
    this.#isServing = false
  }

  #pause(): Promise<void> {
    const delayMs = this.#owed / BYTES_PER_MS
    this.#owed = 0
    return new Promise((resolve) => {
      this.#cancelPause = this.#init.timers.after(delayMs, resolve)
    })
  }
}
