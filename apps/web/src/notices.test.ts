import { describe, expect, it } from 'vitest'
import { emptyView } from './empty-view.ts'
import { isAlone, noticesOf } from './notices.ts'
import type { LedgerView, PageView, PeerView } from './view-model.ts'

const peer = (id: string, worker: boolean, status: PeerView['status'] = 'here'): PeerView => ({
  peer: id,
  nickname: '',
  status,
  role: 'member',
  worker,
})

const joined: PageView = {
  ...emptyView('https://relay'),
  phase: 'joined',
  peerId: 'me',
  peers: [peer('me', true), peer('other', true)],
}

const ids = (view: PageView): string[] => noticesOf(view).map((notice) => notice.id)

describe('notices', () => {
  it('are silent while all is well', () => {
    expect(ids(joined)).toEqual([])
  })

  it('begin with a fork, whatever else there is to say', () => {
    const forked = { state: 'forked', words: '' } as const
    expect(ids({ ...joined, leader: false, decisionsVerification: forked })).toEqual([
      'forked',
      'mirror',
    ])
  })

  it('say that nothing is final while nobody else computes', () => {
    const alone = { ...joined, peers: [peer('me', true), peer('relay', false)] }
    expect(isAlone(alone)).toBe(true)
    expect(noticesOf(alone)[0]?.text).toContain('Nothing is final until someone else agrees')
    expect(isAlone({ ...joined, peers: [peer('other', true, 'gone')] })).toBe(true)
  })

  it('say that many browsers with one invitation are one voice, where the study counts so', () => {
    const peers = [peer('me', true), peer('other', true)].map((each) => ({ ...each, root: 'link' }))
    const study = { state: 'open', independence: 'roots' } as NonNullable<PageView['study']>
    expect(ids({ ...joined, peers, study })).toEqual(['one-voice'])
    const others = [...peers, { ...peer('third', true), root: 'another link' }]
    expect(ids({ ...joined, peers: others, study })).toEqual([])
    expect(ids({ ...joined, peers, study: { ...study, independence: 'not-checked' } })).toEqual([])
  })

  it('tell a relay that is away from a study that only waits to be recorded', () => {
    const away = { ...joined, relayUp: false }
    expect(noticesOf(away)[0]?.title).toBe('The relay is away')
    const study = { state: 'complete' } as NonNullable<PageView['study']>
    expect(noticesOf({ ...away, study })[0]?.title).toBe('Complete, waiting to be recorded')
  })

  it('say that those who decide go on recording without the relay, where they do', () => {
    const seat = { peer: 'r', nickname: '', you: false, here: true, signed: true, weight: 1 }
    const ledger = { seats: [seat, seat], stalled: false, stopped: null } as unknown as LedgerView
    const text = (more: Partial<LedgerView>, study: PageView['study'] = null) =>
      noticesOf({ ...joined, relayUp: false, study, ledger: { ...ledger, ...more } })[0]?.text
    expect(text({})).toContain('those who decide go on recording')
    expect(text({ stalled: true })).toContain('catches up when it returns')
    expect(text({ seats: [seat] })).toContain('catches up when it returns')
    expect(text({ seats: [{ ...seat, you: true }] })).toContain('go on recording')
    const complete = { state: 'complete' } as NonNullable<PageView['study']>
    expect(text({}, complete)).toContain('those who decide record the result')
    expect(text({ seats: [seat] }, complete)).toContain('records the result when it returns')
  })

  it('say that this browser stopped voting, or following, and what to do', () => {
    const ledger = (code: string, all: boolean) =>
      ({ ...joined, ledger: { stopped: { code, all } } }) as unknown as PageView
    const amnesia = noticesOf(ledger('consensus-bft/amnesia', false))[0]
    expect(amnesia).toMatchObject({ id: 'stopped', tone: 'warn', decisions: 'See Decisions' })
    expect(amnesia?.text).toContain('give the seat back')
    const storage = noticesOf(ledger('consensus/storage-failed', true))[0]
    expect(storage).toMatchObject({ tone: 'alarm' })
    expect(storage?.text).toContain('Make room')
    expect(ids(ledger('consensus/state-mismatch', true))).toEqual(['stopped'])
    // Two histories are one thing to say, whoever found them.
    expect(ids(ledger('consensus/fork', true))).toEqual(['forked'])
  })

  it('come with what matters most first', () => {
    const view: PageView = {
      ...joined,
      leader: false,
      clockOffsetMs: -3_600_000,
      webrtc: 'unavailable',
      privateWindow: true,
    }
    expect(ids(view)).toEqual(['mirror', 'clock', 'no-webrtc', 'private-window'])
    expect(noticesOf(view)[1]?.title).toBe('Your clock is 60 min off')
  })

  it('leave a clock alone that is within what others accept', () => {
    expect(ids({ ...joined, clockOffsetMs: 119_000 })).toEqual([])
  })
})
