import type { Ed25519Verifier } from '@folkmoot/base'
import { fromHex } from '@folkmoot/codec'
import { expect, test } from 'vitest'
import { createChecker } from './checker.ts'
import { peerIdOf } from './peer-id.ts'
import { createRecentMap } from './recent-map.ts'
import { testSigner } from './test-keys.ts'

/** Says yes to everything it is asked, and counts. */
function credulous(): Ed25519Verifier & { asked: number } {
  const verifier = {
    kind: 'node' as const,
    asked: 0,
    verify: async () => {
      verifier.asked++
      return true
    },
  }
  return verifier
}

test('a bad key or a bad shape never reaches the verifier', async () => {
  const verifier = credulous()
  const checker = createChecker(verifier)
  const signer = testSigner(1)
  const signature = await signer.sign('log', new Uint8Array())
  const smallOrder = peerIdOf(fromHex(`01${'00'.repeat(31)}`))
  const highS = signature.slice()
  highS.fill(0xff, 32)
  expect(await checker.verify('log', smallOrder, signature, new Uint8Array())).toBe(false)
  expect(await checker.verify('log', smallOrder, signature, new Uint8Array())).toBe(false)
  expect(await checker.verify('log', signer.peer, highS, new Uint8Array())).toBe(false)
  expect(await checker.verify('log', signer.peer, new Uint8Array(3), new Uint8Array())).toBe(false)
  expect(verifier.asked).toBe(0)
  expect(await checker.verify('log', signer.peer, signature, new Uint8Array())).toBe(true)
  expect(verifier.asked).toBe(1)
})

test('what was used least recently is forgotten first', () => {
  const map = createRecentMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  expect(map.get('a')).toBe(1)
  map.set('c', 3)
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3])
})
