/**
 * `folkmoot vote`: this member's ballot on a proposal, by its own key; and `folkmoot voter`, its
 * role in deciding what is final. Neither touches a vote key.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { Command } from 'commander'
import * as v from 'valibot'
import { type Proposal, proposalSchema, type Voting, votingSchema } from '../admin-api.ts'
import type { CliCode } from '../codes.ts'
import { act, type Runner } from '../command-context.ts'
import { textProposal } from '../text-proposal.ts'
import { textFacts, textTable } from '../text-table.ts'

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

function toleranceOf({ engine, tolerates, voters }: Voting): string {
  if (tolerates === 0) return 'no failure'
  const total = voters.reduce((sum, { weight }) => sum + weight, 0)
  const who = total === voters.length ? 'voters' : 'votes'
  return engine === 'raft'
    ? `${tolerates} of ${total} ${who} away; nobody that lies: they trust each other`
    : `${tolerates} of ${total} ${who} away or lying`
}

function named(proposals: readonly Proposal[], wanted: string): Proposal {
  const found = proposals.filter(({ id }) => id.startsWith(wanted))
  if (found.length === 1) return found[0]!
  const message = found.length > 1 ? 'several proposals begin so' : 'there is no such proposal'
  throw new FederationError<CliCode>('cli/not-found', message)
}

function peersIn(roles: Voting['roles'], wanted: string): string | undefined {
  const peers = roles.filter(({ state }) => state === wanted).map(({ peer }) => peer)
  return peers.length > 0 ? peers.join(', ') : undefined
}

export function addVote(program: Command, runner: Runner): void {
  const vote = program
    .command('vote')
    .description('say yes or no to a proposal; without arguments, what waits for ballots')
    .argument('[proposal]', 'its id, or how that begins; alone it shows all that would change')
    .argument('[answer]', 'yes or no')
  act<[string | undefined, string | undefined]>(
    runner,
    vote,
    async ({ admin, output }, proposal, answer) => {
      if (proposal === undefined) {
        output.data('voting', await (await admin()).get('/v1/voting', votingSchema), shown)
        return undefined
      }
      if (answer === undefined) {
        const { proposals } = await (await admin()).get('/v1/voting', votingSchema)
        output.data('proposal', named(proposals, proposal), textProposal)
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
