/** An audit log over stores that the test holds, with a seeded key, clock and randomness. */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { memoryLog, memoryStore, type RawSigner } from '@folkmoot/base'
import { createChecker, createSigner, noteSigner } from '@folkmoot/identity'
import { type AuditInit, type AuditLog, openAudit } from '../src/index.ts'

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

export const fed = 'f0'.repeat(32)

export function rawSigner(fill: number): RawSigner {
  const der = Buffer.concat([PKCS8, Buffer.alloc(32, fill)])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return {
    publicKey: new Uint8Array(spki.subarray(SPKI.length)),
    signRaw: async (message) => new Uint8Array(sign(null, message, key)),
  }
}

export const checker = createChecker({
  kind: 'node',
  verify: async (publicKey, signature, message) => {
    const key = { key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' } as const
    return verify(null, message, createPublicKey(key), signature)
  },
})

export const peer = createSigner(rawSigner(7)).peer

export interface Sample {
  readonly audit: AuditLog
  readonly init: AuditInit
  /** Moves the clock. */
  wait(ms: number): void
  /** Opens again what is stored, as after a crash: nothing was closed. */
  reopen(changes?: Partial<AuditInit>): Promise<AuditLog>
}

export async function sampleLog(changes: Partial<AuditInit> = {}): Promise<Sample> {
  let now = 1_800_000_000_000
  let drawn = 0
  const raw = rawSigner(1)
  const init: AuditInit = {
    log: memoryLog(),
    store: memoryStore(),
    signer: createSigner(raw),
    note: noteSigner(raw),
    checker,
    fed,
    clock: { now: () => now },
    randomness: { bytes: (length) => new Uint8Array(length).fill(++drawn) },
    ...changes,
  }
  return {
    audit: await openAudit(init),
    init,
    wait: (ms) => {
      now += ms
    },
    reopen: (more) => openAudit({ ...init, ...more }),
  }
}

/** One whole action. */
export async function act(audit: AuditLog, content: string): Promise<number> {
  const seq = await audit.intent({
    direction: 'out',
    peer,
    action: 'call',
    capability: 'review.diff',
    envelope: 'ab'.repeat(16),
    content: new TextEncoder().encode(content),
    guard: { 'declared.kept': 2 },
    micros: { identity: 12.7, guard: 3 },
    channel: 'direct',
  })
  await audit.outcome(seq, { decision: 'done' })
  return seq
}
