/** What a peer that lies may cost a voter: memory, and signatures to check. */
import { emptyRoot, sha256, utf8 } from '@folkmoot/codec'
import {
  bitmapOf,
  blockId,
  type Certificate,
  encodeHeader,
  encodeProposal,
  evidenceItems,
  type Header,
  type Justification,
  justifyHash,
  leaderOf,
  makeCertificate,
  NO_BLOCK,
  parseProposal,
  payloadRoot,
  voteKeyName,
} from '@folkmoot/consensus'
import { describe, expect, it } from 'vitest'
import { type Envelope, INSTANCE, Table } from '../../test/table.ts'
import { encodeMessage, type Message } from '../index.ts'

const ZEROES = new Uint8Array(32)
const SOME = new Uint8Array(32).fill(7)
const NO_SIGNATURE = new Uint8Array(64)

/** A block of its leader's making, signed by its key unless told otherwise. */
function propose(
  table: Table,
  { view, parentView, ...rest }: { view: number; parentView: number } & Partial<Header>,
  reasons: Partial<Justification> = {},
  isSigned = true,
): Uint8Array {
  const justify = { parent: null, skipped: [], ready: null, ...reasons }
  const bft = { view, parentView, justifyHash: justifyHash(justify), flags: 0 }
  const parsed = {
    instance: INSTANCE,
    epoch: 1,
    height: 2,
    parentHash: ZEROES,
    payloadHash: payloadRoot([]),
    stateRoot: ZEROES,
    historyRoot: ZEROES,
    time: 1,
    ...rest,
    bft,
  }
  const header = encodeHeader(parsed as never)
  const key = table.seats[leaderOf(table.set, view)]!.keys.get(voteKeyName(1))!
  const signature = isSigned ? key.sign('proposal', blockId(header)) : NO_SIGNATURE
  return encodeProposal({ header, payload: [], justify, nextSet: null, signature })
}

function say(table: Table, from: number, to: number, message: Message): void {
  const { at } = table.seats[to]!
  const bytes = encodeMessage(message)
  table.input(to, { type: 'message', from: table.seats[from]!.peer, bytes, at })
}

/** A certificate of rubbish: a quorum's bits, and no signature that holds. */
function rubbish(kind: Certificate['kind'], view: number, hash: Uint8Array = ZEROES): Certificate {
  const signatures = [0, 1, 2].map(() => NO_SIGNATURE)
  return { epoch: 1, kind, view, hash, bitmap: bitmapOf([0, 1, 2], 4), signatures }
}

describe('a lying leader', () => {
  it('leaves nothing behind by blocks of views far ahead that rest on nothing', () => {
    const table = new Table()
    table.startAll()
    table.submit('a')
    table.pass(100)
    table.verified = 0
    for (let view = 1_000; view < 1_400; view++) {
      const proposal = propose(table, { view, parentView: 1 })
      say(table, leaderOf(table.set, view), 0, { type: 'proposal', proposal, vote: null })
    }
    expect(table.verified).toBe(0)
    table.submit('b')
    table.pass(100)
    expect(table.texts(0)).toEqual(['a', 'b'])
  })

  it('is followed where its block brings the certificates of the views that a voter missed', () => {
    const table = new Table()
    table.startAll()
    const skipped = Array.from({ length: 9 }, (_, i) => {
      const votes = [0, 1, 2].map((seat) => table.forge(seat, 'nullify', i + 1, NO_BLOCK))
      return makeCertificate(table.set, votes)!
    })
    const proposal = propose(table, { view: 10, parentView: 0 }, { skipped })
    say(table, leaderOf(table.set, 10), 3, { type: 'proposal', proposal, vote: null })
    expect(table.seats[3]!.core.peek().view).toBe(10)
  })
})

