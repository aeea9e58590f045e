/**
 * `folkmoot propose …`: asks the members for what the charter lets nobody do alone. Where this
 * relay's word is enough, it takes effect at once.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { Command } from 'commander'
import * as v from 'valibot'
import {
  type Proposal,
  proposalSchema,
  proposedInvitationSchema,
  votingSchema,
} from '../admin-api.ts'
import type { CliCode } from '../codes.ts'
import { act, type CommandContext, type Runner } from '../command-context.ts'
import { peerIdOf } from '../find-peer.ts'
import { textProposal } from '../text-proposal.ts'
import { type InvitationOptions, withInvitationOptions, writeLink } from './invite.ts'

async function proposes(
  { admin, output }: CommandContext,
  kind: string,
  body: object,
): Promise<undefined> {
  const action = { kind, body }
  const made = await (await admin()).post('/v1/proposals', { action }, v.nullable(proposalSchema))
  output.data('proposal', made, textProposal)
  tellOthers({ output }, made)
  return undefined
}

function tellOthers({ output }: Pick<CommandContext, 'output'>, made: Proposal | null): void {
  if (made?.state !== 'open') return
  output.note(`others read it with: folkmoot vote ${made.id.slice(0, 12)}, and agree with: … yes`)
}

/** `12D3Koo…=acme`, or a peer alone. */
async function voterOf(context: CommandContext, text: string) {
  const [peer = '', org = ''] = text.split('=', 2)
  return { peer: await peerIdOf(context, peer), org }
}

const peerArgument = ['<peer>', 'its id, or how that ends'] as const

export function addPropose(program: Command, runner: Runner): void {
  const propose = program.command('propose').description('ask the members to approve an action')
  addVoterProposals(propose, runner)
  addCharterProposals(propose, runner)

  act<[string, { reason: string }]>(
    runner,
    propose
      .command('revoke')
      .description("end a member's key")
      .argument(...peerArgument)
      .option('--reason <text>', 'why; it stands on the ledger', ''),
    async (context, given, { reason }) => {
      const peer = await peerIdOf(context, given)
      return proposes(context, 'member.revoke', { peer, reason })
    },
  )
  act<[string]>(
    runner,
    propose
      .command('study')
      .description('open a study, where the charter lets nobody do that alone')
      .argument('<path>', 'as for `study open`'),
    async (context, path) => {
      const { proposeStudy } = await import('../study/open-study.ts')
      const made = await proposeStudy(context, path)
      context.output.data('proposal', made, textProposal)
      tellOthers(context, made)
      return undefined
    },
  )
  act<[string]>(
    runner,
    propose
      .command('close-study')
      .description('close a study before its time')
      .argument('<study>', 'its id'),
    async (context, study) => proposes(context, 'study.close', { study }),
  )
  act<[InvitationOptions]>(
    runner,
    withInvitationOptions(
      propose
        .command('invitation')
        .description('let people in, where the charter lets nobody do that alone'),
    ),
    async (context, options) => {
      const { uses, valid: validMs, role, cohort } = options
      const body = { uses, validMs, role, cohort }
      const client = await context.admin()
      const made = await client.post('/v1/proposals/invitation', body, proposedInvitationSchema)
      const link = await writeLink(context, options.output, made.link)
      context.output.data('proposed-invitation', { ...made, link }, (shown) =>
        [textProposal(shown.proposal), shown.link ?? ''].filter(Boolean).join('\n'),
      )
      context.output.note('The link lets nobody in before the proposal is carried.')
      tellOthers(context, made.proposal)
      return undefined
    },
  )
}

function addVoterProposals(propose: Command, runner: Runner): void {
  act<[string, { org: string; standby?: boolean }]>(
    runner,
    propose
      .command('voter')
      .description('offer a member the role of voter; it has to accept')
      .argument(...peerArgument)
      .option('--org <name>', 'the organisation that it votes for', '')
      .option(
        '--standby',
        'stand by: it takes a seat that falls free where fewer than four would be left',
      ),
    async (context, given, { org, standby }) => {
      const peer = await peerIdOf(context, given)
      await proposes(context, 'voter.offer', { peer, org, seat: standby !== true })
      if (standby !== true) await warnOfFewVoters(context)
      return undefined
    },
  )
  act<[string]>(
    runner,
    propose
      .command('remove-voter')
      .description(
        'free the seat of a voter, or take back an offer; who stands by may take the seat',
      )
      .argument(...peerArgument),
    async (context, given) =>
      proposes(context, 'voter.remove', { peer: await peerIdOf(context, given) }),
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
      .description('hand a federation that was founded under `solo` over to voters, once')
      .argument('<peer=org...>', 'each voter with its organisation')
      .option('--engine <name>', 'bft, or raft among the relays of one organisation', 'bft'),
    async (context, given, { engine }) => {
      const voters = await Promise.all(given.map((each) => voterOf(context, each)))
      return proposes(context, 'engine.change', { engine, voters })
    },
  )
}

/** Two or three voters are more that can be lost, and none that may be. */
async function warnOfFewVoters({ admin, output }: CommandContext): Promise<void> {
  const { epoch, engine, voters, roles } = await (await admin()).get('/v1/voting', votingSchema)
  // Those who were offered a seat or stand by may be on their way to one.
  const more = roles.filter(({ peer }) => !voters.some((voter) => voter.peer === peer)).length
  const seats = voters.length + more
  if (epoch === 0 || seats < 2 || seats > 3 || (engine === 'raft' && seats === 3)) return
  const all = seats === 2 ? 'both' : 'all three'
  output.note(
    `With ${seats} voters ${all} have to be there for every decision, also to take a seat away: one that is lost for good stops the federation. Go on to four${engine === 'raft' ? ', or three' : ''}, or offer it --standby.`,
  )
}

function addCharterProposals(propose: Command, runner: Runner): void {
  act<[string, string]>(
    runner,
    propose
      .command('rule')
      .description('who approves an action from now on')
      .argument('<action>', 'for example study.open, voter.offer or member.revoke')
      .argument('<rule>', 'founder, member, inviter, evidence, or "2 of orgs"'),
    async (context, action, rule) => {
      const { checkRule } = await import('../check-amendment.ts')
      checkRule(action, rule)
      const { approval } = await (await context.admin()).get('/v1/voting', votingSchema)
      return proposes(context, 'charter.amend', { approval: { ...approval, [action]: rule } })
    },
  )
  act<[string]>(
    runner,
    propose
      .command('amend')
      .description(
        'change the charter: approval, limits.members and limits.voteKeyMs take effect, texts are recorded',
      )
      .argument('<file>', 'JSON with purpose, contact, admission, approval, limits or privacy'),
    async (context, file) => {
      const changes = readChanges(await context.read(file))
      const { checkAmendment } = await import('../check-amendment.ts')
      for (const note of checkAmendment(changes)) context.output.note(note)
      return proposes(context, 'charter.amend', changes)
    },
  )
}

function readChanges(bytes: Uint8Array): Record<string, unknown> {
  try {
    return v.parse(v.record(v.string(), v.unknown()), JSON.parse(new TextDecoder().decode(bytes)))
  } catch (cause) {
    throw new FederationError<CliCode>('cli/usage', 'the file is no JSON object', { cause })
  }
}
