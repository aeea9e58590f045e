import { expect, test } from 'vitest'
import { nodeVerifier } from '../../storage/src/node/ed25519.ts'
import { createChecker } from './checker.ts'
import { noteSigner, verifyNote } from './note.ts'
import { testRawSigner, testSigner } from './test-keys.ts'

const checker = createChecker(nodeVerifier())
const signer = noteSigner(testRawSigner(1))
const by = { name: 'folkmoot/fed/peer/log', peer: testSigner(1).peer }
const text = 'folkmoot/fed/peer/log\n12\nhbtLNM4KJ+mS0jMCbpSbuD2hXVNfNoUDPqFfFMrkkXI=\n'

test('a note opens with the key that signed it, and with no other', async () => {
  const note = await signer.signNote(text, by.name)
  expect(note.startsWith(`${text}\n\u2014 folkmoot/fed/peer/log `)).toBe(true)
  expect(await verifyNote(checker, note, by)).toEqual({ ok: true, text })
  for (const other of [
    { ...by, peer: testSigner(2).peer },
    { ...by, name: 'folkmoot/another' },
  ]) {
    expect(await verifyNote(checker, note, other)).toMatchObject({
      fault: { code: 'identity/note' },
    })
  }
})

test('signatures of others stand beside ours', async () => {
  const note = await signer.signNote(text, by.name)
  const witness = await noteSigner(testRawSigner(2)).signNote(text, 'witness')
  const line = witness.slice(text.length + 1)
  const both = note.slice(0, text.length + 1) + line + note.slice(text.length + 1)
  expect(await verifyNote(checker, both, by)).toEqual({ ok: true, text })
  expect(await verifyNote(checker, both, { name: 'witness', peer: testSigner(2).peer })).toEqual({
    ok: true,
    text,
  })
})

test('a changed character anywhere refuses the note', async () => {
  const note = await signer.signNote(text, by.name)
  for (let at = 0; at < note.length; at++) {
    const changed = `${note.slice(0, at)}${note[at] === 'x' ? 'y' : 'x'}${note.slice(at + 1)}`
    expect((await verifyNote(checker, changed, by)).ok).toBe(false)
  }
})

test('text that another domain could mean is not signed', async () => {
  for (const bad of [
    'no newline at the end',
    'sigstore/log\n1\nAA==\n',
    'folkmoot-signature/1 envelope\0\n',
    'folkmoot/a\u0000b\n',
    'folkmoot/a\r\n',
    'folkmoot/\ud800\n',
    '',
  ]) {
    await expect(signer.signNote(bad, by.name)).rejects.toMatchObject({ code: 'identity/purpose' })
  }
  await expect(signer.signNote(text, 'a name')).rejects.toMatchObject({ code: 'identity/purpose' })
})

test.each(['', '\n\n', text, `${text}\n`, `${text}\nno dash\n`, 'x'.repeat(20_000)])(
  'what is not a signed note is refused (%#)',
  async (note) => {
    expect(await verifyNote(checker, note, by)).toMatchObject({ fault: { code: 'identity/note' } })
  },
)
