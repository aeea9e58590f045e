/**
 * `folkmoot invite create | list | revoke`.
 *
 * @module
 */
import type { Command } from 'commander'
import * as v from 'valibot'
import { type Invitation, invitationSchema } from '../admin-api.ts'
import {
  act,
  type CommandContext,
  countArgument,
  durationArgument,
  type Runner,
} from '../command-context.ts'
import { textFacts, textInstant, textTable } from '../text-table.ts'

function shown(invitation: Invitation): string {
  return textFacts([
    ['invitation', invitation.id],
    ['state', invitation.state],
    ['role', invitation.role],
    ['cohort', invitation.cohort],
    ['uses', `${invitation.used} of ${invitation.uses}`],
    ['valid until', textInstant(invitation.expires)],
    ['link', invitation.link ?? undefined],
  ])
}

export interface InvitationOptions {
  readonly uses?: number
  readonly valid?: number
  readonly role?: string
  readonly cohort?: string
  readonly output?: string
}

export function withInvitationOptions(command: Command): Command {
  return command
    .option('--uses <n>', 'how many may join with it (100; 1 for a voter)', countArgument)
    .option('--valid <duration>', 'how long it is valid (7d)', durationArgument)
    .option(
      '--role <role>',
      'member; observer: computes and looks on, without ballots; or voter: a member that is offered a seat (member)',
    )
    .option(
      '--cohort <name>',
      'a name for those who join with it; the organisation that a voter votes for',
    )
    .option('-o, --output <file>', 'write the link there, for its owner alone, and do not show it')
}

/** The link as it is to be shown: null once it lies in a file. */
export async function writeLink(
  { writeNew, output }: CommandContext,
  file: string | undefined,
  link: string | null,
): Promise<string | null> {
  if (file === undefined || link === null) return link
  await writeNew(file, `${link}\n`, 0o600)
  output.note(`the link is in ${file}`)
  return null
}

export function addInvite(program: Command, runner: Runner): void {
  const invite = program.command('invite').description('let people in')

  const create = withInvitationOptions(
    invite
      .command('create')
      .description(
        'make an invitation; its link is shown here, and again by `invite list --format json` on this relay',
      ),
  )
  act<[InvitationOptions]>(runner, create, async (context, options) => {
    const { admin, output } = context
    const { uses, valid: validMs, role, cohort } = options
    const body = { uses, validMs, role, cohort }
    const made = await (await admin()).post('/v1/invitations', body, invitationSchema)
    const link = await writeLink(context, options.output, made.link)
    output.data('invitation', { ...made, link }, shown)
    output.note('Whoever has this link can join: send it over a channel you trust.')
    return undefined
  })

  const list = invite.command('list').description('every invitation and what is left of it')
  act(runner, list, async ({ admin, output }) => {
    const all = await (await admin()).get('/v1/invitations', v.array(invitationSchema))
    output.data('invitations', all, (invitations) =>
      textTable(
        ['invitation', 'state', 'role', 'used', 'valid until', 'cohort'],
        invitations.map((each) => [
          each.id,
          each.state,
          each.role,
          `${each.used}/${each.uses}`,
          textInstant(each.expires),
          each.cohort,
        ]),
      ),
    )
    return undefined
  })

  const revoke = invite
    .command('revoke')
    .description('let nobody else in with it; who joined stays')
    .argument('<invitation>', 'its id')
  act<[string]>(runner, revoke, async ({ admin, output }, id) => {
    const path = `/v1/invitations/${encodeURIComponent(id)}/revoke`
    output.data('invitation', await (await admin()).post(path, {}, invitationSchema), shown)
    return undefined
  })
}
