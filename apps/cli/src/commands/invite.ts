/**
 * `folkmoot invite create | list | revoke`.
 *
 * @module
 */
import type { Command } from 'commander'
import * as v from 'valibot'
import { type Invitation, invitationSchema } from '../admin-api.ts'
import { act, countArgument, durationArgument, type Runner } from '../command-context.ts'
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

interface CreateOptions {
  readonly uses?: number
  readonly valid?: number
  readonly role?: string
  readonly cohort?: string
}

export function addInvite(program: Command, runner: Runner): void {
  const invite = program.command('invite').description('let people in')

  const create = invite
    .command('create')
    .description('make an invitation; its link is shown once, here')
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
  act<[CreateOptions]>(runner, create, async ({ admin, output }, options) => {
    const { uses, valid: validMs, role, cohort } = options
    const body = { uses, validMs, role, cohort }
    const made = await (await admin()).post('/v1/invitations', body, invitationSchema)
    output.data('invitation', made, shown)
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
