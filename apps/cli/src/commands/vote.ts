/**
 * `folkmoot vote`: this member's ballot on a proposal, by its own key; and `folkmoot voter`, its
 * role in deciding what is final. Neither touches a vote key.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { Command } from 'commander'
import * as v from 'valibot'
import { proposalSchema, type Voting, votingSchema } from '../admin-api.ts'
import type { CliCode } from '../codes.ts'
import { act, type Runner } from '../command-context.ts'
import { textFacts, textTable } from '../text-table.ts'
import { textProposal } from './propose.ts'

function shown(voting: Voting): string {
  const { epoch, voters, changing, next, keysMissing, roles, proposals } = voting
  const decides = voters.map(({ peer, org }) => (org && org !== peer ? `${peer} (${org})` : peer))
  const facts = textFacts([
    ['epoch', String(epoch)],
    ['decides', epoch === 0 ? 'the founder alone' : decides.join(', ')],
    ['tolerates', toleranceOf(voting)],
    ['changes to', next ? next.map(({ peer }) => peer).join(', ') : undefined],
    ['waits for keys of', changing && keysMissing.length > 0 ? keysMissing.join(', ') : undefined],
    ['stands by', peersIn(roles, 'standby')],
    ['was offered', peersIn(roles, 'offered')],
  ])
  if (proposals.length === 0) return facts
  const rows = proposals.map((one) => [
    one.id.slice(0, 12),
    one.what,
    one.state,
    one.rule,
    `${one.yes.length} yes, ${one.no.length} no`,
    one.mine ?? '',
  ])
  return `${facts}\n\n${textTable(['proposal', 'what', 'state', 'rule', 'ballots', 'mine'], rows)}`
}

function toleranceOf({ engine, tolerates }: Voting): string {
  if (tolerates === 0) return 'no failure'
  return engine === 'raft'
    ? `weight ${tolerates} away; nobody that lies: its voters trust each other`
    : `failures of weight ${tolerates}`
}

function peersIn(roles: Voting['roles'], wanted: string): string | undefined {
  const peers = roles.filter(({ state }) => state === wanted).map(({ peer }) => peer)
  return peers.length > 0 ? peers.join(', ') : undefined
}

export function addVote(program: Command, runner: Runner): void {
  const vote = program
    .command('vote')
    .description('say yes or no to a proposal; without arguments, what waits for ballots')
    .argument('[proposal]', 'its id, or how that begins')
    .argument('[answer]', 'yes or no')
  act<[string | undefined, string | undefined]>(
    runner,
    vote,
    async ({ admin, output }, proposal, answer) => {
      if (proposal === undefined) {
        output.data('voting', await (await admin()).get('/v1/voting', votingSchema), shown)
        return undefined
      }
      if (answer !== 'yes' && answer !== 'no') {
        throw new FederationError<CliCode>('cli/usage', 'a ballot is yes or no')
      }
      const path = `/v1/proposals/${encodeURIComponent(proposal)}/ballot`
      const body = { yes: answer === 'yes' }
      const after = await (await admin()).post(path, body, v.nullable(proposalSchema))
      output.data('proposal', after, textProposal)
      return undefined
    },
  )

  const voter = program.command('voter').description('this relay’s part in deciding what is final')
  for (const [name, about] of [
    ['accept', 'take the role that was offered'],
    ['resign', 'give the role back, or decline it'],
  ] as const) {
    act(runner, voter.command(name).description(about), async ({ admin, output }) => {
      const after = await (await admin()).post(`/v1/voter/${name}`, {}, votingSchema)
      output.data('voting', after, shown)
      return undefined
    })
  }
}
