import { memoryLog } from '@folkmoot/base'
import { utf8 } from '@folkmoot/codec'
import { expect, it } from 'vitest'
import { testChecker, testSigner } from '../../test/node-keys.ts'
import { createTextList } from '../conformance/index.ts'
import { createSoloFollower, createSoloLog, followChain } from '../index.ts'

const instance = 'ab'.repeat(32)
const signer = testSigner(1)
const { checker } = testChecker()
let now = 1_700_000_000_000
const clock = { now: () => now++ }

it('goes on with the chain that another engine has released, which takes no more', async () => {
  const lead = await createSoloLog({
    instance,
    signer,
    checker,
    application: createTextList(),
    log: memoryLog(),
    clock,
  })
  await lead.submit(utf8('a'), { id: 'a' })
  await lead.submit(utf8('b'), { id: 'b' })
  const application = createTextList()
  const common = { instance, founder: signer.peer, checker, application, log: memoryLog() }
  const first = await createSoloFollower(common)
  const [a, b] = await lead.entries(1, 2)
  await first.accept(a!)
  const second = followChain(await first.release())
  expect(second.height).toBe(1)
  expect(await first.accept(b!)).toMatchObject({ fault: { code: 'consensus/closed' } })
  const heard: number[] = []
  second.onFinal(({ height }) => heard.push(height))
  expect(await second.accept(b!)).toMatchObject({ ok: true, height: 2 })
  expect(heard).toEqual([2])
  const released = followChain(await lead.release())
  expect(released.height).toBe(2)
  await expect(lead.submit(utf8('c'), { id: 'c' })).rejects.toMatchObject({
    code: 'consensus/closed',
  })
})
