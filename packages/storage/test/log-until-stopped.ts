/**
 * Acts through the audit log of the state folder in argv[2] until it is killed or an intent fails,
 * and says on stdout what was acknowledged, after it was: `ready`, `intent <seq>`, `outcome <of>`,
 * `checkpoint <size>`, at last `failed <code>`. argv[3]: bytes of content.
 */
import { writeSync } from 'node:fs'
import { openAudit } from '@folkmoot/audit'
import { errorCode } from '@folkmoot/base'
import { createChecker, createSigner, noteSigner } from '@folkmoot/identity'
import {
  nodeClock,
  nodeRandomness,
  nodeVerifier,
  openStateFolder,
  signerFromSeed,
} from '../src/node/index.ts'

const [path = '', size = '200', quota = '1000000000'] = process.argv.slice(2)
const say = (line: string) => writeSync(1, `${line}\n`)

try {
  const state = await openStateFolder(path)
  const raw = await signerFromSeed(new Uint8Array(32).fill(1))
  const signer = createSigner(raw)
  const audit = await openAudit({
    log: await state.log('audit'),
    store: state.store,
    signer,
    note: noteSigner(raw),
    checker: createChecker(nodeVerifier()),
    fed: 'f0'.repeat(32),
    clock: nodeClock,
    randomness: nodeRandomness(),
    quotaBytes: Number(quota),
  })
  say('ready')
  let acted = 0
  const act = async () => {
    for (;;) {
      const content = new Uint8Array(Number(size)).fill(acted)
      const { peer } = signer
      const seq = await audit.intent({
        direction: 'out',
        peer,
        action: 'call',
        capability: 'a',
        content,
      })
      say(`intent ${seq}`)
      await audit.outcome(seq, { decision: 'done' })
      say(`outcome ${seq}`)
      if (++acted % 20 === 0) {
        const [, leaves] = new TextDecoder().decode(await audit.checkpoint()).split('\n')
        say(`checkpoint ${leaves}`)
      }
    }
  }
  await Promise.all([act(), act(), act(), act()])
} catch (error) {
  say(`failed ${errorCode(error)}`)
  process.exit(0)
}
