/**
 * Drives `crowd-process.ts`: many Node members of a running relay.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { CrowdMember } from './crowd-process.ts'

export interface Crowd {
  /** Their peer ids. */
  readonly joined: readonly string[]
  /** What they said last. */
  members(): readonly CrowdMember[]
  /** Makes each of them tell everyone something new: that it works, or no longer. */
  announce(): void
  leave(at: number): void
  stop(): Promise<void>
}

/** Generous: 14 keys join at once on a busy machine. */
const JOINED_WITHIN_MS = 120_000

/** Starts `count` members; resolves when all have joined. */
export async function startCrowd(link: string, count: number): Promise<Crowd> {
  const folder = await mkdtemp(join(tmpdir(), 'folkmoot-crowd-'))
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, 'crowd-process.ts'), link, `${count}`, folder],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const ended = once(child, 'exit')
  let members: readonly CrowdMember[] = []
  const joined = await new Promise<readonly string[]>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the crowd did not join')), JOINED_WITHIN_MS)
    void ended.then(([code]) => reject(new Error(`the crowd ended with ${code}`)))
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const said = JSON.parse(line) as { joined?: string[]; members?: CrowdMember[] }
      members = said.members ?? members
      if (said.joined === undefined) return
      clearTimeout(timer)
      resolve(said.joined)
    })
  })
  const order = (line: string) => child.stdin!.write(`${line}\n`)
  return {
    joined,
    members: () => members,
    announce: () => order('announce'),
    leave: (at) => order(`leave ${at}`),
    stop: async () => {
      child.stdin!.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
      await ended
      clearTimeout(timer)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
