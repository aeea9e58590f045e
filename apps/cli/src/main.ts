/**
 * The entry of the `folkmoot` command.
 *
 * @module
 */
import { runCommand } from './run-command.ts'

/** A handle that something forgot must not keep a relay alive that has stopped, in ms. */
const lingerMs = 5_000

process.exitCode = await runCommand(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  cwd: process.cwd(),
})
setTimeout(() => process.exit(), lingerMs).unref()
