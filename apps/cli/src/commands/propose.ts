/**
 * `folkmoot propose …`: asks the members for what the charter lets nobody do alone. Where this
 * relay's word is enough, it takes effect at once.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { Command } from 'commander'
import * as v from 'valibot'
import { type Proposal, proposalSchema, votingSchema } from '../admin-api.ts'
import type { CliCode } from '../codes.ts'
import { act, type CommandContext, type Runner } from '../command-context.ts'
import { textFacts } from '../text-table.ts'

/** A proposal as text; null is one that was carried and is gone already. */
export function textProposal(proposal: Proposal | null): string {
  if (proposal === null) return 'carried'
  const { id, what, state, rule, yes, no, expiresHeight } = proposal
  return textFacts([
    ['proposal', id],
    ['what', what],
    ['state', state],
    ['rule', rule],
    ['ballots', `${yes.length} yes, ${no.length} no`],
    ['open until height', String(expiresHeight)],
  ])
}

async function proposes(
  { admin, output }: CommandContext,
  kind: string,
  body: object,
): Promise<undefined> {
  const action = { kind, body }
  const made = await (await admin()).post('/v1/proposals', { action }, v.nullable(proposalSchema))
  output.data('proposal', made, textProposal)
  if (made?.state === 'open') output.note(`others agree with: folkmoot vote ${made.id} yes`)
  return undefined
}

/** `12D3Koo…=acme`, or a peer alone. */
function voterArgument(text: string): { peer: string; org: string } {
  const [peer = '', org = ''] = text.split('=', 2)
  return { peer, org }
}

export function addPropose(program: Command, runner: Runner): void {
  const propose = program.command('propose').description('ask the members to approve an action')

  act<[string, { org: string; standby?: boolean }]>(
    runner,
    propose
      .command('voter')
      .description('offer a member the role of voter; it has to accept')
      .argument('<peer>', 'its peer id')
      .option('--org <name>', 'the organisation that it votes for', '')
      .option('--standby', 'only take a seat that falls free'),
    async (context, peer, { org, standby }) =>
      proposes(context, 'voter.offer', { peer, org, seat: standby !== true }),
  )
  act<[string]>(
    runner,
    propose
      .command('remove-voter')
      .description('free the seat of a voter, or take back an offer')
      .argument('<peer>', 'its peer id'),
    async (context, peer) => proposes(context, 'voter.remove', { peer }),
  )
  act(
    runner,
    propose.command('new-keys').description('a new epoch: the same voters, new vote keys'),
    async (context) => proposes(context, 'voter.rotate', {}),
  )
  act<[string[], { engine: string }]>(
    runner,
    propose
      .command('voters')
      .description('let voters decide in place of the founder alone')
      .argument('<peer=org...>', 'each voter with its organisation')
      .option('--engine <name>', 'bft, or raft among the relays of one organisation', 'bft'),
    async (context, voters, { engine }) =>
      proposes(context, 'engine.change', { engine, voters: voters.map(voterArgument) }),
  )
  act<[string, { reason: string }]>(
    runner,
    propose
      .command('revoke')
      .description("end a member's key")
      .argument('<peer>', 'its peer id')
      .option('--reason <text>', 'why', ''),
    async (context, peer, { reason }) => proposes(context, 'member.revoke', { peer, reason }),
  )
  act<[string]>(
    runner,
    propose
      .command('close-study')
      .description('close a study before its time')
      .argument('<study>', 'its id'),
    async (context, study) => proposes(context, 'study.close', { study }),
  )
  act<[string, string]>(
    runner,
    propose
      .command('rule')
      .description('who approves an action from now on')
      .argument('<action>', 'for example study.open or member.revoke')
      .argument('<rule>', 'founder, member, inviter, evidence, or "2 of orgs"'),
    async (context, action, rule) => {
      const { approval } = await (await context.admin()).get('/v1/voting', votingSchema)
      return proposes(context, 'charter.amend', { approval: { ...approval, [action]: rule } })
    },
  )
  act<[string]>(
    runner,
    propose
      .command('amend')
      .description('other texts, limits or rules in the charter')
      .argument('<file>', 'JSON with purpose, contact, admission, approval, limits or privacy'),
    async (context, file) =>
      proposes(context, 'charter.amend', readChanges(await context.read(file))),
  )
}

function readChanges(bytes: Uint8Array): object {
  try {
    return v.parse(v.record(v.string(), v.unknown()), JSON.parse(new TextDecoder().decode(bytes)))
  } catch (cause) {
    throw new FederationError<CliCode>('cli/usage', 'the file is no JSON object', { cause })
  }
}
