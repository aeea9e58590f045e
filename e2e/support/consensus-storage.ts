/**
 * The database in which a tab that votes keeps its votes and vote keys, seen and lost from outside.
 *
 * @module
 */
import type { Page } from '@playwright/test'
import type { VolunteerTab } from './volunteer-tab.ts'

const isConsensus = (name: string) => name.endsWith('-consensus')

async function databaseIn(page: Page): Promise<string> {
  const names = await page.evaluate(async () =>
    (await indexedDB.databases()).map(({ name }) => name ?? ''),
  )
  const [found, ...more] = names.filter(isConsensus)
  if (found === undefined || more.length > 0) throw new Error(`not one database: ${names.join()}`)
  return found
}

/** The epochs for which this browser holds a vote key; each is kept as `vote-key/EPOCH`. */
export async function epochsOfKeys(page: Page): Promise<number[]> {
  const names = await page.evaluate(
    async (name) => {
      const done = <T>(request: IDBRequest<T>) =>
        new Promise<T>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result)
          request.onerror = () => reject(request.error)
        })
      const database = await done(indexedDB.open(name))
      try {
        return (await done(database.transaction('keys').objectStore('keys').getAllKeys())).map(
          String,
        )
      } finally {
        database.close()
      }
    },
    await databaseIn(page),
  )
  return names.map((name) => Number(name.split('/')[1]))
}

/**
 * Deletes votes and vote keys of a closed tab's browser, and nothing else: its identity, its copy
 * of the ledger and its consent stay.
 */
export async function loseVotes({ context }: VolunteerTab, origin: string): Promise<void> {
  const blank = await context.newPage()
  const address = new URL('/blank', origin).href
  await blank.route(address, (route) => route.fulfill({ contentType: 'text/html', body: '' }))
  await blank.goto(address)
  const name = await databaseIn(blank)
  await blank.evaluate(
    (lost) =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.deleteDatabase(lost)
        request.onsuccess = () => resolve()
        request.onerror = () => reject(request.error)
      }),
    name,
  )
  await blank.close()
}
