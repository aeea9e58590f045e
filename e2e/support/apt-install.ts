/**
 * Installs a Debian package for the tests, where this machine lets us.
 *
 * @module
 */
import { type SpawnSyncOptions, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const apt = '/usr/bin/apt-get'

/** False where it cannot be had: not Linux, not root, no apt, or apt fails. */
export function aptInstall(name: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync(apt)) return false
  console.error(`folkmoot: installing ${name} with apt-get…`)
  const options: SpawnSyncOptions = {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }
  const install = ['install', '-y', '--no-install-recommends', name]
  if (spawnSync(apt, install, options).status === 0) return true
  spawnSync(apt, ['update'], options)
  return spawnSync(apt, install, options).status === 0
}
