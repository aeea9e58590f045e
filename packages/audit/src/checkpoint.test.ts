import { utf8 } from '@folkmoot/codec'
import { noteSigner } from '@folkmoot/identity'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checker, peer, rawSigner } from '../test/sample-log.ts'
import { openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts'

const note = noteSigner(rawSigner(7))
const origin = 'folkmoot/a/b/c'

it('says what it was given, signed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: Number.MAX_SAFE_INTEGER }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      async (size, root) => {
        const bytes = await signCheckpoint(note, { origin, size, root })
        const opened = await openCheckpoint(checker, bytes, { origin, peer })
        expect(opened).toEqual({ ok: true, checkpoint: { origin, size, root } })
      },
    ),
    { numRuns: 50 },
  )
})

it('fails with any byte changed', async () => {
  const root = new Uint8Array(32).fill(5)
  const bytes = await signCheckpoint(note, { origin, size: 42, root })
  for (let i = 0; i < bytes.length; i++) {
    const changed = bytes.slice()
    changed[i]! ^= 1
    expect(await openCheckpoint(checker, changed, { origin, peer })).toMatchObject({ ok: false })
  }
})

describe('is refused with', () => {
  const root = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
  it.each([
    ['no signature', `o\n1\n${root}\n`],
    ['no origin', `\n1\n${root}\n\n— o x\n`],
    ['a size with a leading zero', `o\n01\n${root}\n\n— o x\n`],
    ['a negative size', `o\n-1\n${root}\n\n— o x\n`],
    ['a size that is too large', `o\n9007199254740993\n${root}\n\n— o x\n`],
    ['a short root', 'o\n1\nAAAA\n\n— o x\n'],
    ['a root with stray bits', `o\n1\n${root.replace('A=', 'B=')}\n\n— o x\n`],
    ['a root without padding', `o\n1\n${root.replace('=', '')}\n\n— o x\n`],
    ['too few lines', 'o\n1\n\n— o x\n'],
    ['too many bytes', 'x'.repeat(20_000)],
    ['bytes that are no text', '\ud800'],
  ])('%s', (_, text) => {
    expect(parseCheckpoint(utf8(text))).toMatchObject({ ok: false })
  })
})
