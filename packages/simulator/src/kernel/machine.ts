/**
 * What can be put into a simulation: a program that boots from a disk into a machine, which takes
 * inputs and answers with effects. An agreement core is one; so is a liar made for a test.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import type { CoreEffect, CoreInput, Unstamped } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { KeyPair } from './keyring.ts'
import type { Random } from './random.ts'

/** What a machine may do beyond the effects of every core. Lost with the process. */
export interface Host<Own> {
  readonly id: PeerId
  /** Name of this process in traces; twins differ here and share `id`. */
  readonly address: string
  /** This process's own clock. */
  now(): Millis
  /** Hands the machine an input after `delayMs` (default 0), never within the present step. */
  reply(input: Unstamped<CoreInput<Own>>, delayMs?: number): void
  send(to: readonly PeerId[], message: Uint8Array): void
  /** Makes or finds a key in the database. */
  key(name: string): KeyPair
  /** From now on nothing is signed under this name but with this key, as by an engine's signer. */
  permit(name: string, publicKey: Uint8Array): void
  /** Appends to the log; `done` runs when the record is durable. */
  append(record: Uint8Array, done?: () => void): void
  /** Chance of this process alone. */
  readonly random: Random
  /** A line in the trace. */
  note(text: string): void
}

export interface Boot<Own> {
  readonly id: PeerId
  readonly address: string
  readonly disk: ReadonlyMap<string, Uint8Array>
  readonly log: readonly Uint8Array[]
  readonly keys: ReadonlyMap<string, KeyPair>
  readonly at: Millis
  /** 1 at the first start, one more at each restart. */
  readonly life: number
  readonly host: Host<Own>
}

export interface Machine<OwnInput, OwnEffect> {
  /** Called once, before any input. */
  start(at: Millis): readonly CoreEffect<OwnEffect>[]
  handle(input: CoreInput<OwnInput>): readonly CoreEffect<OwnEffect>[]
  /** Performs an effect of this engine alone; its answers come through the host. */
  perform(effect: OwnEffect): void
}

export interface Program<OwnInput, OwnEffect> {
  boot(boot: Boot<OwnInput>): Machine<OwnInput, OwnEffect>
}
