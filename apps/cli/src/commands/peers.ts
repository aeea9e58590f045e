/**
 * `folkmoot peers list | show | revoke`.
 *
 * @module
 */
import type { Command } from 'commander'
import * as v from 'valibot'
import { type Peer, peerSchema } from '../admin-api.ts'
import { act, type Runner } from '../command-context.ts'
import { findPeer } from '../find-peer.ts'
import { textFacts, textInstant, textTable } from '../text-table.ts'

function shown(peer: Peer): string {
  const { link } = peer
  return textFacts([
    ['peer', peer.peer],
    ['nickname', peer.nickname],
    ['role', peer.role],
    ['member', `${peer.member}, since ${textInstant(peer.since)}`],
    ['presence', peer.presence],
    ['root', peer.root],
    ['link', link === null ? 'none' : `${link.kind}, ${link.rttMs?.toFixed(0) ?? '?'} ms`],
    ['final results', peer.finalResults],
  ])
}

export function addPeers(program: Command, runner: Runner): void {
  const peers = program.command('peers').description('who is in the federation')

  act(runner, peers.command('list').description('all members'), async ({ admin, output }) => {
    const all = await (await admin()).get('/v1/peers', v.array(peerSchema))
    output.data('peers', all, (list) =>
      textTable(
        ['peer', 'nickname', 'role', 'member', 'presence', 'link', 'final'],
        list.map((each) => [
          each.peer,
          each.nickname,
          each.role,
          each.member,
          each.presence,
          each.link?.kind ?? '-',
          String(each.finalResults),
        ]),
      ),
    )
    return undefined
  })

  const show = peers.command('show').description('one member').argument('<peer>', 'id, or its end')
  act<[string]>(runner, show, async (context, id) => {
    context.output.data('peer', await findPeer(context, id), shown)
    return undefined
  })

  const revoke = peers
    .command('revoke')
    .description('shut a member out')
    .argument('<peer>', 'id, or its end')
    .requiredOption('--reason <text>', 'why; it stands on the ledger')
  act<[string, { reason: string }]>(runner, revoke, async (context, id, { reason }) => {
    const { peer } = await findPeer(context, id)
    const admin = await context.admin()
    context.output.data(
      'peer',
      await admin.post(`/v1/revoke/${peer}`, { reason }, peerSchema),
      shown,
    )
    return undefined
  })
}
