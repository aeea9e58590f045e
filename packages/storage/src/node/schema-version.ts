/**
 * Which shape the state folder has, and the way from an older one to today's.
 *
 * @module
 */
import { readFile } from 'node:fs/promises'
import { FederationError } from '@folkmoot/base'
import type { StorageCode } from '../codes.ts'
import { writeDurably } from './durable-file.ts'

/** Brings a folder from version `to - 1` to `to`; may run twice when a crash comes in between. */
export interface Migration {
  readonly to: number
  run(folder: string): Promise<void>
}

/** The shape that this release writes. */
export const SCHEMA_VERSION = 1

const MIGRATIONS: readonly Migration[] = []

export interface SchemaInit {
  readonly readonly?: boolean
  readonly current?: number
  readonly migrations?: readonly Migration[]
}

/**
 * Checks the version file `path` of `folder` and migrates; a new folder gets today's version.
 *
 * @throws FederationError `storage/newer-schema`, `storage/unreadable`, `storage/read-only`
 */
export async function settleSchema(folder: string, path: string, init: SchemaInit = {}) {
  const { readonly = false, current = SCHEMA_VERSION, migrations = MIGRATIONS } = init
  const found = await readVersion(path)
  if (found === current) return
  if (found !== undefined && found > current) {
    throw new FederationError<StorageCode>(
      'storage/newer-schema',
      `the state has schema ${found}; this release knows ${current}`,
      { details: { found, current }, hint: 'use a newer release of folkmoot' },
    )
  }
  if (readonly) {
    if (found === undefined) throw unreadable(path, 'there is no state here')
    throw new FederationError<StorageCode>('storage/read-only', `schema ${found} needs a migration`)
  }
  for (let version = (found ?? current) + 1; version <= current; version++) {
    const migration = migrations.find(({ to }) => to === version)
    if (!migration) throw unreadable(path, `nothing leads from schema ${version - 1} to ${version}`)
    await migration.run(folder)
    await writeVersion(path, version)
  }
  if (found === undefined) await writeVersion(path, current)
}

async function readVersion(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw unreadable(path, error.message)
  })
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,8}\n$/.test(text)) throw unreadable(path, 'it does not hold a version')
  return Number(text)
}

function writeVersion(path: string, version: number): Promise<void> {
  return writeDurably(path, new TextEncoder().encode(`${version}\n`))
}

function unreadable(path: string, why: string) {
  return new FederationError<StorageCode>('storage/unreadable', `${path}: ${why}`, {
    details: { path },
  })
}
