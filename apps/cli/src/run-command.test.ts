import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Invitation, Status } from './admin-api.ts'
import { connectAdmin } from './admin-client.ts'
import { exitCodeOf } from './exit-codes.ts'
import { runCommand } from './run-command.ts'
import { testSink } from './test-sink.ts'

const invitation: Invitation = {
  id: 'abc',
  role: 'member',
  cohort: '',
  uses: 3,
  used: 1,
  expires: 0,
  state: 'valid',
  inviter: '12D3',
  link: 'https://a/#join=x',
}

const relayStatus: Status = {
  version: '1',
  startedAt: 0,
  peerId: '12D3',
  page: 'http://127.0.0.1:4600',
  addresses: [],
  federation: { id: 'f', name: 'n', fingerprint: 'p', preset: 'test', engine: 'bft' },
  ledger: {
    height: 4,
    finalAt: 0,
    engine: 'bft',
    epoch: 2,
    voters: 2,
    decides: true,
    role: 'follower',
    waiting: 0,
    halted: null,
    stalled: null,
  },
  members: 2,
  here: 1,
  links: 0,
  studies: [],
  worker: { enabled: false, unit: null, done: 0 },
  audit: { logId: 'l', size: 0, full: false },
  refused: {},
}

let state: string
let server: Server | undefined
let seen: Array<{ method: string; url: string; token: string; body: string }> = []

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'folkmoot-cli-'))
  seen = []
})
afterEach(() => {
  server?.close()
  server = undefined
  rmSync(state, { recursive: true })
})

async function run(...args: string[]) {
  const stdout = testSink()
  const stderr = testSink()
  const surroundings = { stdout, stderr, environment: {}, cwd: state }
  const code = await runCommand(['--state', state, ...args], surroundings)
  return { code, out: stdout.text, err: stderr.text }
}

/** A listener that answers every request alike, known to the command through the state folder. */
async function answering(status: number, body: unknown): Promise<void> {
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const { method = '', url = '', headers } = request
    seen.push({ method, url, token: headers.authorization ?? '', body: text })
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }
  server = createServer((request, response) => void handle(request, response))
  await listening(server)
}

/** Has the command find a listener through the state folder. */
async function listening(listener: Server): Promise<void> {
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo
  const file = { address: `http://127.0.0.1:${port}`, token: 'secret', pid: 1, startedAt: 0 }
  writeFileSync(join(state, 'admin.json'), JSON.stringify(file))
}

