/**
 * Writes to the consensus database of the state folder in argv[2] until it is killed, and says on stdout what was
 * acknowledged, after it was: `ready`, then `vote <number> <epoch>`. Each vote is two entries; every seventh write
 * begins an epoch: its record, the new key's name and the deletion of the old key are one transaction.
 */
import { writeSync } from 'node:fs'
import { openStateFolder } from '../src/node/state-folder.ts'

const say = (line: string) => writeSync(1, `${line}\n`)
const number = (value: number) => {
  const bytes = new Uint8Array(200)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}
const numberIn = (bytes: Uint8Array | undefined) =>
  bytes ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) : 0

const state = await openStateFolder(process.argv[2]!)
const database = state.consensus()
let epoch = numberIn(await database.get('epoch'))
await database.createKey(`vote/${epoch}`)
say('ready')
for (let i = numberIn(await database.get('last')) + 1; ; i++) {
  const vote = [
    { type: 'put', key: `vote/${String(i).padStart(9, '0')}`, value: number(i) },
    { type: 'put', key: 'last', value: number(i) },
  ] as const
  if (i % 7 === 0) {
    await database.createKey(`vote/${epoch + 1}`)
    await database.write([
      ...vote,
      { type: 'put', key: 'epoch', value: number(epoch + 1) },
      { type: 'delete-key', name: `vote/${epoch}` },
    ])
    epoch += 1
  } else await database.write(vote)
  say(`vote ${i} ${epoch}`)
}
