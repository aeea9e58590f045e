import { describe, expect, it } from 'vitest'
import { announcedAddresses, pageAddress, unreachableNote } from './reachable-at.ts'

const alone = { public: '', announce: [], host: '127.0.0.1' }
const tcp = '/dns4/moot.example/tcp/4601'
const ws = '/ip4/203.0.113.5/tcp/4600/ws'

describe('what a relay announces', () => {
  it('is where it listens, unless somebody says otherwise', () => {
    expect(announcedAddresses(alone)).toBe(null)
  })

  it('is the proxy behind which it stands, and what else leads to it', () => {
    const behind = { ...alone, public: 'https://moot.example' }
    expect(announcedAddresses(behind)).toEqual(['/dns4/moot.example/tcp/443/tls/ws'])
    expect(announcedAddresses({ ...behind, announce: [tcp] })).toEqual([
      '/dns4/moot.example/tcp/443/tls/ws',
      tcp,
    ])
  })

  it('is what was named, and that has to hold a WebSocket', () => {
    expect(announcedAddresses({ ...alone, announce: [tcp, ws] })).toEqual([tcp, ws])
    expect(() => announcedAddresses({ ...alone, announce: [tcp] })).toThrow(
      expect.objectContaining({ code: 'cli/config' }),
    )
  })
})

describe('the page of a relay', () => {
  it('is where its WebSocket is', () => {
    const listening = '/ip4/127.0.0.1/tcp/4600/ws/p2p/12D3'
    expect(pageAddress(alone, listening)).toBe('http://127.0.0.1:4600')
    expect(pageAddress({ ...alone, host: '0.0.0.0' }, listening)).toBe('http://127.0.0.1:4600')
    expect(pageAddress({ ...alone, host: '10.0.0.7' }, '/ip4/10.0.0.7/tcp/4600/ws')).toBe(
      'http://10.0.0.7:4600',
    )
    expect(pageAddress({ ...alone, host: '0.0.0.0', announce: [ws] }, `${ws}/p2p/12D3`)).toBe(
      'http://203.0.113.5:4600',
    )
    const secure = '/ip6/2001:db8::7/tcp/8443/tls/ws'
    expect(pageAddress({ ...alone, announce: [secure] }, secure)).toBe('https://[2001:db8::7]:8443')
    expect(pageAddress({ ...alone, public: 'https://moot.example' }, secure)).toBe(
      'https://moot.example',
    )
  })
})

it('warns who would wait in vain for relays on other machines', () => {
  const loopback = ['/ip4/127.0.0.1/tcp/4600/ws', '/ip4/127.0.0.1/tcp/4601']
  expect(unreachableNote(loopback, ['/dns4/moot.example/tcp/443/tls/ws/p2p/12D3'])).toMatch(
    /--host/,
  )
  expect(unreachableNote(loopback, ['/ip4/127.0.0.1/tcp/4700/ws/p2p/12D3'])).toBe(null)
  expect(unreachableNote(['/ip4/10.0.0.7/tcp/4600/ws'], [ws])).toBe(null)
  expect(unreachableNote(loopback, [])).toBe(null)
})
