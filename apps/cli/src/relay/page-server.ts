/**
 * The public listener: the page, the sandbox's frame, and what a volunteer may read before joining.
 * Everything here is a GET without identity or cookie.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import type { PageFile } from './page-files.ts'
import { pageHeaders, sandboxHeaders } from './page-headers.ts'

export interface PageServerInit {
  readonly files: ReadonlyMap<string, PageFile>
  readonly sandbox: { readonly html: string; readonly headers: Readonly<Record<string, string>> }
  /** WebSocket origins other than the page's own that invitations name. */
  readonly relays: readonly string[]
  /** The signed founding charter. */
  readonly charter: () => Uint8Array
  /** DAG-CBOR `{ studies, stun }`: signed manifests with states, and whom tabs ask for their address. */
  readonly studies: () => Uint8Array
}

/** Answers what is not a WebSocket on the relay's public port. */
export function createPageListener(
  init: PageServerInit,
): (request: IncomingMessage, response: ServerResponse) => void {
  const app = new Hono()
  const page = pageHeaders(init.relays)
  const frame = { ...sandboxHeaders, ...init.sandbox.headers }

  const cbor = (bytes: Uint8Array): Response =>
    new Response(new Uint8Array(bytes), {
      headers: { ...page, 'content-type': 'application/cbor', 'cache-control': 'no-store' },
    })

  app.get('/charter', () => cbor(init.charter()))
  app.get('/studies', () => cbor(init.studies()))
  app.get(
    '/sandbox.html',
    () =>
      new Response(init.sandbox.html, {
        headers: {
          ...frame,
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-cache',
        },
      }),
  )
  app.get('*', (context) => {
    const path = context.req.path === '/' ? '/index.html' : context.req.path
    const file = init.files.get(path)
    if (file === undefined) return new Response('not found\n', { status: 404, headers: page })
    const headers: Record<string, string> = {
      ...page,
      'content-type': file.type,
      'cache-control': file.cache,
      etag: file.etag,
      vary: 'accept-encoding',
    }
    if (context.req.header('if-none-match') === file.etag)
      return new Response(null, { status: 304, headers })
    const zipped = context.req.header('accept-encoding')?.includes('gzip') === true
    return zipped
      ? new Response(file.gzipped, { headers: { ...headers, 'content-encoding': 'gzip' } })
      : new Response(file.plain, { headers })
  })
  app.all('*', () => new Response('only GET\n', { status: 405, headers: page }))

  return getRequestListener(app.fetch)
}