describe('an invalid block', () => {
  it('is answered with S at once, before any time is up', () => {
    const table = new Table()
    table.startAll()
    table.submit('a', [0])
    const first = table.queue.find(({ message }) => message.type === 'proposal')!.message
    table.queue = []
    if (first.type !== 'proposal') throw new Error('no proposal')
    const honest = parseProposal(first.proposal)
    if (!honest.ok) throw new Error('no proposal')
    // The operations lead elsewhere than the leader says.
    const header = encodeHeader({ ...honest.proposal.parsed, stateRoot: SOME })
    const key = table.seats[0]!.keys.get(voteKeyName(1))!
    const signature = key.sign('proposal', blockId(header))
    const proposal = encodeProposal({ ...honest.proposal, header, signature })
    for (const seat of [1, 2, 3]) say(table, 0, seat, { type: 'proposal', proposal, vote: null })
    const said = table.queue.flatMap(({ from, message }) =>
      message.type === 'vote' ? [`${from} ${message.vote.kind} ${message.vote.view}`] : [],
    )
    expect(new Set(said)).toEqual(new Set(['1 nullify 1', '2 nullify 1', '3 nullify 1']))
  })
})

describe('two blocks of a leader', () => {
  it('prove its lie by themselves, also where it votes for neither', () => {
    const table = new Table()
    table.startAll()
    const blocks = [1, 2].map((time) =>
      propose(table, { view: 1, parentView: 0, height: 1, historyRoot: emptyRoot, time }),
    )
    for (const proposal of blocks) say(table, 0, 1, { type: 'proposal', proposal, vote: null })
    const [evidence, ...more] = table.seats[1]!.evidence
    expect(more).toEqual([])
    const proven = evidenceItems(INSTANCE, { setOf: () => table.set }, evidence!)
    expect(proven).toMatchObject({ ok: true, culprit: table.seats[0]!.peer })
  })
})

describe('a voter that contradicts itself', () => {
  it('in one view after the other, however far ahead, is proven a liar once', () => {
    const table = new Table()
    table.startAll()
    table.verified = 0
    for (let view = 1_000; view < 1_100; view++) {
      for (const hash of [SOME, new Uint8Array(32).fill(8)]) {
        say(table, 3, 0, { type: 'vote', vote: table.forge(3, 'notarise', view, hash) })
      }
    }
    expect(table.seats[0]!.evidence.length).toBe(1)
    expect(table.verified).toBe(2)
  })
})

describe('whoever has no key', () => {
  it('has one signature checked by a proposal, however many certificates it rests on', () => {
    const table = new Table({ observers: 1 })
    table.startAll()
    table.submit('a')
    table.pass(100)
    const { view: current } = table.seats[0]!.core.peek()
    const parentView = current - 1
    const view = current + 70
    const skipped = Array.from({ length: 70 }, (_, i) => rubbish('nullify', current + i))
    const reasons = { parent: rubbish('notarise', parentView, SOME), skipped }
    const proposal = propose(table, { view, parentView, parentHash: SOME }, reasons, false)
    table.verified = 0
    say(table, 4, 0, { type: 'proposal', proposal, vote: null })
    expect(table.verified).toBe(1)
  })
})

describe('an honest voter', () => {
  it('is still heard after it passed on a block with a false copy of a certificate that it holds', () => {
    const table = new Table()
    table.startAll()
    table.submit('a')
    table.deliverAll(({ to, message }) => to !== 2 && message.type !== 'vote')
    table.queue = []
    const first = table.wire.find(({ message }) => message.type === 'proposal')!.message
    if (first.type !== 'proposal') throw new Error('no proposal')
    const parsed = parseProposal(first.proposal)
    if (!parsed.ok) throw new Error('no proposal')
    const { id, parsed: header } = parsed.proposal
    // Seat 1 leads view 2 and shows the others, who hold N(1), a block with rubbish in its place.
    const reasons = { parent: rubbish('notarise', 1, id) }
    const { stateRoot } = header
    const proposal = propose(table, { view: 2, parentView: 1, parentHash: id, stateRoot }, reasons)
    const second = parseProposal(proposal)
    if (!second.ok) throw new Error('no proposal')
    const certify = (view: number, hash: Uint8Array) =>
      makeCertificate(
        table.set,
        [0, 1, 3].map((seat) => table.forge(seat, 'notarise', view, hash)),
      )!
    // Seat 2 hears that it is notarised, and has it from seat 0.
    say(table, 0, 2, { type: 'certificate', certificate: certify(2, second.proposal.id) })
    for (let i = 0; i < 12; i++) say(table, 0, 2, { type: 'blocks', proposals: [proposal] })
    const view = table.seats[2]!.core.peek().view
    say(table, 0, 2, { type: 'certificate', certificate: certify(1, id) })
    expect(table.seats[2]!.core.peek().view).toBeGreaterThan(view)
  })
})

