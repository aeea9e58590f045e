import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { resolveConfig } from './resolve-config.ts'
import { environmentName, settingNames, settings } from './settings.ts'

const state = mkdtempSync(join(tmpdir(), 'folkmoot-config-'))
afterAll(() => rmSync(state, { recursive: true }))
writeFileSync(join(state, 'config.json'), JSON.stringify({ port: 5000, nickname: 'from-file' }))

const resolve = (flags: Record<string, unknown>, environment: Record<string, string> = {}) =>
  resolveConfig({ flags: { state, ...flags }, environment })

const sourceOf = (config: ReturnType<typeof resolve>, name: string) =>
  config.explained.find((each) => each.name === name)?.source

describe('the configuration', () => {
  it('takes flag before environment before file before preset, and says which it was', () => {
    const environment = { FOLKMOOT_PORT: '5001' }
    const byFlag = resolve({ port: '5002' }, environment)
    expect([byFlag.port, sourceOf(byFlag, 'port')]).toEqual([5002, 'flag --port'])
    const byVariable = resolve({}, environment)
    expect([byVariable.port, sourceOf(byVariable, 'port')]).toEqual([
      5001,
      'environment FOLKMOOT_PORT',
    ])
    const byFile = resolve({})
    expect([byFile.port, sourceOf(byFile, 'port')]).toEqual([
      5000,
      `file ${join(state, 'config.json')}`,
    ])
    expect([byFile.tcpPort, sourceOf(byFile, 'tcpPort')]).toEqual([4601, 'preset local'])
  })

  it('explains every setting', () => {
    const names = resolve({}).explained.map(({ name }) => name)
    expect(names).toEqual(['state', 'preset', ...settingNames])
  })

  it('reports all problems at once', () => {
    const attempt = () => resolve({ port: 'x', worker: '7', preset: 'huge', public: 'http://a.b' })
    expect(attempt).toThrow(
      expect.objectContaining({
        code: 'cli/config',
        details: { problems: expect.objectContaining({ length: 4 }) },
      }),
    )
  })

  it('refuses a key of the file that it does not know', () => {
    const path = join(state, 'other.json')
    writeFileSync(path, JSON.stringify({ prot: 4600 }))
    expect(() => resolve({ config: path })).toThrow(/no setting prot/)
  })

  it('refuses a named file that is absent, and does without the usual one', () => {
    expect(() => resolve({ config: join(state, 'absent.json') })).toThrow(/absent\.json/)
    expect(() => resolveConfig({ flags: { state: '/nowhere' }, environment: {} })).not.toThrow()
  })

  it('takes addresses to announce that a server can have', () => {
    const announce = '/dns4/moot.example/tcp/4601,/ip4/203.0.113.5/tcp/443/tls/ws,/ip6/::1/tcp/1/ws'
    expect(resolve({ announce }).announce).toEqual(announce.split(','))
    for (const not of [
      'moot.example:4601',
      '/ip4/999.0.0.1/tcp/4601',
      '/ip4/moot.example/tcp/4601',
      '/dns4/203.0.113.5/tcp/4601',
      '/ip6/203.0.113.5/tcp/4601',
      '/dns4/moot.example/tcp/70000',
      '/dns4/moot.example/udp/4601/quic-v1',
      '/dns4/moot.example/tcp/4601/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5',
      Array(8).fill('/dns4/moot.example/tcp/4601').join(),
    ]) {
      expect(() => resolve({ announce: not }), not).toThrow(/announce/)
    }
  })

  it('takes yes and no as a flag, and as words in file and environment', () => {
    expect(resolve({}).crossOrg).toBe(false)
    expect(resolve({ crossOrg: true }).crossOrg).toBe(true)
    expect(resolve({}, { FOLKMOOT_CROSS_ORG: 'true' }).crossOrg).toBe(true)
    expect(resolve({}, { FOLKMOOT_CROSS_ORG: '0' }).crossOrg).toBe(false)
    expect(() => resolve({}, { FOLKMOOT_CROSS_ORG: 'perhaps' })).toThrow(/crossOrg/)
  })

  it('takes the preset production behind a public address, unless told otherwise', () => {
    expect(resolve({ public: 'https://moot.example' }).preset).toBe('production')
    const named = resolve({ public: 'https://moot.example', preset: 'classroom' })
    expect([named.preset, named.presetNamed, named.inviteUses]).toEqual(['classroom', true, 200])
    expect(resolve({}).preset).toBe('local')
  })

  it('accepts plain http only where it cannot leave the machine', () => {
    expect(() => resolve({ public: 'http://moot.example' })).toThrow(/public/)
    expect(resolve({ public: 'http://127.0.0.1:8080' }).public).toBe('http://127.0.0.1:8080')
    expect(() => resolve({ public: 'https://moot.example/path' })).toThrow(/public/)
  })

  it('takes STUN servers that a browser takes too, and no others', () => {
    const servers = ['stun:moot.example:3478', 'stuns:moot.example', 'stun:[::1]:3478']
    expect(resolve({ stun: servers.join() }).stun).toEqual(servers)
    const wrong = ['moot.example', 'turn:moot.example', 'stun:moot.example/x', 'stun:a b', 'stun:']
    for (const stun of [...wrong, Array(5).fill(servers[0]).join()]) {
      expect(() => resolve({ stun }), stun).toThrow(/stun/)
    }
  })

  it('gives every setting a flag and a variable of its own', () => {
    const flags = Object.values(settings).map(({ flag }) => flag.split(' ')[0])
    expect(new Set(flags).size).toBe(flags.length)
    expect(environmentName('maxReservations')).toBe('FOLKMOOT_MAX_RESERVATIONS')
  })
})
