/**
 * `folkmoot key show`: who this relay is. The private half never leaves its file.
 *
 * @module
 */
import { existsSync } from 'node:fs'
import { FederationError } from '@folkmoot/base'
import type { Command } from 'commander'
import type { CliCode } from '../codes.ts'
import { act, type Runner } from '../command-context.ts'
import { keyFile } from '../config/state-location.ts'
import { textFacts } from '../text-table.ts'

export function addKey(program: Command, runner: Runner): void {
  const key = program.command('key').description('the key of this state folder')
  const show = key.command('show').description('peer id and public key')
  act(runner, show, async ({ config, output }) => {
    const path = keyFile(config().state)
    if (!existsSync(path)) {
      throw new FederationError<CliCode>('cli/file', `there is no key at ${path}`, {
        hint: 'the first `folkmoot relay` on this state folder makes one',
      })
    }
    const { toHex } = await import('@folkmoot/codec')
    const { peerIdOf } = await import('@folkmoot/identity')
    const { openKeyFile } = await import('@folkmoot/storage/node')
    const { publicKey } = await openKeyFile(path)
    const data = { peerId: String(peerIdOf(publicKey)), publicKey: toHex(publicKey), file: path }
    output.data('key', data, (shown) =>
      textFacts([
        ['peer', shown.peerId],
        ['public key', shown.publicKey],
        ['file', shown.file],
      ]),
    )
    return undefined
  })
}
