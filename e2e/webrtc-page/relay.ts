/**
 * A relay in its own process, so that a test can kill it: `relay.ts <port> <folder>` serves the
 * built page in `folder` and the WebSocket on one port, always under the same key.
 *
 * @module
 */
import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { createNodeTransport } from '../../packages/transport/src/node/index.ts'

const [port = '0', folder = '.'] = process.argv.slice(2)
const pkcs8 = Buffer.concat([
  Buffer.from('302e020100300506032b657004220420', 'hex'),
  Buffer.alloc(32, 7),
])
const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' }

const transport = await createNodeTransport({
  signer: {
    publicKey: new Uint8Array(
      createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32),
    ),
    signRaw: async (message) => new Uint8Array(sign(null, message, key)),
  },
  listen: [`/ip4/127.0.0.1/tcp/${port}/ws`],
  relay: {},
  preset: 'test',
  gate: { allow: () => 'member' },
  randomness: { bytes: (length) => new Uint8Array(randomBytes(length)) },
  onRequest: (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://page').pathname)
    const file = join(folder, path === '/' ? 'index.html' : path)
    readFile(file).then(
      (bytes) =>
        response
          .writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' })
          .end(bytes),
      () => response.writeHead(404).end(),
    )
  },
})
transport.subscribe('/folkmoot/1/test/presence', {
  maxBytes: 1_024,
  validate: async () => 'accept',
  deliver: () => {},
})
console.log(JSON.stringify({ addresses: transport.addresses() }))
