/** One executor over a real chain: what it does with entries that the group's tests never bring. */
import { type Fault, memoryLog, silentLogger } from '@folkmoot/base'
import { utf8 } from '@folkmoot/codec'
import { Chain } from '@folkmoot/consensus'
import { createTextList } from '@folkmoot/consensus/conformance'
import { describe, expect, it, vi } from 'vitest'
import { checker, createDisk, factsOf, signersOf } from '../../test/group.ts'
import type { RaftEntry } from '../entry.ts'
import { encodeBatch } from './batch.ts'
import type { EngineMessage } from './engine-message.ts'
import { Executor } from './executor.ts'
import { createReceiptSigner } from './receipt-signer.ts'

const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000, interval: 5 })
/** Lets whatever can go on do so. */
const settle = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}
const signers = signersOf(3)
const entry = (index: number, text: string): RaftEntry => {
  const ops = [{ id: text, bytes: utf8(text) }]
  return { index, term: 1, kind: 'data', data: encodeBatch({ time: 1, ops, turn: null }) }
}
type Share = Extract<EngineMessage, { type: 'share' }>

/** Seat 0 leads. The log holds what is put into `log`, committed or not. */
async function executorOf(seat: number) {
  const application = createTextList()
  const facts = factsOf(signers)
  const chain = await Chain.open({ facts, checker, application, log: memoryLog() })
  const signer = createReceiptSigner(createDisk().open(), signers[seat]!)
  const faults: Fault[] = []
  const sent: EngineMessage[] = []
  const log = new Map<number, RaftEntry>()
  const executor = new Executor({
    chain,
    application,
    me: signers[seat]!.peer,
    signer,
    checker,
    logger: silentLogger,
    baseHeight: 0,
    baseIndex: 0,
    leader: () => signers[0]!.peer,
    members: () => signers.map(({ peer }) => peer),
    logged: (index) => log.get(index),
    send: (_, message) => sent.push(message),
    executed: () => {},
    stopped: (fault) => faults.push(fault),
  })
  const shares = () => sent.filter((message): message is Share => message.type === 'share')
  return { application, chain, executor, faults, log, shares, signer }
}

describe('an executor', () => {
  it('executes nothing again that a base covers which it reached by other means', async () => {
    const { application, executor, faults, log } = await executorOf(0)
    await executor.rebase(20, 0)
    log.set(6, entry(6, 'old'))
    executor.add([log.get(6)!])
    await settle()
    expect(application.texts).toEqual([])
    expect(executor.applied).toBe(20)
    log.set(21, entry(21, 'new'))
    executor.add([log.get(21)!])
    await until(() => application.texts.length === 1)
    expect(faults).toEqual([])
  })

  it('stops where entries are missing below a committed one', async () => {
    const { application, executor, faults, log } = await executorOf(0)
    await executor.rebase(20, 0)
    log.set(22, entry(22, 'after-a-gap'))
    executor.add([log.get(22)!])
    await until(() => faults.length > 0)
    expect(faults[0]!.code).toBe('consensus-raft/corrupt-state')
    expect(application.texts).toEqual([])
  })

  it('leaves the state as it was where it cannot sign', async () => {
    const { application, executor, faults, log, signer } = await executorOf(0)
    vi.spyOn(signer, 'sign').mockRejectedValue(new Error('the key cannot be read'))
    log.set(1, entry(1, 'a'))
    executor.add([log.get(1)!])
    await until(() => faults.length > 0)
    expect(application.texts).toEqual([])
  })

  it('keeps the signatures of others over what is taken back and executed again', async () => {
    const [leader, follower] = [await executorOf(0), await executorOf(1)]
    const first = entry(1, 'a')
    for (const { log, executor } of [leader, follower]) {
      log.set(1, first)
      executor.look()
    }
    await until(() => follower.shares().length > 0 && leader.application.texts.length === 1)
    await leader.executor.onShare(signers[1]!.peer, follower.shares()[0]!)
    await leader.executor.aside(async () => {
      expect(leader.application.texts).toEqual([])
    })
    leader.executor.add([first])
    await until(() => leader.chain.tip.height === 1)
    expect(leader.faults).toEqual([])
  })
})
