/**
 * A member's copy of the ledger on a disk that is full, for a test that limits the size of files:
 * takes entries as gossip tells them until none fits any more, and says what became of it.
 *
 * @example node follow-on-full-disk.ts <folder>
 *
 * @module
 */
import { join } from 'node:path'
import { memoryLog, silentLogger, type Verdict } from '@folkmoot/base'
import { utf8 } from '@folkmoot/codec'
import { createFollower, createSoloLog } from '@folkmoot/consensus'
import { createTextList } from '@folkmoot/consensus/conformance'
import { createChecker } from '@folkmoot/identity'
import { nodeClock, nodeTimers, nodeVerifier, openFileLog } from '@folkmoot/storage/node'
import { followLedger } from '../src/ledger/follow-ledger.ts'
import { fed, keyOf } from './lone-room.ts'

const [folder = ''] = process.argv.slice(2)
const signer = await keyOf(1)
const checker = createChecker(nodeVerifier())
const facts = { instance: fed, founder: signer.peer, crossOrg: false, firstSet: null }
const founder = await createSoloLog({
  instance: fed,
  signer,
  checker,
  application: createTextList(),
  log: memoryLog(),
  clock: nodeClock,
})
const entries = 40
for (let n = 0; n < entries; n++) {
  await founder.submit(utf8(`${n} ${'x'.repeat(400)}`), { id: `${n}` })
}

const log = await openFileLog(join(folder, 'ledger'))
const follower = await createFollower({ facts, checker, application: createTextList(), log })
const verdicts: Promise<Verdict>[] = []
const following = followLedger({
  follower: {
    get height() {
      return follower.status().height
    },
    accept: (entry) => {
      const verdict = follower.accept(entry)
      verdicts.push(verdict)
      return verdict
    },
  },
  isIdle: () => false,
  sources: () => [],
  fetch: async () => ({ ok: true, tip: 0, entries: [] }),
  timers: nodeTimers,
  logger: {
    ...silentLogger,
    log: (level, message) => level === 'error' && process.stdout.write(`${message}\n`),
  },
  pollMs: 60_000,
  advanced: () => {},
  misled: () => {},
})
for (const entry of await founder.entries(1, entries)) {
  following.told(entry)
  await Promise.allSettled(verdicts)
}
following.stop()
const { halted, height } = follower.status()
process.stdout.write(`${JSON.stringify({ halted: halted?.code, isShort: height < entries })}\n`)
