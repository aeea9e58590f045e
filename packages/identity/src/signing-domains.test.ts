import { equalBytes } from '@folkmoot/codec'
import { expect, test } from 'vitest'
import { nodeVerifier } from '../../storage/src/node/ed25519.ts'
import { createChecker } from './checker.ts'
import { foreignPrefixes, notePrefix, type Purpose, purposePrefixes } from './signing-domains.ts'
import { testSigner } from './test-keys.ts'

const domains = [
  ...[...purposePrefixes].map(([name, prefix]) => ({ name: `purpose ${name}`, prefix })),
  ...[...foreignPrefixes].map(([name, prefix]) => ({ name, prefix })),
  { name: 'signed note', prefix: notePrefix },
]

test('no domain starts as another one does', () => {
  for (const a of domains) {
    for (const b of domains) {
      const starts = equalBytes(a.prefix, b.prefix.subarray(0, a.prefix.length))
      expect({ a: a.name, b: b.name, starts }).toEqual({
        a: a.name,
        b: b.name,
        starts: a === b,
      })
    }
  }
})

test('a signature for one purpose is worth nothing for any other', async () => {
  const signer = testSigner(1)
  const checker = createChecker(nodeVerifier())
  const bytes = new Uint8Array([1, 2, 3])
  const purposes = [...purposePrefixes.keys()]
  for (const made of purposes) {
    const signature = await signer.sign(made, bytes)
    for (const shown of [...purposes, 'note'] as const) {
      const verdict = await checker.verify(shown, signer.peer, signature, bytes)
      expect({ made, shown, verdict }).toEqual({ made, shown, verdict: made === shown })
    }
  }
})

test('there is no signing without a purpose', async () => {
  const signer = testSigner(1)
  for (const purpose of ['note', '', 'toString']) {
    await expect(signer.sign(purpose as Purpose, new Uint8Array())).rejects.toMatchObject({
      code: 'identity/purpose',
    })
  }
})
