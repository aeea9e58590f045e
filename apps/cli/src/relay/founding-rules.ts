/**
 * The rules that a federation is founded with, as `--approval` names them in a file.
 *
 * From its first entry on they bind the founder as well, so what nobody could ever do again is
 * refused here.
 *
 * @module
 */
import { readFile } from 'node:fs/promises'
import { errorMessage, FederationError } from '@folkmoot/base'
import { type ActionKind, actionSchema, parseRule } from '@folkmoot/ledger'
import type { CliCode } from '../codes.ts'
import type { Config } from '../config/resolve-config.ts'

const actionKinds: readonly ActionKind[] = actionSchema.options.map(
  ({ entries }) => entries.kind.literal,
)

export type Approval = Readonly<Partial<Record<ActionKind, string>>>

/** @throws FederationError `cli/config` that names every problem */
export async function foundingRules(
  config: Pick<Config, 'approval' | 'crossOrg' | 'engine' | 'study'>,
): Promise<Approval> {
  if (config.crossOrg && config.engine === 'raft') {
    throw refusal(['across organisations members may lie, and raft trusts them: found it with bft'])
  }
  if (config.approval === '') return {}
  const given = await readRules(config.approval)
  const problems = Object.entries(given).flatMap(([action, rule]) => problemOf(action, rule))
  const approval = given as Approval
  if (!isOneMembers(approval['invitation.create'])) {
    problems.push('invitation.create: with nobody else there the founder could invite nobody')
  }
  if (config.study !== 'none' && !isOneMembers(approval['study.open'])) {
    problems.push('study.open: the first study could not be opened; found it with --study none')
  }
  if (problems.length > 0) throw refusal(problems.map((each) => `${config.approval}: ${each}`))
  return approval
}

async function readRules(path: string): Promise<Record<string, unknown>> {
  try {
    const content: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
      return content as Record<string, unknown>
    }
  } catch (error) {
    throw refusal([`${path}: ${errorMessage(error)}`])
  }
  throw refusal([`${path} must hold one JSON object of rules by action`])
}

function problemOf(action: string, rule: unknown): string[] {
  if (!actionKinds.includes(action as ActionKind)) {
    return [`there is no action ${action}; there are ${actionKinds.join(', ')}`]
  }
  const { kind } = parseRule(typeof rule === 'string' ? rule : undefined)
  if (kind === 'founder' && rule !== 'founder') {
    return [`${action}: a rule is founder, member, inviter, evidence, or "2 of orgs"`]
  }
  const isAboutAPeer = ['member.revoke', 'voter.offer', 'voter.remove'].includes(action)
  return (kind === 'inviter' || kind === 'evidence') && !isAboutAPeer
    ? [`${action}: it is about nobody who has an inviter, or against whom there is evidence`]
    : []
}

/** Whether the founder needs nobody's ballot. */
function isOneMembers(rule: string | undefined): boolean {
  const { kind } = parseRule(rule)
  return kind === 'founder' || kind === 'member'
}

function refusal(problems: readonly string[]): FederationError<CliCode> {
  return new FederationError<CliCode>('cli/config', problems.join('; '), { details: { problems } })
}