describe('the command', () => {
  it('asks for the ledger before the log, or what is anchored in between would be missing', async () => {
    await answering(200, {})
    expect((await run('audit', 'verify')).code).toBe(7)
    expect(seen.map(({ url }) => url)).toEqual([
      '/v1/ledger/export',
      '/v1/audit/export?format=cbor',
    ])
  })

  it('ends with 2 and says why for what it does not know', async () => {
    expect((await run('dance')).code).toBe(2)
    const json = await run('invite', 'create', '--uses', 'many', '--format', 'json')
    expect(json.code).toBe(2)
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, error: { code: 'cli/usage' } })
    expect((await run('status', '--format', 'xml')).code).toBe(2)
  })

  it('names the help of the command that was used wrongly', async () => {
    const { code, err } = await run('propose', 'rule', 'study.open')
    expect(code).toBe(2)
    expect(err).toContain('see `folkmoot propose rule --help`')
  })

  it('shows the value that a setting has unless it is given', async () => {
    const { out } = await run('relay', '--help')
    expect(out).toMatch(/--invite-days <n>[^-]*\(7\)/)
    expect(out).not.toContain('()')
  })

  it('ends with 3 for settings that make no sense', async () => {
    expect((await run('config', 'explain', '--port', '70000')).code).toBe(3)
  })

  it('ends with 5 and a hint while no relay runs', async () => {
    const { code, out, err } = await run('status')
    expect([code, out]).toEqual([5, ''])
    expect(err).toContain('cli/relay-unreachable')
  })

  it('ends with 5 when the relay that wrote admin.json is gone', async () => {
    const file = { address: 'http://127.0.0.1:9', token: 't', pid: 1, startedAt: 0 }
    writeFileSync(join(state, 'admin.json'), JSON.stringify(file))
    expect((await run('peers', 'list')).code).toBe(5)
  })

  it('tells a relay that is silent from one that does not run', async () => {
    server = createServer(() => {})
    await listening(server)
    const asked = (await connectAdmin(state, 300)).post('/v1/stop', {}, v.object({}))
    const error = await asked.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: 'cli/relay-silent' })
    expect(exitCodeOf(error)).toBe(5)
    server.closeAllConnections()
  })

  it.each([
    ['cli/not-decided', 5],
    ['federation/behind-invitation', 5],
    ['consensus/deadline', 5],
    ['consensus/busy', 5],
    ['consensus-raft/no-leader', 5],
    ['consensus-raft/not-proposed', 5],
    ['consensus/halted', 4],
    ['consensus-bft/amnesia', 4],
    ['consensus/fork', 7],
  ])('ends after %s with %i', async (code, exit) => {
    await answering(500, { ok: false, error: { code, message: 'no' } })
    expect((await run('propose', 'new-keys')).code).toBe(exit)
  })

  it('says on status that the relay’s ledger or its votes stopped, and what a decision waits for', async () => {
    const ledger = { ...relayStatus.ledger, waiting: 2, stalled: 'one of two votes is here' }
    await answering(200, { ok: true, data: { ...relayStatus, ledger } })
    expect((await run('status')).out).toMatch(/^waits +2 operations: one of two votes is here$/m)
    server?.close()
    const halted = { ...ledger, halted: 'the voters remember votes that this log lacks' }
    await answering(200, { ok: true, data: { ...relayStatus, ledger: halted } })
    const { out } = await run('status')
    expect(out).toMatch(/^STOPPED +the voters remember votes that this log lacks$/m)
  })

  it('sends the token and the given options, and prints the answer', async () => {
    await answering(200, { ok: true, data: invitation })
    const made = await run('invite', 'create', '--uses', '3', '--valid', '12h', '--format', 'json')
    expect(made.code).toBe(0)
    expect(JSON.parse(made.out)).toEqual({
      schema: 'folkmoot/invitation/1',
      ok: true,
      data: invitation,
    })
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/v1/invitations',
      token: 'Bearer secret',
    })
    expect(JSON.parse(seen[0]!.body)).toEqual({ uses: 3, validMs: 43_200_000 })
  })

  it('turns the relay’s refusal into the exit code of its kind', async () => {
    const refused = { ok: false, error: { code: 'policy/not-exposed', message: 'no' } }
    await answering(403, refused)
    expect((await run('invite', 'list')).code).toBe(6)
  })

  it('ends with 6 for a wrong token and with 2 for an unknown id', async () => {
    await answering(401, 'who are you')
    expect((await run('status')).code).toBe(6)
    server?.close()
    await answering(404, 'nothing')
    expect((await run('study', 'show', 'xyz')).code).toBe(2)
  })

  it('says so when it does not understand the answer', async () => {
    await answering(200, { ok: true, data: { surprise: 1 } })
    const { code, err } = await run('status')
    expect(code).toBe(5)
    expect(err).toContain('cli/relay-answer')
  })

  it('never overwrites a file that is there', async () => {
    await answering(200, 'bytes')
    writeFileSync(join(state, 'there'), 'mine')
    const { code, err } = await run('study', 'export', '-o', 'there')
    expect(code).toBe(4)
    expect(err).toContain('there')
    expect((await run('study', 'export', '-o', 'new')).code).toBe(0)
  })

  it('asks the audit log with every filter that was given', async () => {
    await answering(200, { ok: true, data: { logId: 'l', size: 0, entries: [], next: null } })
    await run(
      'audit',
      'query',
      '--direction',
      'out',
      '--since',
      '2026-11-22T00:00Z',
      '--limit',
      '5',
    )
    const url = new URL(seen[0]!.url, 'http://x')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      direction: 'out',
      since: String(Date.UTC(2026, 10, 22)),
      limit: '5',
    })
  })
})
