import { encode } from '@folkmoot/codec'
import type { Charter } from '@folkmoot/identity'
import { sealOperation } from '@folkmoot/ledger'
import { expect, it } from 'vitest'
import { fed, keyOf } from '../../test/lone-room.ts'
import { createSubmitBudget } from './submit-budget.ts'

const hour = 3_600_000
const small = new Uint8Array(100)

async function budget(approval: Charter['approval'] = {}) {
  const [founder, member] = [await keyOf(1), await keyOf(2)]
  const time = { now: 0 }
  const charter = { founder: founder.peer, voters: [founder.peer], approval } as unknown as Charter
  const ask = createSubmitBudget(charter, { now: () => time.now })
  return { ask, time, founder, member }
}

it('gives a member ten operations an hour and who records any number', async () => {
  const { ask, time, founder, member } = await budget()
  for (let n = 0; n < 10; n++) expect(ask(member.peer, small).ok).toBe(true)
  expect(ask(member.peer, small)).toMatchObject({ fault: { code: 'federation/submit-rate' } })
  for (let n = 0; n < 30; n++) expect(ask(founder.peer, new Uint8Array(60_000)).ok).toBe(true)
  time.now += hour / 10
  expect(ask(member.peer, small).ok).toBe(true)
  expect(ask(member.peer, small).ok).toBe(false)
})

it('refuses a large operation, but for a study where members may open one', async () => {
  const { ask, member } = await budget()
  const { bytes } = await sealOperation(member, {
    v: 1,
    fed,
    kind: 'study.open',
    sequence: 1,
    body: { manifest: encode(new Uint8Array(5_000)), manifestId: 'ab'.repeat(32) },
  })
  expect(ask(member.peer, bytes)).toMatchObject({ fault: { code: 'federation/too-large' } })
  const open = await budget({ 'study.open': 'member' })
  expect(open.ask(open.member.peer, bytes).ok).toBe(true)
  expect(open.ask(open.member.peer, new Uint8Array(5_000)).ok).toBe(false)
})
