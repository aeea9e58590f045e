/**
 * The entry of the `folkmoot` command.
 *
 * @module
 */
import { runCommand } from './run-command.ts'

process.exitCode = await runCommand(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  cwd: process.cwd(),
})