describe('messages of the next epoch', () => {
  it('are kept, whoever else fills the memory for them', () => {
    const table = new Table({ observers: 1 })
    table.seatNext([0, 1, 2, 3])
    table.startAll()
    table.submit('next')
    // Seat 2 hears no more of the end of the epoch than N.
    const late = (e: Envelope) => e.to === 2 && e.message.type !== 'proposal'
    table.pass(300, (e) => e.message.type !== 'ready')
    for (let i = 0; i < 100 && table.seats[0]!.core.peek().epoch === 1; i++) {
      table.pass(20, (e) => !late(e))
    }
    expect(table.seats.map(({ core }) => core.peek().epoch)).toEqual([2, 2, 1, 2, 2])
    table.queue = table.queue.filter((e) => !(late(e) && e.message.type === 'status'))
    const end = table.queue.filter(late)
    table.queue = []
    for (let i = 0; i < 300; i++) {
      const hash = sha256(utf8(`${i}`))
      const words = { epoch: 2, kind: 'notarise', view: 1, hash, voter: 3 } as const
      const vote = { ...words, signature: NO_SIGNATURE }
      for (const from of [3, 4]) say(table, from, 2, { type: 'vote', vote })
    }
    table.submit('b', [0, 1, 3])
    // What is said in epoch 2 meanwhile comes too early, and is not said again.
    const isWord = ({ message }: Envelope) =>
      message.type === 'proposal' || message.type === 'vote' || message.type.startsWith('recall')
    for (let ms = 0; ms < 200; ms += 10) {
      for (const seat of [0, 1, 3]) table.tick(seat, 10)
      table.deliverAll(isWord)
    }
    table.queue = []
    for (const envelope of end) table.deliver(envelope)
    // The leader's early vote tells of its block, which is had by asking.
    const answers = ['want', 'blocks', 'entries', 'recall', 'recalled']
    table.deliverAll(({ message }) => answers.includes(message.type))
    expect(table.seats[2]!.core.peek()).toMatchObject({ epoch: 2 })
    expect(table.texts(2)).toEqual(['next', 'b'])
  })
})

describe('whoever asks over and over what it lacks', () => {
  it('has so much at once and more with time, and keeps nobody else from being answered', () => {
    const table = new Table()
    table.startAll()
    const certificates = Array.from({ length: 40 }, (_, i) => {
      const votes = [0, 1, 2].map((seat) => table.forge(seat, 'nullify', i + 1, NO_BLOCK))
      return makeCertificate(table.set, votes)!
    })
    say(table, 1, 0, { type: 'repair', certificates, votes: [] })
    table.pass(0)
    table.lose()
    const held = { epoch: 1, finalView: 0, finalHeight: 0, currentView: 1 }
    const ask = (seat: number, times: number): number => {
      for (let i = 0; i < times; i++) {
        say(table, seat, 0, { type: 'status', ...held, notarised: [], nullified: [] })
      }
      const answers = table.queue.filter(
        ({ to, message }) => to === seat && message.type === 'repair',
      )
      table.lose()
      return answers.reduce((sum, { bytes }) => sum + bytes.length, 0)
    }
    const answer = ask(2, 1)
    expect(answer).toBeGreaterThan(8 * 1024)
    const inARow = ask(3, 500)
    expect(inARow).toBeGreaterThanOrEqual(1024 * 1024)
    expect(inARow).toBeLessThan(1024 * 1024 + answer * 2)
    expect(ask(3, 1)).toBe(0)
    expect(ask(2, 1)).toBe(answer)
    table.tick(0, 1_000)
    table.lose()
    const later = ask(3, 500)
    expect(later).toBeGreaterThanOrEqual(answer)
    expect(later).toBeLessThan(512 * 1000 + answer * 2)
  })
})
