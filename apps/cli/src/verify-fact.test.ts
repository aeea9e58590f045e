import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Peer } from '@folkmoot/federation'
import { type LoopbackFederation, startLoopbackFederation } from '@folkmoot/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCommand } from './run-command.ts'
import { testSink } from './test-sink.ts'
import { verifyFactProof } from './verify-fact.ts'

let federation: LoopbackFederation
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
})
afterEach(async () => {
  await federation?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function prove(peer: Peer, key: string): Promise<Uint8Array> {
  const proven = await peer.agreement.prove(key)
  if (!proven.ok) throw new Error(proven.fault.message)
  return proven.bytes
}

async function verify(bytes: Uint8Array, ...options: string[]) {
  await writeFile(join(folder, 'fact.folkmoot'), bytes)
  const [stdout, stderr] = [testSink(), testSink()]
  const args = ['ledger', 'verify', 'fact.folkmoot', ...options]
  const exit = await runCommand(args, { stdout, stderr, environment: {}, cwd: folder })
  return { exit, said: stdout.text + stderr.text }
}

it.each(['solo', 'bft', 'raft'] as const)(
  'under %s a fact in a file says what it is, when, and who decided it, and needs nothing else',
  async (engine) => {
    federation = await startLoopbackFederation({ engine })
    const founder = federation.founder()
    const member = await federation.join({ nickname: 'ada' })
    const bytes = await prove(founder, `member/${member.me}`)
    const { exit, said } = await verify(bytes, '--federation', founder.fed)
    expect(exit).toBe(0)
    expect(said).toContain(`member ${member.me}: role member`)
    expect(said).toContain('status active')
    expect(said).toMatch(/at height +\d+, 20/)
    expect(said).toContain(founder.me)
    expect(said).toContain(engine === 'solo' ? 'the founder alone' : '1 of 1 voters')
    const elsewhere = await verify(bytes, '--federation', 'ab'.repeat(32))
    expect(elsewhere.exit).toBe(7)
  },
)

it('proves that there is no such fact, of any key, and never without saying so', async () => {
  federation = await startLoopbackFederation()
  const founder = federation.founder()
  const { exit, said } = await verify(await prove(founder, `evidence/${founder.me}`))
  expect(exit).toBe(0)
  expect(said).toContain('there is no such fact')
  const strange = await verify(await prove(founder, 'no such kind'))
  expect(strange.said).toContain('there is no such fact')
})

it('refuses a file of which one byte is another', async () => {
  federation = await startLoopbackFederation()
  const founder = federation.founder()
  const bytes = await prove(founder, `voters/${founder.ledger.status().epoch}`)
  expect(await verifyFactProof(bytes, founder.fed)).toMatchObject({ ok: true })
  for (let at = 0; at < bytes.length; at += 13) {
    const altered = bytes.slice()
    altered[at]! ^= 1
    expect((await verifyFactProof(altered, founder.fed)).ok, `byte ${at}`).toBe(false)
  }
  const altered = bytes.slice()
  altered[bytes.length >> 1]! ^= 1
  expect((await verify(altered)).exit).toBe(7)
})
