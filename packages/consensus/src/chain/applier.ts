/**
 * Applies entries to the application and compares what comes out with what was signed.
 *
 * @module
 */
import { errorMessage, FederationError, type Verdict } from '@folkmoot/base'
import { equalBytes } from '@folkmoot/codec'
import type { EpochLink, KnownEpochs } from '../bft/epoch-chain.ts'
import type { ConsensusCode } from '../codes.ts'
import type { ParsedEntry } from '../entry.ts'
import type { FinalityProof } from '../finality.ts'
import type { Header } from '../header.ts'
import { type RecordedOperation, refusalOf } from '../payload.ts'
import type { Application, FinalOperation, Position } from '../replicated-log.ts'

export class Applier {
  readonly #application: Application
  readonly #onFailure: (message: string) => void

  /** `onFailure` is told when the application throws: its state can not be trusted then. */
  constructor(application: Application, onFailure: (message: string) => void) {
    this.#application = application
    this.#onFailure = onFailure
  }

  /** @throws FederationError `consensus/application-failed` */
  async applyAll(
    ops: readonly { readonly id: string; readonly bytes: Uint8Array }[],
    at: Position,
  ): Promise<FinalOperation[]> {
    const outcomes: FinalOperation[] = []
    for (const { id, bytes } of ops) {
      outcomes.push({ id, bytes, outcome: await this.#apply(bytes, at) })
    }
    return outcomes
  }

  /** Applies an entry; undefined when outcomes, state or next voters are not the signed ones. */
  async applyEntry(entry: ParsedEntry, epochs: KnownEpochs): Promise<FinalOperation[] | undefined> {
    const { height, time, epoch, stateRoot } = entry.header
    const ops: FinalOperation[] = []
    for (const { id, bytes, refusal } of entry.ops) {
      const outcome = await this.#apply(bytes, { height, time, epoch })
      if (refusalOf(outcome) !== refusal) return undefined
      ops.push({ id, bytes, outcome })
    }
    if (!equalBytes(this.#application.root(), stateRoot)) return undefined
    const link = this.linkOf(entry)
    return !link || epochs.checkLink(link).ok ? ops : undefined
  }

  /** The step to the next epoch that an applied entry makes, if it makes one. */
  linkOf(
    entry: { readonly header: Header; readonly proof: FinalityProof } | undefined,
  ): EpochLink | undefined {
    if (!entry?.header.nextSetHash) return undefined
    const nextSet = this.#application.nextSet() ?? new Uint8Array()
    return { proof: entry.proof, nextSet }
  }

  async #apply(op: Uint8Array, at: Position): Promise<Verdict> {
    try {
      return await this.#application.apply(op, at)
    } catch (cause) {
      this.#onFailure(errorMessage(cause))
      const code: ConsensusCode = 'consensus/application-failed'
      throw new FederationError(code, 'the application failed', { cause })
    }
  }
}

/** Operations as an entry records them. */
export function recorded(ops: readonly FinalOperation[]): RecordedOperation[] {
  return ops.map(({ id, bytes, outcome }) => ({ id, bytes, refusal: refusalOf(outcome) }))
}
