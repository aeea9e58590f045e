import { encode, utf8 } from '@folkmoot/codec'
import { createSigner, noteSigner, sealRecord } from '@folkmoot/identity'
import { beforeAll, describe, expect, it } from 'vitest'
import { act, checker, fed, peer, rawSigner, sampleLog } from '../test/sample-log.ts'
import { signCheckpoint } from './checkpoint.ts'
import { encodeLeaf, readLeaf } from './entry.ts'
import { type AuditExport, parseExport } from './export.ts'
import { verifyAuditExport } from './verify-export.ts'

let whole: AuditExport
let origin: string
let logId: string

beforeAll(async () => {
  const { audit } = await sampleLog()
  for (const content of ['a', 'b', 'c']) await act(audit, content)
  await audit.checkpoint()
  for (const content of ['d', 'e']) await act(audit, content)
  const parsed = parseExport(await audit.export())
  if (!parsed.ok) throw new Error(parsed.fault.message)
  whole = parsed.value
  origin = audit.origin
  logId = audit.logId
})

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Checks the export after `change`. */
async function check(change: (copy: Mutable<AuditExport>) => void | Promise<void>) {
  const copy = structuredClone(whole) as Mutable<AuditExport>
  await change(copy)
  const verdict = await verifyAuditExport(checker, encode(copy))
  return verdict.ok ? 'verified' : `${verdict.fault.code}: ${verdict.fault.message}`
}

it('reports what an honest export holds', async () => {
  expect(await verifyAuditExport(checker, encode(whole))).toMatchObject({
    ok: true,
    logId,
    fed,
    entries: 10,
    size: 10,
    checkpoints: 2,
    unsigned: 0,
    erased: 0,
    open: 0,
    droppedBytes: 0,
  })
})

