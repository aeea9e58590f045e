/**
 * One effect per idempotency key: a repeated call gets the first one's answer, also when it comes
 * over another link while the first still runs.
 *
 * @module
 */
import { type Millis, refuse, type Verdict } from '@folkmoot/base'

export interface IdempotencyConfig {
  /** Keys remembered per peer. */
  readonly maxPerPeer: number
  /** Bytes of answers remembered in all; the oldest answers go first. */
  readonly maxAnswerBytes: number
}

export const idempotencyDefaults: IdempotencyConfig = {
  maxPerPeer: 256,
  maxAnswerBytes: 16 * 1024 * 1024,
}

/** What was sent back the first time. */
export interface Answer {
  readonly kind: 'result' | 'error'
  readonly body: Uint8Array
}

export interface IdempotencyClaim {
  readonly from: string
  readonly capability: string
  readonly key: string
  /** Hash of the request as text; another request under the same key is a conflict. */
  readonly requestHash: string
  readonly at: Millis
  /** Until when the answer must be kept; the call's deadline or later. */
  readonly keepUntil: Millis
}

export interface Idempotency {
  /**
   * `run`: first time, call {@link Idempotency.settle} when it has an answer; `repeat`: send this
   * again. Refuses `calls/still-running`, `calls/idempotency-conflict`, `calls/idempotency-full`.
   */
  begin(claim: IdempotencyClaim): Verdict<{ action: 'run' } | { action: 'repeat'; answer: Answer }>
  /** Records the answer of a run; `undefined` forgets it, so that a retry runs again. */
  settle(
    claim: Pick<IdempotencyClaim, 'from' | 'capability' | 'key'>,
    answer: Answer | undefined,
  ): void
  readonly answerBytes: number
}

interface Entry {
  readonly requestHash: string
  readonly keepUntil: Millis
  readonly answer: Answer | undefined
}

export function createIdempotency(config: IdempotencyConfig = idempotencyDefaults): Idempotency {
  const peers = new Map<string, Map<string, Entry>>()
  let answerBytes = 0

  const nameOf = (claim: Pick<IdempotencyClaim, 'capability' | 'key'>) =>
    `${claim.capability}\u0000${claim.key}`
  function remove(from: string, name: string): void {
    const entries = peers.get(from)
    answerBytes -= entries?.get(name)?.answer?.body.byteLength ?? 0
    entries?.delete(name)
    if (entries?.size === 0) peers.delete(from)
  }
  function expire(from: string, at: Millis): void {
    for (const [name, entry] of peers.get(from) ?? []) {
      if (entry.keepUntil < at && entry.answer !== undefined) remove(from, name)
    }
  }
  /** Answers of others go before the one just recorded; a running entry is never dropped. */
  function shrink(): void {
    for (const [from, entries] of peers) {
      for (const [name, entry] of entries) {
        if (answerBytes <= config.maxAnswerBytes) return
        if (entry.answer !== undefined) remove(from, name)
      }
    }
  }

  return {
    begin(claim) {
      expire(claim.from, claim.at)
      const name = nameOf(claim)
      const known = peers.get(claim.from)?.get(name)
      if (known !== undefined) {
        if (known.requestHash !== claim.requestHash) {
          return refuse('calls/idempotency-conflict', 'this key belongs to another request')
        }
        if (known.answer === undefined) {
          return refuse('calls/still-running', 'the first call with this key is still running')
        }
        return { ok: true, action: 'repeat', answer: known.answer }
      }
      const entries = peers.get(claim.from) ?? new Map<string, Entry>()
      if (entries.size >= config.maxPerPeer) {
        return refuse('calls/idempotency-full', 'too many idempotency keys are in use')
      }
      const { requestHash, keepUntil } = claim
      peers.set(claim.from, entries.set(name, { requestHash, keepUntil, answer: undefined }))
      return { ok: true, action: 'run' }
    },
    settle(claim, answer) {
      const name = nameOf(claim)
      const entry = peers.get(claim.from)?.get(name)
      if (entry === undefined || entry.answer !== undefined) return
      if (answer === undefined) return remove(claim.from, name)
      peers.get(claim.from)!.set(name, { ...entry, answer })
      answerBytes += answer.body.byteLength
      shrink()
    },
    get answerBytes() {
      return answerBytes
    },
  }
}
