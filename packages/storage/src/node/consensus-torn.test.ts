/** A power cut in the middle of a vote: what the write-ahead log of a voter's database may look like then. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqliteConsensusDatabase } from './sqlite-consensus-database.ts'

/** SQLite's format of a write-ahead log: before each page of 4,096 bytes a header. */
const LOG_HEADER = 32
const FRAME_HEADER = 24
const FRAME = FRAME_HEADER + 4_096

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

type Rows = ReadonlyArray<readonly [key: string, value: string]>

/** A database after votes, and the bytes that the last of them added to its log. */
interface Scene {
  readonly main: string
  readonly wal: Buffer
  /** The log as it was before the last vote. */
  readonly old: Buffer
  /** Where the frames of the last vote begin in it, and where they end. */
  readonly from: number
  readonly to: number
  readonly before: Rows
  readonly after: Rows
}

const rowsOf = async (database: ReturnType<typeof openSqliteConsensusDatabase>): Promise<Rows> =>
  (await database.list({ prefix: '' })).map(([key, value]) => [
    key,
    Buffer.from(value).toString('hex'),
  ])

/** As a core writes them: a vote of 150 bytes under its view, with what is tidied up on the way. */
async function play(votes: number): Promise<Scene> {
  const path = join(folder, 'consensus.sqlite')
  const database = openSqliteConsensusDatabase(path)
  await database.createKey('vote/1')
  let before: Rows = []
  let old: Buffer = Buffer.alloc(0)
  for (let view = 1; view <= votes; view++) {
    before = await rowsOf(database)
    old = await readFile(`${path}-wal`)
    await database.write([
      {
        type: 'put',
        key: `bft/vote/${String(view).padStart(16, '0')}/notarise`,
        value: vote(view),
      },
      { type: 'put', key: 'bft/final', value: vote(view - 1) },
      { type: 'delete', key: `bft/vote/${String(view - 3).padStart(16, '0')}/notarise` },
    ])
  }
  // Copied while it is open: closing empties the log into the database.
  const main = join(folder, 'main')
  await copyFile(path, main)
  const wal = await readFile(`${path}-wal`)
  const after = await rowsOf(database)
  await database.close()
  const changed = [...wal.keys()].filter((at) => wal[at] !== old[at])
  const from = frameOf(changed[0]!)
  return { main, wal, old, from, to: frameOf(changed.at(-1)!) + FRAME, before, after }
}

/** Where the frame begins that a byte of the log lies in. */
function frameOf(at: number): number {
  return at - ((at - LOG_HEADER) % FRAME)
}

function vote(view: number): Uint8Array {
  return Uint8Array.from({ length: 150 }, (_, at) => (at * 31 + view * 7) % 256)
}

let copies = 0
/** What a voter finds that starts with this log beside its database, and that its key is there. */
async function reopened(main: string, wal: Uint8Array): Promise<Rows> {
  copies += 1
  const place = join(folder, `copy-${copies}`)
  await mkdir(place)
  const path = join(place, 'consensus.sqlite')
  await copyFile(main, path)
  await writeFile(`${path}-wal`, wal)
  const database = openSqliteConsensusDatabase(path)
  const rows = await rowsOf(database)
  expect(await database.key('vote/1')).toBeDefined()
  await database.close()
  await rm(place, { recursive: true })
  return rows
}

/** Every byte of each frame's header and of the edges of its page, and a spread over the rest. */
function places({ from, to }: Scene): number[] {
  const chosen: number[] = []
  for (let at = from; at < to; at++) {
    const place = (at - from) % FRAME
    const isEdge = place < FRAME_HEADER + 4 || place >= FRAME - 4
    if (isEdge || place % 97 === 0) chosen.push(at)
  }
  return chosen
}

describe.each([
  ['a short log', 6],
  ['a log that was emptied and is written over', 620],
])('the last vote in %s', (_, votes) => {
  it('is whole or not there, wherever it was cut off, and no vote before it is lost', async () => {
    const scene = await play(votes)
    const { main, wal, old, before, after } = scene
    expect(before).not.toEqual(after)
    expect(await reopened(main, wal)).toEqual(after)
    const cuts = places(scene)
    expect(cuts.length).toBeGreaterThan(60)
    for (const cut of cuts) {
      // What lay there before the vote was written may lie there still, or nothing.
      const head = wal.subarray(0, cut)
      for (const torn of [head, Buffer.concat([head, old.subarray(cut)])]) {
        // What is written over may happen to hold the same bytes.
        const rows = torn.equals(wal) ? after : before
        expect({ cut, rows: await reopened(main, torn) }).toEqual({ cut, rows })
      }
    }
  }, 600_000)

  it('is whole or not there, whichever byte of it was not written rightly', async () => {
    const scene = await play(votes)
    const { main, wal, before } = scene
    for (const at of places(scene)) {
      const garbled = Buffer.from(wal)
      garbled[at]! ^= 0x41
      expect({ at, rows: await reopened(main, garbled) }).toEqual({ at, rows: before })
    }
    // A page of zeros is what some file systems leave of what was not written.
    for (let at = scene.from; at < scene.to; at += FRAME) {
      const blank = Buffer.from(wal).fill(0, at, at + FRAME)
      expect(await reopened(main, blank)).toEqual(before)
    }
  }, 600_000)
})
