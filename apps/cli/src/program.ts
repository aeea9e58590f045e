/**
 * The tree of commands.
 *
 * @module
 */
import { Command } from 'commander'
import type { Runner } from './command-context.ts'
import { addAudit } from './commands/audit.ts'
import { addBackup } from './commands/backup.ts'
import { addConfig } from './commands/config.ts'
import { addDoctor } from './commands/doctor.ts'
import { addInvite } from './commands/invite.ts'
import { addKey } from './commands/key.ts'
import { addLedger } from './commands/ledger.ts'
import { addPeers } from './commands/peers.ts'
import { addPropose } from './commands/propose.ts'
import { addRefound } from './commands/refound.ts'
import { addRelay } from './commands/relay.ts'
import { addStatus } from './commands/status.ts'
import { addStudy } from './commands/study.ts'
import { addVote } from './commands/vote.ts'
import { version } from './version.ts'

export interface ProgramOutput {
  write(text: string): void
  complain(text: string): void
}

export function createProgram(runner: Runner, { write, complain }: ProgramOutput): Command {
  const program = new Command('folkmoot')
    .description('A federation peer for agents that belong to different people.')
    .version(version, '--version')
    .option('--format <format>', 'text, json or jsonl (environment FOLKMOOT_FORMAT)')
    .option('--state <folder>', 'state folder (environment FOLKMOOT_STATE)')
    .option('--config <file>', 'settings file; default <state>/config.json')
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: complain, outputError: complain })
  for (const add of [
    addRelay,
    addStatus,
    addDoctor,
    addConfig,
    addKey,
    addInvite,
    addPeers,
    addStudy,
    addLedger,
    addPropose,
    addVote,
    addAudit,
    addBackup,
    addRefound,
  ]) {
    add(program, runner)
  }
  program.addHelpText(
    'after',
    '\nExit codes: 0 done, 1 unexpected, 2 usage, 3 configuration, 4 state locked or unreadable,\n' +
      '5 peer or network out of reach, 6 denied, 7 verification failed, 130/143 by signal.',
  )
  return program
}
