/**
 * Where the state folder is when nobody says: the platform's folder for programs' state.
 *
 * @module
 */
import { homedir } from 'node:os'
import { join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** `$XDG_STATE_HOME/folkmoot`, else `~/.local/state/folkmoot`; on macOS Application Support. */
export function defaultStateFolder(
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const named = environment.XDG_STATE_HOME
  if (named?.startsWith('/')) return join(named, 'folkmoot')
  return platform === 'darwin'
    ? join(home, 'Library', 'Application Support', 'folkmoot')
    : join(home, '.local', 'state', 'folkmoot')
}

/** The relay's ed25519 key, mode 0600. */
export function keyFile(state: string): string {
  return join(state, 'key.pem')
}

/** Address and token of the running relay, mode 0600. */
export function adminFile(state: string): string {
  return join(state, 'admin.json')
}