describe('says where it fails:', () => {
  const edited = (leaf: Uint8Array, from: string, to: string) => {
    const text = String.fromCharCode(...leaf)
    return Uint8Array.from(text.replace(from, to), (char) => char.charCodeAt(0))
  }

  it('it tells of more logs before it than an export may', async () => {
    const said = await check((copy) => {
      copy.earlier = new Array(101).fill(copy.statement)
    })
    expect(said).toContain('audit/export-malformed')
  })

  it('an entry was changed', async () => {
    expect(
      await check(({ entries }) => {
        entries[2]![0] = edited(entries[2]![0], 'review.diff', 'review.dirf')
        entries[3]![0] = edited(entries[3]![0], 'review.diff', 'review.dirf')
      }),
    ).toBe('audit/tree: checkpoint 0 (size 6): an entry from 0 to 5 is not what was signed')
    expect(
      await check(({ entries }) => {
        for (const i of [8, 9])
          entries[i]![0] = edited(entries[i]![0], 'review.diff', 'review.dirf')
      }),
    ).toBe('audit/tree: checkpoint 1 (size 10): an entry from 6 to 9 is not what was signed')
  })

  it('an entry was taken out, put in or moved', async () => {
    expect(await check(({ entries }) => void entries.splice(4, 1))).toBe(
      'audit/entry: entry 4: it says that it is 5',
    )
    expect(await check(({ entries }) => void entries.splice(4, 0, entries[4]!))).toMatch(
      'audit/entry: entry 5: it says that it is 4',
    )
    expect(await check(({ entries }) => void entries.reverse())).toMatch('audit/entry: entry 0')
    expect(await check(({ entries }) => void entries.splice(8))).toBe(
      'audit/tree: checkpoint 1 (size 10): entries 8 to 9 are missing',
    )
  })

  it('a content or its salt was changed', async () => {
    expect(
      await check(({ entries }) => {
        entries[4]![1]![1] = utf8('z')
      }),
    ).toBe('audit/content: entry 4: its content is not the one it commits to')
    expect(
      await check(({ entries }) => {
        entries[2]![1]![0] = new Uint8Array(16)
      }),
    ).toMatch('audit/content: entry 2')
    expect(
      await check(({ entries }) => {
        entries[1]![1] = [new Uint8Array(16), utf8('z')]
      }),
    ).toMatch('audit/content: entry 1')
  })

  it('a leaf is no entry', async () => {
    expect(
      await check(({ entries }) => {
        entries[5]![0] = utf8('not an entry')
      }),
    ).toMatch('audit/entry: entry 5: ')
  })

  it('an outcome answers no open intent, or is about something else', async () => {
    const rewrite = (seq: number, change: object) => (copy: AuditExport) => {
      const read = readLeaf(copy.entries[seq]![0])
      if (!read.ok) throw new Error()
      const { v: _, seq: __, at, ...fields } = read.entry
      copy.entries[seq]![0] = encodeLeaf(seq, at, { ...fields, ...change })
    }
    expect(await check(rewrite(3, { of: 0 }))).toBe(
      'audit/entry: entry 3: it answers 0, which is no open intent',
    )
    expect(await check(rewrite(3, { of: 7 }))).toMatch('entry 3: it answers 7')
    expect(await check(rewrite(3, { peer: null }))).toMatch('entry 3: it is about something else')
    expect(await check(rewrite(2, { decision: 'done' }))).toMatch('entry 2: an intent is allowed')
    expect(await check(rewrite(3, { decision: 'allowed' }))).toMatch('entry 3: an outcome is done')
    expect(await check(rewrite(2, { of: 0 }))).toMatch('entry 2: an intent answers nothing')
  })

  it('a checkpoint is not genuine, or of another log', async () => {
    const root = new Uint8Array(32)
    const strange = noteSigner(rawSigner(9))
    expect(
      await check(async (copy) => {
        copy.checkpoints[1] = await signCheckpoint(strange, { origin, size: 10, root })
      }),
    ).toMatch('audit/checkpoint: checkpoint 1: ')
    const own = noteSigner(rawSigner(1))
    expect(
      await check(async (copy) => {
        copy.checkpoints[1] = await signCheckpoint(own, { origin: `${origin}0`, size: 10, root })
      }),
    ).toMatch('checkpoint 1: this is not a checkpoint: it is of another log')
    expect(
      await check(async (copy) => {
        copy.checkpoints[1] = await signCheckpoint(own, { origin, size: 10, root })
      }),
    ).toMatch('audit/tree: checkpoint 1 (size 10)')
    expect(await check((copy) => void copy.checkpoints.reverse())).toMatch(
      'checkpoint 1 (size 6): it comes after one of size 10',
    )
    expect(
      await check((copy) => {
        copy.checkpoints[0] = utf8('nothing')
      }),
    ).toMatch('audit/checkpoint: checkpoint 0: ')
  })

  it('the statement is not genuine, or of another peer', async () => {
    const at = 1
    const statement = { v: 1, fed, peer, logId, reason: 'first', previous: null, at }
    expect(
      await check(async (copy) => {
        copy.statement = await sealRecord(createSigner(rawSigner(1)), 'log', statement)
      }),
    ).toBe("audit/statement: the log's statement: it is not signed by the peer it names")
    expect(
      await check(async (copy) => {
        copy.statement = await sealRecord(createSigner(rawSigner(7)), 'log', statement)
      }),
    ).toMatch('audit/checkpoint: checkpoint 0')
    expect(
      await check((copy) => {
        copy.statement = copy.statement.map((byte, i) =>
          i === copy.statement.length - 1 ? byte ^ 1 : byte,
        )
      }),
    ).toMatch("audit/statement: the log's statement: ")
  })

  it('the bytes are no export, or of a later version', async () => {
    for (const bytes of [utf8('x'), encode({ ...whole, v: 2 }), encode(whole).subarray(1)]) {
      const verdict = await verifyAuditExport(checker, bytes)
      expect(verdict).toMatchObject({ ok: false, fault: { code: 'audit/export-malformed' } })
    }
  })
})

it('passes without a content that was erased, and without the last checkpoint', async () => {
  expect(
    await check(({ entries }) => {
      entries[0]![1] = null
    }),
  ).toBe('verified')
  expect(await check(({ checkpoints }) => void checkpoints.pop())).toBe('verified')
})
